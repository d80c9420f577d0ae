"""Profiles and following: /profiles/<username>, /profiles/<username>/follow."""

import sqlalchemy
from flask import Blueprint, jsonify
from sqlalchemy.dialects.postgresql import insert

from conduit import current, failures, identity, output
from conduit.tables import Follow, User

blueprint = Blueprint("profiles", __name__)


@blueprint.get("/profiles/<username>")
def show(username: str):
    reader = identity.user_if_any()
    user = find(username)
    return jsonify({"profile": output.profile(user, follows(reader, user))})


@blueprint.post("/profiles/<username>/follow")
def follow(username: str):
    reader = identity.user_required()
    user = find(username)
    session = current.session()
    session.execute(insert(Follow).values(follower_id=reader.id, followed_id=user.id).on_conflict_do_nothing())
    session.commit()
    return jsonify({"profile": output.profile(user, True)})


@blueprint.delete("/profiles/<username>/follow")
def unfollow(username: str):
    reader = identity.user_required()
    user = find(username)
    session = current.session()
    session.execute(sqlalchemy.delete(Follow).filter_by(follower_id=reader.id, followed_id=user.id))
    session.commit()
    return jsonify({"profile": output.profile(user, False)})


def find(username: str) -> User:
    user = current.session().scalar(sqlalchemy.select(User).where(User.username == username))
    if user is None:
        raise failures.not_found("profile")
    return user


def follows(reader: User | None, user: User) -> bool:
    return reader is not None and current.session().get(Follow, (reader.id, user.id)) is not None
