"""A PostgreSQL server and a Secrets Manager for the tests, both real enough to be talked to over the network.

The server is initdb's, in a temporary directory, on a port that the system chose. The Secrets Manager is a few
lines of HTTP, so that boto3 itself is in the test and can be told to fail.
"""

import contextlib
import glob
import http.server
import json
import os
import pathlib
import pwd
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import threading

import psycopg
import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
sys.dont_write_bytecode = True

from conduit import application, settings  # noqa: E402

SECRET_ARN = "arn:aws:secretsmanager:us-west-2:123456789012:secret:realworld-test-db-AbCdEf"


def postgres_program(name: str) -> str:
    found = shutil.which(name) or next(iter(sorted(glob.glob(f"/usr/lib/postgresql/*/bin/{name}"))[::-1]), None)
    if not found:
        pytest.exit(f"{name} is missing: install PostgreSQL's server (Debian: postgresql)", returncode=2)
    return found


def someone_else() -> dict:
    """PostgreSQL refuses to run as root: the account to run it as, for subprocess."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            account = pwd.getpwnam(name)
            return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    pytest.exit("there is neither a user postgres nor a user nobody to run PostgreSQL as", returncode=2)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class PostgresServer:
    """One server with one superuser. It can be stopped and started again, on the same port."""

    def __init__(self, directory: pathlib.Path):
        self.directory = directory
        self.password = secrets.token_hex(8)
        self.port = free_port()
        self.account = someone_else()
        if self.account:
            os.chown(directory, self.account["user"], self.account["group"])
        password_file = directory / "password"
        password_file.write_text(self.password)
        os.chmod(password_file, 0o644)
        self._run("initdb", "-D", directory / "data", "-U", "conduit", "--auth=scram-sha-256",
                  f"--pwfile={password_file}", "--no-sync", "--encoding=UTF8", "--locale=C.UTF-8")  # fmt: skip

    def start(self) -> None:
        options = f"-p {self.port} -h 127.0.0.1 -k {self.directory} -c fsync=off -c max_connections=60"
        self._run("pg_ctl", "-D", self.directory / "data", "-l", self.directory / "log", "-w", "-o", options, "start")

    def stop(self) -> None:
        self._run("pg_ctl", "-D", self.directory / "data", "-m", "immediate", "-w", "stop")

    def connect(self, dbname: str = "postgres") -> psycopg.Connection:
        return psycopg.connect(host="127.0.0.1", port=self.port, user="conduit", password=self.password,
                               dbname=dbname, autocommit=True)  # fmt: skip

    def secret(self, dbname: str) -> dict:
        return {
            "username": "conduit",
            "password": self.password,
            "host": "127.0.0.1",
            "port": self.port,
            "dbname": dbname,
        }

    def _run(self, program: str, *arguments) -> None:
        # To a file: the started server keeps the descriptor, and a pipe would never end.
        output = self.directory / "output"
        with open(output, "wb") as file:
            done = subprocess.run([postgres_program(program), *map(str, arguments)], cwd=self.directory,
                                  stdout=file, stderr=file, **self.account)  # fmt: skip
        assert done.returncode == 0, output.read_text()


class SecretsManager:
    """GetSecretValue of one secret. `value` None is the state before the secret has its first version."""

    def __init__(self):
        self.value: dict | None = None
        self.reads = 0
        manager = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                wanted = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                assert self.headers["X-Amz-Target"] == "secretsmanager.GetSecretValue"
                assert wanted == {"SecretId": SECRET_ARN}
                manager.reads += 1
                if manager.value is None:
                    self.reply(400, {"__type": "ResourceNotFoundException", "Message": "no version AWSCURRENT"})
                else:
                    self.reply(200, {"ARN": SECRET_ARN, "SecretString": json.dumps(manager.value)})

            def reply(self, status, document):
                body = json.dumps(document).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/x-amz-json-1.1")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def environment(self) -> dict:
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_DEFAULT_REGION": "us-west-2",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "DB_SECRET_ARN": SECRET_ARN,
        }


@pytest.fixture(scope="session")
def postgres():
    # Not pytest's own directory: another account must be able to reach it.
    directory = pathlib.Path(tempfile.mkdtemp(prefix="conduit-postgres-"))
    server = PostgresServer(directory)
    server.start()
    yield server
    server.stop()
    shutil.rmtree(directory)


@pytest.fixture
def dbname(postgres):
    """An empty database for one test."""
    name = "conduit_" + secrets.token_hex(4)
    with postgres.connect() as connection:
        connection.execute(f"CREATE DATABASE {name}")
    yield name
    with postgres.connect() as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.fixture
def secrets_manager():
    manager = SecretsManager()
    yield manager
    manager.server.shutdown()
    manager.server.server_close()


@pytest.fixture
def app(postgres, dbname, secrets_manager, monkeypatch):
    """The application in this process, with a database of its own."""
    secrets_manager.value = postgres.secret(dbname)
    for name, value in secrets_manager.environment().items():
        monkeypatch.setenv(name, value)
    app = application.create(settings.read())
    yield app
    app.extensions["database"].engine.dispose()


class Caller:
    """A client of the API who may be logged in."""

    def __init__(self, client, token: str | None = None):
        self.client = client
        self.headers = {"Authorization": f"Token {token}"} if token else {}

    def ask(self, method: str, path: str, body=None, status: int = 200):
        answer = self.client.open(path, method=method, json=body, headers=self.headers)
        assert answer.status_code == status, answer.text
        return answer.get_json(silent=True)

    def get(self, path, status=200):
        return self.ask("GET", path, status=status)

    def post(self, path, body=None, status=200):
        return self.ask("POST", path, body, status)

    def put(self, path, body=None, status=200):
        return self.ask("PUT", path, body, status)

    def delete(self, path, status=200):
        return self.ask("DELETE", path, status=status)


@pytest.fixture
def anyone(app):
    return Caller(app.test_client())


@pytest.fixture
def join(app, anyone):
    """join("ada") registers ada and returns her as a caller."""

    def join(name: str) -> Caller:
        body = {"user": {"username": name, "email": f"{name}@example.com", "password": f"{name}'s password"}}
        answer = anyone.post("/api/users", body, status=201)
        return Caller(app.test_client(), answer["user"]["token"])

    return join
