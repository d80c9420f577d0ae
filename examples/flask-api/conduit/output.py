"""The JSON shapes of the public specification: user, profile, article, comment."""

import datetime

from conduit.identity import token_for
from conduit.tables import Article, Comment, User


def moment(time: datetime.datetime) -> str:
    """As in the specification: 2016-02-18T03:22:56.637Z."""
    return time.astimezone(datetime.timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def user(row: User) -> dict:
    return {
        "email": row.email,
        "token": token_for(row),
        "username": row.username,
        "bio": row.bio,
        "image": row.image,
    }


def profile(row: User, following: bool) -> dict:
    return {"username": row.username, "bio": row.bio, "image": row.image, "following": following}


def article_in_list(row: Article, favorited: bool, favorites: int, following: bool) -> dict:
    """Lists leave out the body, which may be long."""
    return {
        "slug": row.slug,
        "title": row.title,
        "description": row.description,
        "tagList": row.tag_list,
        "createdAt": moment(row.created_at),
        "updatedAt": moment(row.updated_at),
        "favorited": favorited,
        "favoritesCount": favorites,
        "author": profile(row.author, following),
    }


def article(row: Article, favorited: bool, favorites: int, following: bool) -> dict:
    return article_in_list(row, favorited, favorites, following) | {"body": row.body}


def comment(row: Comment, following: bool) -> dict:
    return {
        "id": row.id,
        "createdAt": moment(row.created_at),
        "updatedAt": moment(row.updated_at),
        "body": row.body,
        "author": profile(row.author, following),
    }
