"""Articles: list, feed, read, publish, change, delete."""

import sqlalchemy
from flask import Blueprint, jsonify, request
from psycopg.errors import UniqueViolation
from sqlalchemy import exists, func

from conduit import current, failures, identity, input, reading, slugs
from conduit.tables import Article, Favorite, User

blueprint = Blueprint("articles", __name__)

LONGEST_TITLE = 500
LONGEST_DESCRIPTION = 2000
LONGEST_BODY = 500_000


@blueprint.get("/articles")
def show_many():
    reader = identity.user_if_any()
    limit, offset = input.page()
    conditions = []
    if tag := request.args.get("tag"):
        conditions.append(Article.tag_list.contains([tag]))
    if author := request.args.get("author"):
        conditions.append(User.username == author)
    if fan_name := request.args.get("favorited"):
        fan = sqlalchemy.orm.aliased(User)
        conditions.append(
            exists().where(Favorite.article_id == Article.id, Favorite.user_id == fan.id, fan.username == fan_name)
        )
    return jsonify(reading.page(reader, conditions, limit, offset))


@blueprint.get("/articles/feed")
def feed():
    reader = identity.user_required()
    limit, offset = input.page()
    return jsonify(reading.page(reader, [reading.follows_author(reader, Article.author_id)], limit, offset))


@blueprint.get("/articles/<slug>")
def show(slug: str):
    return jsonify(reading.one(identity.user_if_any(), slug))


@blueprint.post("/articles")
def publish():
    author = identity.user_required()
    body = input.Body("article")
    article = Article(
        author_id=author.id,
        title=body.text("title", LONGEST_TITLE, trim=True),
        description=body.text("description", LONGEST_DESCRIPTION),
        body=body.text("body", LONGEST_BODY),
    )
    tags = body.tags_if_given("tagList")
    body.done()
    article.tag_list = [] if tags is input.MISSING else tags
    save_with_slug(article)
    return jsonify(reading.one(author, article.slug)), 201


@blueprint.put("/articles/<slug>")
def update(slug: str):
    reader = identity.user_required()
    article = own(reader, slug)
    body = input.Body("article")
    changes = {
        "title": body.text_if_given("title", LONGEST_TITLE, trim=True),
        "description": body.text_if_given("description", LONGEST_DESCRIPTION),
        "body": body.text_if_given("body", LONGEST_BODY),
        "tag_list": body.tags_if_given("tagList"),
    }
    body.done()
    retitled = changes["title"] not in (input.MISSING, article.title)
    for name, value in changes.items():
        if value is not input.MISSING:
            setattr(article, name, value)
    article.updated_at = func.clock_timestamp()
    if retitled:
        save_with_slug(article)
    else:
        current.session().commit()
    return jsonify(reading.one(reader, article.slug))


@blueprint.delete("/articles/<slug>")
def delete(slug: str):
    article = own(identity.user_required(), slug)
    current.session().delete(article)
    current.session().commit()
    return "", 204


def own(reader: User, slug: str) -> Article:
    article = reading.find(slug)
    if article.author_id != reader.id:
        raise failures.forbidden("article")
    return article


def save_with_slug(article: Article) -> None:
    """Commits the article under its title's slug or, where that is taken, under one with a random end."""
    session = current.session()
    title = article.title
    try:
        with session.begin_nested():
            article.slug = slugs.slug_for(title)
            session.add(article)
    except sqlalchemy.exc.IntegrityError as error:
        if not isinstance(error.orig, UniqueViolation):
            raise
        article.slug = slugs.another_slug_for(title)
        session.add(article)
    session.commit()
