"""ECS Exec: sessions in containers, by the plugin's protocol and by `neargate exec`."""

import json
import os
import pty
import select
import subprocess
import time
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.exceptions import ClientError

from conftest import wait_for
from runner import Runner, allow
from session_client import Session, WebSocket

SLEEPER = {"command": ["sh", "-c", "trap 'exit 0' TERM; while true; do sleep 0.1; done"], "stopTimeout": 5}


@pytest.fixture(scope="module")
def runner(neargate):
    return Runner(neargate, cluster="exec", cidr="10.32")


@pytest.fixture(scope="module")
def task(runner):
    """A running task with ECS Exec, whose container has a user of its own and a read-only root."""
    role = runner.make_role("exec-task")
    container = {**SLEEPER, "user": "1000", "readonlyRootFilesystem": True}
    container["environment"] = [{"name": "COLOUR", "value": "blue"}]
    definition = runner.register(container, family="exec", taskRoleArn=role)
    arn = runner.run(definition, enableExecuteCommand=True)["tasks"][0]["taskArn"]
    runner.wait(arn, "RUNNING")
    yield arn
    runner.stop(arn)


def execute(runner, task, command="/bin/sh", **more):
    request = {"cluster": runner.cluster, "task": task, "command": command, "interactive": True, **more}
    return runner.ecs.execute_command(**request)


def processes(neargate, task, wanted):
    """How many processes of a command are in the task's container."""
    listed = neargate.command("exec", task, "--", "ps", "-o", "args")
    return listed.replace("\r", "").split("\n").count(wanted)


def test_a_shell_over_the_plugins_channel(runner, task):
    answer = execute(runner, task)
    assert answer["containerName"] == "main" and answer["taskArn"] == task and answer["interactive"]
    assert answer["session"]["sessionId"].startswith("ecs-execute-command-")
    session = Session(answer["session"])
    [action] = session.agent["RequestedClientActions"]
    assert action["ActionParameters"]["SessionType"] == "InteractiveCommands"
    session.resize(101, 33)
    session.type("stty size; id -u; echo $COLOUR $TERM; echo d''one\r")
    printed = session.until("done")
    for wanted in ("33 101", "\r\n0\r\n", "blue xterm-256color"):
        assert wanted in printed, printed
    session.type("echo st''arted; sleep 777\r")
    session.until("started")
    session.type("\x03")
    session.type("echo a''fter\r")
    session.until("after")
    session.type("exit\r")
    session.to_the_end()


def test_a_command_with_its_words(runner, task):
    session = Session(execute(runner, task, """sh -c 'echo "one  two"; exit 3'""")["session"])
    assert session.to_the_end().strip() == "one  two"


def test_much_output_comes_whole_and_in_order(runner, task):
    session = Session(execute(runner, task, "seq 1 20000")["session"])
    assert session.to_the_end().split() == [str(n) for n in range(1, 20001)]


def test_what_the_client_drops_comes_again(runner, task):
    session = Session(execute(runner, task, "echo late")["session"], drop_first=True)
    assert session.to_the_end().strip() == "late"


def test_a_command_that_is_not_there(runner, task):
    session = Session(execute(runner, task, "/bin/bash")["session"])
    assert session.to_the_end() == ""
    why = "Unable to start command: Failed to start pty: fork/exec /bin/bash: no such file or directory"
    assert session.closed["Output"] == f"\n----------ERROR-------\n{why}\n"


def test_the_client_ends_the_session(neargate, runner, task):
    session = Session(execute(runner, task, "sleep 4321")["session"])
    wait_for("the process", lambda: processes(neargate, task, "sleep 4321") == 1)
    session.terminate()
    session.to_the_end()
    wait_for("its end", lambda: processes(neargate, task, "sleep 4321") == 0)


