"""`python app.py` as the container runs it: its start, its log, and its end."""

import http.client
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import time

import pytest

HERE = pathlib.Path(__file__).parent.parent


class Process:
    """The application on a port that the system chose, its standard output in a file."""

    def __init__(self, log: pathlib.Path, environment: dict):
        self.log = log
        path = {"PATH": os.environ["PATH"], "PORT": "0", "ENV": "prod", "PYTHONUNBUFFERED": "1"}
        with open(log, "wb") as output:
            self.process = subprocess.Popen([sys.executable, "app.py"], cwd=HERE, env=path | environment, stdout=output)
        self.port = int(self.wait_for(r"Listening at: http://0\.0\.0\.0:(\d+)").group(1))

    def wait_for(self, pattern: str) -> re.Match:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if found := re.search(pattern, self.log.read_text()):
                return found
            assert self.process.poll() is None, self.log.read_text()
            time.sleep(0.05)
        raise AssertionError(f"no {pattern!r} in\n{self.log.read_text()}")

    def ask(self, method: str, path: str, body=None, token: str | None = None) -> tuple[int, dict]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {"Content-Type": "application/json"} | ({"Authorization": f"Token {token}"} if token else {})
        connection.request(method, path, json.dumps(body) if body is not None else None, headers)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())

    def stop(self) -> int:
        self.process.terminate()
        return self.process.wait(60)


@pytest.fixture
def start(tmp_path, secrets_manager):
    """start() runs one more replica; all that still run are killed at the end."""
    started = []

    def start() -> Process:
        log = tmp_path / f"replica-{len(started)}.log"
        started.append(Process(log, secrets_manager.environment()))
        return started[-1]

    yield start
    for replica in started:
        if replica.process.poll() is None:
            os.kill(replica.process.pid, signal.SIGKILL)
            replica.process.wait()


def test_comes_up_without_a_database_and_recovers(start, postgres, dbname, secrets_manager):
    replica = start()
    for _ in range(2):
        status, answer = replica.ask("GET", "/health")
        assert (status, answer["status"]) == (503, "unhealthy")
    secrets_manager.value = postgres.secret(dbname)
    status, answer = replica.ask("GET", "/health")
    assert (status, answer["status"]) == (200, "healthy")
    assert replica.stop() == 0
    log = replica.log.read_text()
    assert log.count("the database is not available") == 1
    assert log.count("the database is ready") == 1


def test_a_token_of_one_replica_is_good_for_another(start, postgres, dbname, secrets_manager):
    secrets_manager.value = postgres.secret(dbname)
    one, other = start(), start()
    user = {"user": {"username": "ada", "email": "ada@example.com", "password": "x"}}
    status, answer = one.ask("POST", "/api/users", user)
    assert status == 201
    status, answer = other.ask("GET", "/api/user", token=answer["user"]["token"])
    assert (status, answer["user"]["username"]) == (200, "ada")


def test_logs_requests_but_not_health_checks(start, postgres, dbname, secrets_manager):
    secrets_manager.value = postgres.secret(dbname)
    replica = start()
    replica.ask("GET", "/health")
    replica.ask("GET", "/api/tags?x=1")
    replica.wait_for(r'gunicorn\.access: - "GET /api/tags\?x=1 HTTP/1\.1" 200 ')
    assert "/health" not in replica.log.read_text()


def test_stops_with_idle_connections_open(start, postgres, dbname, secrets_manager):
    secrets_manager.value = postgres.secret(dbname)
    replica = start()
    idle = http.client.HTTPConnection("127.0.0.1", replica.port, timeout=60)
    idle.request("GET", "/health")
    idle.getresponse().read()
    assert replica.stop() == 0
    assert idle.sock.recv(1) == b""


def test_finishes_what_is_under_way_when_told_to_stop(start, postgres, dbname, secrets_manager):
    secrets_manager.value = postgres.secret(dbname)
    replica = start()
    replica.ask("GET", "/health")
    client = socket.create_connection(("127.0.0.1", replica.port), timeout=60)
    with client, postgres.connect(dbname) as blocker:
        with blocker.transaction():
            blocker.execute("LOCK TABLE articles IN ACCESS EXCLUSIVE MODE")
            client.sendall(b"GET /api/tags HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            wait_until_blocked(postgres, dbname)
            replica.process.terminate()
            replica.wait_for("Handling signal: term")
        answer = client.makefile("rb").read()
    assert answer.startswith(b"HTTP/1.1 200 OK")
    assert answer.endswith(b'{"tags":[]}\n')
    assert replica.process.wait(60) == 0


def wait_until_blocked(postgres, dbname):
    with postgres.connect() as watcher:
        while not watcher.execute(
            "SELECT 1 FROM pg_stat_activity WHERE datname = %s AND wait_event_type = 'Lock'", (dbname,)
        ).fetchone():
            time.sleep(0.02)


@pytest.mark.parametrize("port", ["http", "70000"])
def test_a_port_that_is_none_is_told_at_once(port):
    done = subprocess.run(
        [sys.executable, "app.py"], cwd=HERE, env={"PORT": port}, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 1
    assert done.stderr == f"conduit: PORT is {port!r}: it must be a whole number from 0 to 65535\n"
