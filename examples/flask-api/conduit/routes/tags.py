"""Tags in use: /tags."""

from flask import Blueprint, jsonify
from sqlalchemy import func, select

from conduit import current
from conduit.tables import Article

blueprint = Blueprint("tags", __name__)


@blueprint.get("/tags")
def show_many():
    each = select(func.unnest(Article.tag_list).label("tag")).subquery()
    query = select(each.c.tag).group_by(each.c.tag).order_by(func.count().desc(), each.c.tag)
    return jsonify({"tags": current.session().scalars(query).all()})
