"""The connection pool, and the tables as soon as there is a database to hold them.

Nothing here runs at start: a task may well be up before its database, or before the secret has a value.
The first request that needs the database makes the tables, under a lock that replicas share. As long as
that fails each request fails with `DatabaseUnavailable`, and the first that succeeds ends it.
"""

import logging
import secrets
import threading
import time

import psycopg
import sqlalchemy
from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from conduit.secret import DatabaseSecret, SecretUnavailable
from conduit.tables import Base, SigningKey

log = logging.getLogger("conduit.database")

# Any number, the same in every replica: pg_advisory_xact_lock's name for "making Conduit's tables".
SCHEMA_LOCK = 7_226_483_190_551

CONNECT_TIMEOUT_S = 2
# How long a server that has vanished without a word keeps a thread waiting.
SILENCE_TIMEOUT_MS = 10_000


class DatabaseUnavailable(Exception):
    """There is no database to talk to now. The text may be shown to a caller; the log has the rest."""


class Database:
    def __init__(self, secret: DatabaseSecret, threads: int):
        self.secret = secret
        self.preparing = threading.Lock()
        self.signing_key: str | None = None
        self.failed_at_s = 0.0
        self.last_failure = ""
        # Few connections are kept, since replicas share the server's limit; no thread ever waits for one.
        self.engine = sqlalchemy.create_engine(
            "postgresql+psycopg://",
            creator=self._connect,
            pool_size=2,
            max_overflow=threads,
            pool_pre_ping=True,
            pool_recycle=1800,
        )

    def session(self) -> Session:
        """A session on a database whose tables are there. Nothing is kept unless it is committed."""
        self.prepare()
        return Session(self.engine, expire_on_commit=False)

    def check(self) -> None:
        """Raises DatabaseUnavailable unless the database answers."""
        self.prepare()
        try:
            with self.engine.connect() as connection:
                connection.execute(text("SELECT 1"))
        except sqlalchemy.exc.SQLAlchemyError as error:
            raise self.unavailable(error) from error
        if self.last_failure:
            self.last_failure = ""
            log.info("the database answers again")

    def prepare(self) -> str:
        """Makes what is missing in the database, once for each process. Returns the key for tokens."""
        came_at_s = time.monotonic()
        with self.preparing:
            if self.signing_key is not None:
                return self.signing_key
            if self.failed_at_s > came_at_s:
                # Another thread tried while this one waited. Trying one by one, each with a timeout of its
                # own, would keep /health from answering in time.
                raise DatabaseUnavailable("the database does not answer")
            try:
                self.signing_key = make_tables(self.engine)
            except sqlalchemy.exc.SQLAlchemyError as error:
                raise self.unavailable(error) from error
            finally:
                self.failed_at_s = time.monotonic() if self.signing_key is None else 0.0
            log.info("the database is ready")
            self.last_failure = ""
            return self.signing_key

    def forget_tables(self) -> None:
        """Someone has dropped them, or the whole database: the next request makes them again."""
        self.signing_key = None

    def unavailable(self, error: sqlalchemy.exc.SQLAlchemyError) -> DatabaseUnavailable:
        """Logs why a statement failed and returns the words for the caller."""
        cause = getattr(error, "orig", None) or error
        self._log_once(f"{type(cause).__name__}: {cause}")
        return DatabaseUnavailable(f"the database does not answer ({type(cause).__name__})")

    def _connect(self) -> psycopg.Connection:
        """One new connection. After a refusal the secret is read again: the password may be a new one."""
        try:
            tried = self.secret.credentials()
            try:
                return open_connection(tried)
            except psycopg.OperationalError:
                self.secret.forget()
                if (newest := self.secret.credentials()) == tried:
                    raise
                return open_connection(newest)
        except SecretUnavailable as error:
            self._log_once(str(error))
            raise DatabaseUnavailable(error.summary) from error

    def _log_once(self, reason: str) -> None:
        """A load balancer asks every few seconds; the same reason is worth one line, not hundreds."""
        if reason != self.last_failure:
            self.last_failure = reason
            log.warning("the database is not available: %s", " ".join(reason.split()))


def open_connection(credentials) -> psycopg.Connection:
    return psycopg.connect(
        host=credentials.host,
        port=credentials.port,
        user=credentials.username,
        password=credentials.password,
        dbname=credentials.dbname,
        connect_timeout=CONNECT_TIMEOUT_S,
        tcp_user_timeout=SILENCE_TIMEOUT_MS,
        application_name="conduit",
    )


def make_tables(engine: sqlalchemy.Engine) -> str:
    """Creates what is missing in one transaction, one replica at a time. Returns the signing key."""
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL lock_timeout = '10s'"))
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": SCHEMA_LOCK})
        Base.metadata.create_all(connection)
        fresh = insert(SigningKey).values(id=1, key=secrets.token_hex(32))
        connection.execute(fresh.on_conflict_do_nothing())
        return connection.execute(sqlalchemy.select(SigningKey.key)).scalar_one()
