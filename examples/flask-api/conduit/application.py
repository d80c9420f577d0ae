"""Puts the Flask application together. Connects to nothing: see database.py."""

from flask import Flask, Response

from conduit import current, failures, health
from conduit.database import Database
from conduit.routes import articles, comments, favorites, profiles, tags, users
from conduit.secret import DatabaseSecret
from conduit.settings import Settings

LARGEST_BODY_BYTES = 1 << 20


def create(settings: Settings) -> Flask:
    app = Flask("conduit", static_folder=None)
    app.url_map.strict_slashes = False
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY_BYTES
    app.json.sort_keys = False
    app.json.compact = settings.is_production

    database = Database(DatabaseSecret(settings.db_secret_arn), settings.threads)
    app.extensions["settings"] = settings
    app.extensions["database"] = database
    app.teardown_appcontext(current.close_session)
    app.after_request(allow_browsers)
    failures.register(app, database)

    app.register_blueprint(health.blueprint)
    for subject in (users, profiles, articles, comments, favorites, tags):
        app.register_blueprint(subject.blueprint, url_prefix="/api")
    return app


def allow_browsers(response: Response) -> Response:
    """Front ends live on other origins; there are no cookies, so that any origin may ask."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Access-Control-Allow-Headers"] = "Authorization, Content-Type"
    response.headers["Access-Control-Allow-Methods"] = "GET, POST, PUT, DELETE, OPTIONS"
    return response