def test_a_client_comes_back_to_its_session(neargate, runner, task):
    ssm = neargate.client("ssm")
    session = Session(execute(runner, task)["session"])
    session.type("count() { for i in 1 2 3 4 5 6 7 8; do echo line $i; sleep 0.2; done; echo d''one; }\r")
    session.type("count\r")
    session.until("line 2")
    session.socket.close()
    resumed = ssm.resume_session(SessionId=session.id)
    assert resumed["SessionId"] == session.id
    session.open(resumed["StreamUrl"], resumed["TokenValue"])
    rest = session.until("done")
    assert [f"line {n}" for n in range(3, 9)] == [line for line in rest.split("\r\n") if line.startswith("line")]
    # What was typed last comes through, and the old token opens nothing.
    session.type("echo st''ill\r")
    session.until("still")
    socket = WebSocket(resumed["StreamUrl"])
    socket.send(json.dumps({"TokenValue": "nonsense"}).encode(), 1)
    assert socket.receive() is None
    session.type("exit\r")
    session.to_the_end()
    ended = lambda: "TokenValue" not in ssm.resume_session(SessionId=session.id)
    wait_for("the session's end", ended)
    with pytest.raises(ssm.exceptions.DoesNotExistException):
        ssm.resume_session(SessionId="ecs-execute-command-00000000000000000")


def test_a_session_without_its_client_goes_on_until_somebody_ends_it(neargate, runner, task):
    session = Session(execute(runner, task, "sleep 1234")["session"])
    wait_for("the process", lambda: processes(neargate, task, "sleep 1234") == 1)
    session.socket.close()
    time.sleep(1)
    assert processes(neargate, task, "sleep 1234") == 1
    neargate.client("ssm").terminate_session(SessionId=session.id)
    wait_for("its end", lambda: processes(neargate, task, "sleep 1234") == 0)


def test_neargate_exec_ends_its_process_when_it_is_killed(neargate, task):
    env = {**os.environ, "NEARGATE_PORT": str(neargate.port), "NEARGATE_DATA": str(neargate.data)}
    command = subprocess.Popen([neargate.binary, "exec", task, "--", "sleep", "2345"], env=env, stdin=subprocess.PIPE)
    wait_for("the process", lambda: processes(neargate, task, "sleep 2345") == 1)
    command.kill()
    command.wait()
    command.stdin.close()
    wait_for("its end", lambda: processes(neargate, task, "sleep 2345") == 0)


def test_a_session_is_opened_by_its_own_token_alone(runner, task):
    one, other = execute(runner, task)["session"], execute(runner, task)["session"]
    opened = Session(execute(runner, task)["session"])
    session = execute(runner, task, "true")["session"]
    Session(session).to_the_end()
    for url, token in (
        (one["streamUrl"], "nonsense"),
        (one["streamUrl"], other["tokenValue"]),
        # Once, also when it is over.
        (session["streamUrl"], session["tokenValue"]),
    ):
        socket = WebSocket(url)
        socket.send(json.dumps({"TokenValue": token}).encode(), 1)
        assert socket.receive() is None
        socket.close()
    opened.terminate()
    opened.to_the_end()


def refused(runner, task, **more):
    with pytest.raises(ClientError) as error:
        execute(runner, task, **more)
    return error.value.response["Error"]["Code"], error.value.response["Error"]["Message"]


def test_what_cannot_be_executed(runner, task):
    assert refused(runner, task, interactive=False) == (
        "InvalidParameterException",
        "Interactive is the only mode supported currently.",
    )
    assert refused(runner, "f" * 32)[0] == "InvalidParameterException"
    assert "has no container other. It has: main." in refused(runner, task, container="other")[1]
    assert refused(runner, task, cluster="nowhere")[0] == "ClusterNotFoundException"
    without = runner.start(SLEEPER)
    runner.wait(without, "RUNNING")
    code, why = refused(runner, without)
    assert code == "InvalidParameterException" and "execute command was not enabled when the task was run" in why
    runner.stop(without)


def test_the_agent_is_shown(runner, task):
    [agent] = runner.describe(task)["containers"][0]["managedAgents"]
    assert (agent["name"], agent["lastStatus"]) == ("ExecuteCommandAgent", "RUNNING")


