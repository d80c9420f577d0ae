"""Sessions of ECS Exec with AWS's own session-manager-plugin, where it is installed."""

import json
import os
import pty
import re
import select
import shutil
import socket
import threading
import time
from urllib.parse import urlsplit

import pytest

from runner import Runner, allow
from test_exec import SLEEPER, execute

pytestmark = pytest.mark.skipif(
    not shutil.which("session-manager-plugin"),
    reason="AWS's session-manager-plugin is not on PATH; test_exec.py has the same protocol by a client of ours",
)


@pytest.fixture(scope="module")
def runner(neargate):
    return Runner(neargate, cluster="exec-plugin", cidr="10.34")


@pytest.fixture(scope="module")
def task(runner):
    role = runner.make_role("exec-plugin-task", allow(["kms:Decrypt"], "*"))
    definition = runner.register(SLEEPER, family="exec-plugin", taskRoleArn=role)
    arn = runner.run(definition, enableExecuteCommand=True)["tasks"][0]["taskArn"]
    runner.wait(arn, "RUNNING")
    yield arn
    runner.stop(arn)


class Terminal:
    """A command with a terminal of its own."""

    def __init__(self, command, env):
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.execvpe(command[0], command, env)
        self.seen = b""

    def read(self, seconds):
        """False: its end."""
        if not select.select([self.terminal], [], [], seconds)[0]:
            return True
        try:
            read = os.read(self.terminal, 4096)
        except OSError:
            return False
        self.seen += read
        return bool(read)

    def until(self, text):
        deadline = time.monotonic() + 20
        while text not in self.seen:
            assert time.monotonic() < deadline and self.read(0.2), self.seen

    def type(self, text):
        os.write(self.terminal, text)

    def to_the_end(self):
        deadline = time.monotonic() + 30
        while self.read(0.2):
            assert time.monotonic() < deadline, self.seen
        os.close(self.terminal)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def aws_exec(neargate, task, command, **env):
    words = ["aws", "ecs", "execute-command", "--cluster", "exec-plugin", "--task", task, "--interactive"]
    return Terminal([*words, "--command", command], {**neargate.environment(), **env})


class Cable:
    """A way to a port that can be cut and mended."""

    def __init__(self, port):
        self.to = port
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.ends = []
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self.to))
            self.ends += [client, server]
            for one, other in ((client, server), (server, client)):
                threading.Thread(target=self.carry, args=(one, other), daemon=True).start()

    def carry(self, one, other):
        try:
            while read := one.recv(65536):
                other.sendall(read)
        except OSError:
            pass

    def cut(self):
        for end in self.ends:
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            end.close()
        self.ends = []


def test_the_aws_cli_with_its_plugin(neargate, task):
    shell = aws_exec(neargate, task, "sh -c 'echo plugged in as $(id -u)'")
    assert shell.to_the_end() == 0
    assert b"plugged in as 0" in shell.seen and b"Exiting session with sessionId" in shell.seen, shell.seen


def test_the_plugin_comes_back_to_its_session(neargate, runner, task):
    session = execute(runner, task)["session"]
    url = urlsplit(session["streamUrl"])
    cable = Cable(url.port)
    over_cable = f"ws://127.0.0.1:{cable.port}{url.path}?{url.query}"
    opened = {"SessionId": session["sessionId"], "StreamUrl": over_cable, "TokenValue": session["tokenValue"]}
    target = json.dumps({"Target": "ecs:exec-plugin"})
    command = ["session-manager-plugin", json.dumps(opened), "us-west-2", "StartSession", "", target, neargate.endpoint]
    shell = Terminal(command, neargate.environment())
    shell.until(b"# ")
    shell.type(b"for i in 1 2 3 4 5 6 7 8 9; do echo line-$i; sleep 0.3; done; echo d''one\r")
    shell.until(b"line-2\r")
    cable.cut()
    shell.until(b"done\r")
    assert re.findall(rb"line-(\d)\r", shell.seen) == [b"%d" % n for n in range(1, 10)]
    shell.type(b"exit\r")
    assert shell.to_the_end() == 0
    assert b"Exiting session with sessionId" in shell.seen, shell.seen
    cable.listener.close()


def test_the_plugin_does_not_ask_our_kms_for_a_key(neargate, runner, task):
    key = neargate.client("kms").create_key()["KeyMetadata"]["Arn"]
    runner.ecs.update_cluster(
        cluster=runner.cluster, configuration={"executeCommandConfiguration": {"kmsKeyId": key}}
    )
    shell = aws_exec(neargate, task, "echo all the same")
    assert shell.to_the_end() == 0
    assert b"This session is not encrypted" in shell.seen and b"all the same\r" in shell.seen, shell.seen
    runner.ecs.update_cluster(cluster=runner.cluster, configuration={})
