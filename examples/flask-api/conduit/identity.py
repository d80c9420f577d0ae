"""Passwords, tokens, and who is asking.

Tokens are signed with a key that the replicas find in their database, so that a token from one is good for
all and outlives a new deployment and a rotated password. JWT_SECRET overrides it.
"""

import datetime
import functools

import jwt
from flask import current_app, request
from werkzeug.security import check_password_hash, generate_password_hash

from conduit import current, failures
from conduit.database import Database
from conduit.settings import Settings
from conduit.tables import User

ALGORITHM = "HS256"
LIFETIME = datetime.timedelta(days=60)

# The largest id of a PostgreSQL integer column.
LARGEST_ID = 2**31 - 1


def hash_password(password: str) -> str:
    return generate_password_hash(password)


def password_is(user: User | None, password: str) -> bool:
    """As slow for an unknown user as for a known one, so that time does not tell which e-mails exist."""
    known = check_password_hash(user.password_hash if user else absent_password_hash(), password)
    return known and user is not None


@functools.cache
def absent_password_hash() -> str:
    return generate_password_hash("nobody has this password")


def signing_key() -> str:
    settings: Settings = current_app.extensions["settings"]
    database: Database = current_app.extensions["database"]
    return settings.jwt_secret or database.prepare()


def token_for(user: User) -> str:
    now = datetime.datetime.now(datetime.timezone.utc)
    return jwt.encode({"sub": str(user.id), "iat": now, "exp": now + LIFETIME}, signing_key(), ALGORITHM)


def presented_token() -> str | None:
    """The token of `Authorization: Token <jwt>`; `Bearer` is taken too, as many clients send it."""
    header = request.headers.get("Authorization", "")
    if not header:
        return None
    scheme, _, token = header.partition(" ")
    if scheme.lower() not in ("token", "bearer") or not token.strip():
        raise failures.unauthorized("the Authorization header must be: Token <jwt>")
    return token.strip()


def user_if_any() -> User | None:
    """Who is asking, or None without a token. A token that is not good is refused, not ignored."""
    token = presented_token()
    if token is None:
        return None
    try:
        claims = jwt.decode(token, signing_key(), algorithms=[ALGORITHM], options={"require": ["sub", "exp"]})
        user_id = int(claims["sub"])
    except (jwt.InvalidTokenError, ValueError):
        raise failures.unauthorized("token is invalid or has expired") from None
    user = current.session().get(User, user_id) if 0 < user_id <= LARGEST_ID else None
    if user is None:
        raise failures.unauthorized("token is of a user who is not there any more")
    return user


def user_required() -> User:
    user = user_if_any()
    if user is None:
        raise failures.unauthorized("token is missing")
    return user
