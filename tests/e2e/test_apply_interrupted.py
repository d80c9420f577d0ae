"""`neargate apply` and `destroy`, killed at one API call after the other: the next run ends where one would
have that nobody killed, with nothing orphaned and nothing there twice.

A proxy between the command and the cloud counts the calls that change something, and kills the command at
one of them: before the cloud gets it, or after the cloud has done it and before the command hears of it.

Each third call is tried; DIFFER=all tries each.
"""

import collections
import contextlib
import http.client
import http.server
import os
import re
import shutil
import signal
import subprocess
import threading
from pathlib import Path

import pytest

import differ
import traces
import world
from conftest import Neargate

# How many calls lie between two that are tried.
STRIDE = 1 if os.environ.get("DIFFER") == "all" else 3


class Proxy:
    """Passes calls on one at a time, and kills `victim` at the one that `at` says."""

    def __init__(self, port):
        proxy = self
        self.lock = threading.Lock()
        self.calls = []
        self.at = self.victim = self.after = None

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            # Or the body of each answer waits 40 ms for the client to have noted its headers.
            disable_nagle_algorithm = True

            def pass_on(self):
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                with proxy.lock:
                    answer = proxy.answer(self, body, port)
                if answer is None:
                    self.close_connection = True
                    return
                status, headers, content = answer
                self.send_response_only(status)
                for name, value in headers:
                    if name.lower() not in ("transfer-encoding", "content-length", "connection"):
                        self.send_header(name, value)
                self.send_header("content-length", str(len(content)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(content)

            do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = pass_on

            def log_message(self, *arguments):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def port(self):
        return self.server.server_address[1]

    def answer(self, request, body, port):
        is_it = False
        if changes(request, body):
            self.calls.append(name(request, body))
            is_it = len(self.calls) == self.at
        if is_it and not self.after:
            self.kill()
            return None
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        connection.request(request.command, request.path, body, dict(request.headers))
        answer = connection.getresponse()
        content = answer.read()
        if is_it:
            self.kill()
            return None
        return answer.status, answer.getheaders(), content

    def kill(self):
        self.victim.send_signal(signal.SIGKILL)
        self.victim.wait()

    def count(self, at=None, after=False):
        self.calls, self.at, self.after = [], at, after


def name(request, body):
    """Of the operation."""
    target = request.headers.get("x-amz-target")
    if target:
        return target.rsplit(".", 1)[1]
    for pair in body.decode(errors="replace").split("&"):
        if pair.startswith("Action="):
            return pair.removeprefix("Action=")
    return f"{request.command} {request.path}"


def changes(request, body):
    operation = name(request, body)
    return not operation.startswith(("Describe", "Get", "List", "GET ", "HEAD "))


class Killed:
    """The stack, and its commands with and without an end of their own."""

    def __init__(self, directory, stack):
        self.neargate = Neargate(directory)
        self.neargate.start()
        self.proxy = Proxy(self.neargate.port)
        self.directory = directory / "stack"
        shutil.copytree(Path(__file__).parent / stack, self.directory)
        self.at_first = differ.what_there_is(self.neargate)

    def run(self, verb, at=None, after=False):
        """Runs a command, killed at a call or to its end; gives the calls that it made."""
        self.proxy.count(at, after)
        command = [self.neargate.binary, verb, str(self.directory), "-auto-approve", "--parallelism=1"]
        command.append(f"--port={self.proxy.port}")
        env = self.neargate.environment()
        running = subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.proxy.victim = running
        try:
            told, _ = running.communicate(timeout=120)
        finally:
            running.kill()
        expected = 0 if at is None else -signal.SIGKILL
        assert running.returncode == expected, f"{verb} killed at {at}: {running.returncode}\n{told}"
        return list(self.proxy.calls)

    def world(self):
        kinds = collections.defaultdict(list)
        for kind, found in differ.what_there_is(self.neargate):
            kinds[kind].append(found)
        # A family's revisions are counted on, whatever became of those before.
        return [re.sub(r'(/interrupted:|"revision": )\d+', r"\1N", line) for line in world.lines(kinds)]

    def is_gone(self):
        left = [found for found in differ.what_there_is(self.neargate) if found not in self.at_first]
        assert left == [], left


@contextlib.contextmanager
def stack(directory, name):
    killed = Killed(directory, name)
    try:
        yield killed
    finally:
        killed.neargate.down()
        traces.assert_none(killed.neargate)
        shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture(scope="module")
def killed(tmp_path_factory):
    with stack(tmp_path_factory.mktemp("interrupted"), "interrupted") as killed:
        yield killed


@pytest.fixture
def unnamed(tmp_path):
    with stack(tmp_path, "unnamed") as killed:
        yield killed


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_killed_run_is_gone_on_with(killed, after):
    made = killed.run("apply")
    whole = killed.world()
    destroyed = killed.run("destroy")
    killed.is_gone()
    wrong = []
    for at in range(1 + STRIDE // 2, max(len(made), len(destroyed)) + 1, STRIDE):
        if at <= len(made):
            killed.run("apply", at, after)
        killed.run("apply")
        difference = differ.difference(whole, killed.world())
        if difference:
            wrong.append(f"apply killed at {at}, {made[at - 1]}:\n{difference}")
        if at <= len(destroyed):
            killed.run("destroy", at, after)
        killed.run("destroy")
        killed.is_gone()
    assert not wrong, "\n".join(wrong)


def test_what_was_made_without_a_name_is_found(unnamed):
    made = unnamed.run("apply")
    whole = unnamed.world()
    unnamed.run("destroy")
    wrong = []
    for at, call in enumerate(made, 1):
        if not re.match(r"Create(?!Vpc|Subnet|Listener)|Request|Put|PUT ", call):
            continue
        unnamed.run("apply", at, after=True)
        unnamed.run("apply")
        difference = differ.difference(whole, unnamed.world())
        if difference:
            wrong.append(f"killed at {at}, {call}:\n{difference}")
        unnamed.run("destroy")
    unnamed.is_gone()
    assert not wrong, "\n".join(wrong)
