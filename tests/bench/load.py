"""Signed requests, repeated by wrk over a number of connections."""

import json
import re
import statistics
import subprocess
import tempfile
from typing import NamedTuple

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

REGION = "us-west-2"


class Call(NamedTuple):
    """One request that is sent again and again."""

    url: str
    headers: dict
    body: str | None


class Measured(NamedTuple):
    rate: float
    p99_ms: float

    def __str__(self):
        return f"{self.rate:,.0f}/s, p99 {self.p99_ms:.2f} ms"


def ecs(endpoint, operation, body):
    """A signed call of ECS. Its signature is good for fifteen minutes: make it shortly before."""
    return signed(endpoint, "ecs", f"AmazonEC2ContainerServiceV20141113.{operation}", "1.1", body)


def cloudwatch(endpoint, operation, body):
    """A signed call of CloudWatch."""
    return signed(endpoint, "monitoring", f"GraniteServiceVersion20100801.{operation}", "1.0", body)


def signed(endpoint, service, target, version, body):
    text = json.dumps(body)
    request = AWSRequest(
        method="POST",
        url=f"{endpoint}/",
        data=text,
        headers={"X-Amz-Target": target, "Content-Type": f"application/x-amz-json-{version}"},
    )
    SigV4Auth(Credentials("test", "test"), service, REGION).add_auth(request)
    return Call(f"{endpoint}/", dict(request.headers), text)


def run(call, connections, seconds):
    """One load. A single call that fails makes it no measurement."""
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        if call.body is not None:
            script.write('wrk.method = "POST"\n')
            script.write(f"wrk.body = {json.dumps(call.body)}\n")
        for name, value in call.headers.items():
            script.write(f"wrk.headers[{json.dumps(name)}] = {json.dumps(value)}\n")
        script.flush()
        command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "20s", "--latency"]
        done = subprocess.run(
            [*command, "-s", script.name, call.url], capture_output=True, text=True, check=True
        ).stdout
    failed = re.search(r"(Non-2xx.*|Socket errors.*)", done)
    assert not failed, f"{call.url}: {failed[1]}"
    number, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", done).groups()
    return Measured(
        float(re.search(r"Requests/sec:\s+([\d.]+)", done)[1]),
        float(number) * {"us": 0.001, "ms": 1, "s": 1000}[unit],
    )


def take_turns(calls, connections, rounds, seconds):
    """The median of each of `calls`, measured one after the other, `rounds` times."""
    seen = {name: [] for name in calls}
    for _ in range(rounds):
        for name, make in calls.items():
            seen[name].append(run(make(), connections, seconds))
    return {
        name: Measured(
            statistics.median(m.rate for m in measured),
            statistics.median(m.p99_ms for m in measured),
        )
        for name, measured in seen.items()
    }