def test_a_container_that_has_ended_is_not_connected(runner):
    role = runner.make_role("exec-two")
    short = {"name": "short", "command": ["true"], "essential": False}
    definition = runner.register(SLEEPER, short, family="two", taskRoleArn=role)
    arn = runner.run(definition, enableExecuteCommand=True)["tasks"][0]["taskArn"]
    ended = lambda: [c for c in runner.describe(arn)["containers"] if c["lastStatus"] == "STOPPED"]
    runner.wait(arn, "RUNNING")
    wait_for("the container's end", ended)
    assert refused(runner, arn, container="short")[0] == "TargetNotConnectedException"
    assert "several containers: main, short" in refused(runner, arn)[1]
    runner.stop(arn)


def exec_command(neargate, *arguments, **more):
    env = {**os.environ, "NEARGATE_PORT": str(neargate.port), "NEARGATE_DATA": str(neargate.data)}
    return subprocess.run([neargate.binary, "exec", *arguments], env=env, capture_output=True, timeout=60, **more)


def test_neargate_exec_passes_output_input_and_exit_code(neargate, task):
    task_id = task.rsplit("/", 1)[1]
    done = exec_command(neargate, task_id[:10], "--", "sh", "-c", "echo to $0 $1; exit 7", "a b", "c")
    assert (done.returncode, done.stdout.strip()) == (7, b"to a b c")
    typed = exec_command(neargate, task, "-c", "main", "--", "sh", "-c", "stty -echo; tr a-z A-Z", input=b"from here\n")
    assert typed.returncode == 0 and b"FROM HERE" in typed.stdout
    typed = exec_command(neargate, task, "--", "sh", "-c", "stty -echo; tr a-z A-Z", input=b"no end of a line")
    assert typed.returncode == 0 and b"NO END OF A LINE" in typed.stdout
    assert exec_command(neargate, task, "--", "/nothing").returncode == 127
    unknown = exec_command(neargate, "f" * 32, "--", "true")
    assert unknown.returncode == 1 and b"there is no task ffff" in unknown.stderr


def test_a_session_that_a_task_opens(neargate, runner, task):
    """With its own credentials a task gets an address that it reaches."""
    rights = allow(["ecs:ExecuteCommand"], "*")
    runner.iam.put_role_policy(RoleName="exec-task", PolicyName="own", PolicyDocument=rights)
    inside = lambda script: neargate.command("exec", task, "--", "sh", "-c", script)
    mine = json.loads(inside("wget -qO- http://169.254.170.2$AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"))
    ecs = boto3.client(
        "ecs",
        region_name="us-west-2",
        endpoint_url=neargate.endpoint,
        aws_access_key_id=mine["AccessKeyId"],
        aws_secret_access_key=mine["SecretAccessKey"],
        aws_session_token=mine["Token"],
    )
    answer = ecs.execute_command(cluster="exec", task=task, command="true", interactive=True)["session"]
    url = urlsplit(answer["streamUrl"])
    assert (url.hostname, url.port) == ("169.254.170.2", neargate.port)
    lines = [f"GET {url.path} HTTP/1.1", f"Host: {url.netloc}", "Connection: Upgrade", "Upgrade: websocket"]
    lines += ["Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==", "", ""]
    request = "\\r\\n".join(lines)
    answered = inside(f"(printf '{request}'; sleep 1) | nc {url.hostname} {url.port}")
    assert "101 Switching Protocols" in answered


def test_neargate_exec_gives_its_terminal_to_the_process(neargate, task):
    pid, terminal = pty.fork()
    if pid == 0:
        env = {**os.environ, "NEARGATE_PORT": str(neargate.port), "NEARGATE_DATA": str(neargate.data)}
        os.execve(neargate.binary, [neargate.binary, "exec", task, "--", "sh"], env)
    seen = b""

    def until(text):
        nonlocal seen
        deadline = time.monotonic() + 20
        while text not in seen:
            assert time.monotonic() < deadline, seen
            if select.select([terminal], [], [], 0.2)[0]:
                seen += os.read(terminal, 4096)

    until(b"# ")
    os.write(terminal, b"sleep 888\r")
    time.sleep(0.5)
    # ^C ends what runs there, and not the command here.
    os.write(terminal, b"\x03")
    os.write(terminal, b"echo st''ill; exit 5\r")
    until(b"still")
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 5
    os.close(terminal)
