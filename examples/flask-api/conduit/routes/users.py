"""Registration, login, and the user who is asking: /users, /users/login, /user."""

import sqlalchemy
from flask import Blueprint, jsonify
from psycopg.errors import UniqueViolation
from sqlalchemy.orm import Session

from conduit import current, failures, identity, output
from conduit.input import MISSING, Body
from conduit.tables import User

blueprint = Blueprint("users", __name__)

LONGEST_NAME = 100
LONGEST_EMAIL = 254
LONGEST_PASSWORD = 1000
LONGEST_BIO = 10_000
LONGEST_IMAGE = 2000


@blueprint.post("/users")
def register():
    body = Body("user")
    user = User(
        username=body.text("username", LONGEST_NAME, trim=True),
        email=email(body, body.text("email", LONGEST_EMAIL, trim=True)),
    )
    password = body.text("password", LONGEST_PASSWORD)
    body.done()
    user.password_hash = identity.hash_password(password)
    session = current.session()
    session.add(user)
    commit_unless_taken(session)
    return jsonify({"user": output.user(user)}), 201


@blueprint.post("/users/login")
def log_in():
    body = Body("user")
    address = body.text("email", LONGEST_EMAIL, trim=True).lower()
    password = body.text("password", LONGEST_PASSWORD)
    body.done()
    user = current.session().scalar(sqlalchemy.select(User).where(User.email == address))
    if not identity.password_is(user, password):
        raise failures.unauthorized("email or password is invalid")
    return jsonify({"user": output.user(user)})


@blueprint.get("/user")
def show():
    return jsonify({"user": output.user(identity.user_required())})


@blueprint.put("/user")
def update():
    user = identity.user_required()
    body = Body("user")
    changes = {
        "username": body.text_if_given("username", LONGEST_NAME, trim=True),
        "email": body.text_if_given("email", LONGEST_EMAIL, trim=True),
        "bio": body.nullable_text_if_given("bio", LONGEST_BIO),
        "image": body.nullable_text_if_given("image", LONGEST_IMAGE),
    }
    if changes["email"] is not MISSING:
        changes["email"] = email(body, changes["email"])
    password = body.text_if_given("password", LONGEST_PASSWORD)
    body.done()
    for name, value in changes.items():
        if value is not MISSING:
            setattr(user, name, value)
    if password is not MISSING:
        user.password_hash = identity.hash_password(password)
    commit_unless_taken(current.session())
    return jsonify({"user": output.user(user)})


def email(body: Body, address: str) -> str:
    """An address as it is stored. Only the receiving server knows more than whether it has an @."""
    name, _, host = address.rpartition("@")
    if address and not (name and host):
        body.messages.append("email is invalid")
    return address.lower()


def commit_unless_taken(session: Session) -> None:
    """The database decides who was first: two replicas may be asked for one name at the same time."""
    try:
        session.commit()
    except sqlalchemy.exc.IntegrityError as error:
        session.rollback()
        if not isinstance(error.orig, UniqueViolation):
            raise
        what = "email" if "email" in (error.orig.diag.constraint_name or "") else "username"
        raise failures.invalid(f"{what} has already been taken") from None
