"""/health, for the load balancer and the container's own check: healthy only if the database answers."""

import datetime

from flask import Blueprint, current_app, jsonify

from conduit.database import Database, DatabaseUnavailable

blueprint = Blueprint("health", __name__)


@blueprint.get("/health")
def health():
    database: Database = current_app.extensions["database"]
    try:
        database.check()
    except DatabaseUnavailable as error:
        return jsonify({"status": "unhealthy", "error": str(error)}), 503
    now = datetime.datetime.now(datetime.timezone.utc)
    return jsonify({"status": "healthy", "timestamp": now.isoformat()})
