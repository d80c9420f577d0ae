"""Every error in the specification's shape: {"errors": {"body": ["what is wrong", ...]}}."""

import logging

import sqlalchemy.exc
from flask import Flask, jsonify
from psycopg.errors import UndefinedTable
from werkzeug.exceptions import HTTPException

from conduit.database import Database, DatabaseUnavailable

log = logging.getLogger("conduit")


class Refused(Exception):
    """The request can't be done; the status and the messages are the answer."""

    def __init__(self, status: int, *messages: str):
        super().__init__(*messages)
        self.status = status
        self.messages = list(messages)


def unauthorized(message: str) -> Refused:
    return Refused(401, message)


def forbidden(what: str) -> Refused:
    return Refused(403, f"{what} belongs to someone else")


def not_found(what: str) -> Refused:
    return Refused(404, f"{what} not found")


def invalid(*messages: str) -> Refused:
    return Refused(422, *messages)


def answer(status: int, messages: list):
    return jsonify({"errors": {"body": messages}}), status


def register(app: Flask, database: Database) -> None:
    @app.errorhandler(Refused)
    def refused(error: Refused):
        return answer(error.status, error.messages)

    @app.errorhandler(HTTPException)
    def http(error: HTTPException):
        if error.code is None or error.code < 400:
            return error
        body, status = answer(error.code, [error.description or error.name])
        # Such as Allow for a 405.
        for name, value in error.get_headers():
            if name not in ("Content-Type", "Content-Length"):
                body.headers[name] = value
        return body, status

    @app.errorhandler(DatabaseUnavailable)
    def database_unavailable(error: DatabaseUnavailable):
        return answer(503, [str(error)])

    @app.errorhandler(sqlalchemy.exc.DataError)
    def data(_error: sqlalchemy.exc.DataError):
        return answer(422, ["a value is not one that the database can hold"])

    @app.errorhandler(sqlalchemy.exc.OperationalError)
    @app.errorhandler(sqlalchemy.exc.InterfaceError)
    def connection_lost(error: sqlalchemy.exc.SQLAlchemyError):
        return answer(503, [str(database.unavailable(error))])

    @app.errorhandler(sqlalchemy.exc.ProgrammingError)
    def statement(error: sqlalchemy.exc.ProgrammingError):
        if isinstance(error.orig, UndefinedTable):
            database.forget_tables()
            return answer(503, [str(database.unavailable(error))])
        return unexpected(error)

    @app.errorhandler(Exception)
    def unexpected(error: Exception):
        log.error("a request failed", exc_info=error)
        return answer(500, ["something went wrong on this side"])
