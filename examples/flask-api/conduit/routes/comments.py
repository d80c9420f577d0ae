"""Comments on an article: /articles/<slug>/comments."""

from flask import Blueprint, jsonify
from sqlalchemy import literal, select
from sqlalchemy.orm import contains_eager

from conduit import current, failures, identity, output, reading
from conduit.input import Body
from conduit.tables import Comment

blueprint = Blueprint("comments", __name__)

LONGEST_COMMENT = 20_000


@blueprint.get("/articles/<slug>/comments")
def show_many(slug: str):
    reader = identity.user_if_any()
    article = reading.find(slug)
    following = literal(False) if reader is None else reading.follows_author(reader, Comment.author_id)
    query = select(Comment, following).join(Comment.author).options(contains_eager(Comment.author))
    rows = current.session().execute(query.where(Comment.article_id == article.id).order_by(Comment.id.desc()))
    return jsonify({"comments": [output.comment(*row) for row in rows]})


@blueprint.post("/articles/<slug>/comments")
def write(slug: str):
    author = identity.user_required()
    article = reading.find(slug)
    body = Body("comment")
    comment = Comment(article_id=article.id, author=author, body=body.text("body", LONGEST_COMMENT))
    body.done()
    session = current.session()
    session.add(comment)
    session.commit()
    following = session.scalar(select(reading.follows_author(author, author.id)))
    return jsonify({"comment": output.comment(comment, following)}), 201


@blueprint.delete("/articles/<slug>/comments/<int(max=2147483647):comment_id>")
def delete(slug: str, comment_id: int):
    reader = identity.user_required()
    article = reading.find(slug)
    session = current.session()
    comment = session.scalar(select(Comment).filter_by(id=comment_id, article_id=article.id))
    if comment is None:
        raise failures.not_found("comment")
    if comment.author_id != reader.id:
        raise failures.forbidden("comment")
    session.delete(comment)
    session.commit()
    return "", 204
