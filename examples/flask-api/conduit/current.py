"""The database session of the request under way."""

from flask import current_app, g
from sqlalchemy.orm import Session

from conduit.database import Database


def session() -> Session:
    """Opened when first asked for; a request that needs no database opens none."""
    if "session" not in g:
        database: Database = current_app.extensions["database"]
        g.session = database.session()
    return g.session


def close_session(_error: BaseException | None = None) -> None:
    """At the request's end. What was not committed is gone."""
    if "session" in g:
        g.pop("session").close()
