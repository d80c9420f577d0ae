"""Articles as one reader sees them: each with its author, its favorites, and what the reader has to do with it.

One query for a page and one for the count, however long the page is.
"""

import sqlalchemy
from sqlalchemy import exists, func, literal, select
from sqlalchemy.orm import contains_eager, undefer

from conduit import current, failures, output
from conduit.tables import Article, Favorite, Follow, User


def articles_for(reader: User | None):
    """Rows of (article, favorited, favorites, following), with `User` joined as the author."""
    favorites = select(func.count()).where(Favorite.article_id == Article.id).scalar_subquery()
    if reader is None:
        favorited = following = literal(False)
    else:
        favorited = exists().where(Favorite.article_id == Article.id, Favorite.user_id == reader.id)
        following = follows_author(reader, Article.author_id)
    query = select(Article, favorited, favorites, following)
    return query.join(Article.author).options(contains_eager(Article.author))


def follows_author(reader: User, author_id) -> sqlalchemy.ColumnElement[bool]:
    return exists().where(Follow.follower_id == reader.id, Follow.followed_id == author_id)


def page(reader: User | None, conditions: list, limit: int, offset: int) -> dict:
    """{"articles": [...], "articlesCount": how many there are on all pages}, newest first."""
    session = current.session()
    count = session.scalar(select(func.count()).select_from(Article).join(Article.author).where(*conditions))
    query = articles_for(reader).where(*conditions).order_by(Article.created_at.desc(), Article.id.desc())
    rows = session.execute(query.limit(limit).offset(offset))
    return {"articles": [output.article_in_list(*row) for row in rows], "articlesCount": count}


def one(reader: User | None, slug: str) -> dict:
    """{"article": {...}} with its body."""
    query = articles_for(reader).where(Article.slug == slug).options(undefer(Article.body))
    row = current.session().execute(query.execution_options(populate_existing=True)).first()
    if row is None:
        raise failures.not_found("article")
    return {"article": output.article(*row)}


def find(slug: str) -> Article:
    """The bare row, to change it or to refer to it."""
    article = current.session().scalar(select(Article).where(Article.slug == slug))
    if article is None:
        raise failures.not_found("article")
    return article
