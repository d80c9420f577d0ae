"""A Neargate of its own for the tests, and the real clients pointed at it."""

import functools
import json
import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

import boto3
import pytest
import requests

import traces

ROOT = Path(__file__).resolve().parents[2]
REGION = "us-west-2"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(what, check, seconds=60, pause=0.2):
    """Polls until `check` gives something true, and gives it back."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            found = check()
        except (requests.RequestException, OSError):
            found = None
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"{what}: not within {seconds} s")
        time.sleep(pause)


class Neargate:
    """One running Neargate, that can be killed and started again."""

    def __init__(self, directory):
        self.binary = os.environ.get("NEARGATE_BIN", str(ROOT / "target/debug/neargate"))
        self.data = Path(directory) / "cloud"
        self.log = Path(directory) / "neargate.log"
        self.port = free_port()
        self.process = None

    @property
    def endpoint(self):
        return f"http://127.0.0.1:{self.port}"

    def start(self, *arguments):
        # As from a shell that may end before it does: what runs in containers must not see it.
        with open(self.log, "a") as log:
            self.process = subprocess.Popen(
                ["nohup", self.binary, "up", "--port", str(self.port), "--data", str(self.data), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        wait_for("neargate to be ready", self.is_ready, seconds=30, pause=0.05)

    def is_ready(self):
        if self.process.poll() is not None:
            raise AssertionError(f"neargate ended: {self.log.read_text()[-2000:]}")
        return requests.get(f"{self.endpoint}/_neargate/health", timeout=2).ok

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(timeout=30)

    def down(self):
        self.stop()
        subprocess.run([self.binary, "down", "--data", str(self.data)], check=True, timeout=120)

    def environment(self):
        env = dict(os.environ)
        env.update(
            AWS_ENDPOINT_URL=self.endpoint,
            AWS_DISABLE_HOST_PREFIX_INJECTION="true",
            AWS_ACCESS_KEY_ID="test",
            AWS_SECRET_ACCESS_KEY="test",
            AWS_REGION=REGION,
            AWS_DEFAULT_REGION=REGION,
            AWS_PAGER="",
        )
        for name in ("AWS_SESSION_TOKEN", "AWS_PROFILE"):
            env.pop(name, None)
        if not Path(env.get("TF_CLI_CONFIG_FILE", "/")).exists():
            env.pop("TF_CLI_CONFIG_FILE")
        return env

    def client(self, service):
        return boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name=REGION,
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )

    def aws(self, *arguments):
        """Runs the AWS CLI and gives what it prints, parsed if it is JSON."""
        done = subprocess.run(
            ["aws", *arguments],
            env=self.environment(),
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, f"aws {' '.join(arguments)}: {done.stderr}"
        try:
            return json.loads(done.stdout)
        except json.JSONDecodeError:
            return done.stdout.strip()

    def curl(self, url, *arguments):
        """Asks as curl does, with its own resolver and certificates."""
        command = ["curl", "-sS", "--max-time", "20", *arguments, url]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, f"curl {url}: {done.stderr}"
        return done.stdout

    def command(self, *arguments):
        """Runs another command of the binary for this Neargate."""
        env = {**os.environ, "NEARGATE_PORT": str(self.port), "NEARGATE_DATA": str(self.data)}
        done = subprocess.run([self.binary, *arguments], env=env, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def page(self, name):
        return requests.get(f"{self.endpoint}/_neargate/{name}", timeout=5).json()

    def push(self, layout, repository_url, tag="latest"):
        """Pushes an OCI layout with skopeo, signed in with ECR's token."""
        password = self.aws("ecr", "get-login-password")
        subprocess.run(
            [
                "skopeo",
                "copy",
                "--quiet",
                "--dest-tls-verify=false",
                f"--dest-creds=AWS:{password}",
                f"oci:{layout}:latest",
                f"docker://{repository_url}:{tag}",
            ],
            check=True,
            capture_output=True,
            text=True,
            timeout=300,
        )


class Terraform:
    """A copy of one configuration beside a copy of the modules, as a user has them who edits it."""

    def __init__(self, neargate, configuration, directory):
        self.neargate = neargate
        directory = Path(directory)
        left_out = shutil.ignore_patterns(".terraform*", "*.tfstate*", "*.pem")
        shutil.copytree(ROOT / "modules", directory / "modules", ignore=left_out)
        self.directory = directory / configuration
        shutil.copytree(ROOT / configuration, self.directory, ignore=left_out)
        self.env = neargate.environment()
        self.script("terraform-init", self.directory)

    def script(self, name, *arguments):
        command = [ROOT / "scripts" / name, *arguments]
        subprocess.run(command, env=self.env, check=True, capture_output=True, timeout=300)

    def edit(self, file, old, new):
        """Changes a line of the configuration by hand."""
        path = self.directory / file
        text = path.read_text()
        assert old in text, f"{file} has no {old!r}"
        path.write_text(text.replace(old, new))

    def run(self, *arguments, codes=(0,)):
        verb, *rest = arguments
        command = ["terraform", f"-chdir={self.directory}", verb, *rest]
        if arguments[0] in ("apply", "plan", "destroy"):
            command += ["-input=false", "-no-color"]
        done = subprocess.run(command, env=self.env, capture_output=True, text=True, timeout=900)
        assert done.returncode in codes, f"{' '.join(map(str, command))}:\n{done.stdout}\n{done.stderr}"
        return done

    def apply(self):
        return self.run("apply", "-auto-approve")

    def destroy(self):
        return self.run("destroy", "-auto-approve")

    def assert_plan_is_empty(self):
        planned = self.run("plan", "-detailed-exitcode", codes=(0, 2))
        assert planned.returncode == 0, planned.stdout

    def output(self, name):
        return self.run("output", "-raw", name).stdout.strip()


def load_balancer_address(neargate, name):
    """A load balancer's own address: whoever has port 80 of 127.0.0.1, the tests run in parallel."""
    for balancer in neargate.page("load-balancers")["loadBalancers"]:
        if balancer["name"] == name:
            return balancer["address"]
    raise AssertionError(f"no load balancer {name}")


@functools.cache
def image(name):
    """An OCI layout of scripts/build-image; tests/run has brought it up to date."""
    layout = ROOT / "target/images" / name
    if not (layout / "index.json").exists():
        subprocess.run([ROOT / "scripts/build-image", name, "--out", layout], check=True, capture_output=True)
    return layout


def pytest_terminal_summary(terminalreporter):
    """Shows what tests have measured: what they gave to `record_property`."""
    passed = terminalreporter.getreports("passed")
    measured = [(report.nodeid, name, value) for report in passed for name, value in report.user_properties]
    if measured:
        terminalreporter.section("measured")
    for test, name, value in measured:
        terminalreporter.write_line(f"{name} {value}  {test}")


@pytest.fixture(scope="module")
def neargate(tmp_path_factory):
    directory = tmp_path_factory.mktemp("neargate")
    running = Neargate(directory)
    running.start()
    try:
        yield running
    finally:
        running.down()
        traces.assert_none(running)
        shutil.rmtree(directory, ignore_errors=True)
