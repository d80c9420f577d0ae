"""Favorites: /articles/<slug>/favorite. Doing either twice is as doing it once."""

import sqlalchemy
from flask import Blueprint, jsonify
from sqlalchemy.dialects.postgresql import insert

from conduit import current, identity, reading
from conduit.tables import Favorite

blueprint = Blueprint("favorites", __name__)


@blueprint.post("/articles/<slug>/favorite")
def favorite(slug: str):
    reader = identity.user_required()
    article = reading.find(slug)
    session = current.session()
    session.execute(insert(Favorite).values(user_id=reader.id, article_id=article.id).on_conflict_do_nothing())
    session.commit()
    return jsonify(reading.one(reader, slug))


@blueprint.delete("/articles/<slug>/favorite")
def unfavorite(slug: str):
    reader = identity.user_required()
    article = reading.find(slug)
    session = current.session()
    session.execute(sqlalchemy.delete(Favorite).filter_by(user_id=reader.id, article_id=article.id))
    session.commit()
    return jsonify(reading.one(reader, slug))
