"""Every operation of xtask/operations.txt, called wrongly: no 500, no panic, no hang.

The calls are derived from botocore's own models: nothing at all, every required member with a
plausible wrong reference, every member filled, values out of range, and bodies that are no input.
What is asserted is only that each gets an answer that blames the caller (or succeeds): which error
it is, the services' own tests tell.
"""

import json
import re
from pathlib import Path

import botocore.config
import botocore.exceptions
import boto3
import pytest

from conftest import REGION, ROOT

ACCOUNT = "000000000000"
# Recursive shapes end here.
DEPTH = 6
# What botocore itself goes by: it sends such a call to another host.
OF_THE_CLIENT = {"PutEvents": ["EndpointId"]}


def operations():
    """(service, operation) for each line of the list."""
    service = None
    for line in (ROOT / "xtask/operations.txt").read_text().splitlines():
        line = line.split("#")[0].strip()
        if line.startswith("["):
            service = line.strip("[]")
        elif line:
            for name in line.split():
                yield service, name


def by_service():
    """The operations of each service. S3 has no list: all of the model's are called."""
    found = {"s3": [name for name in boto3.client("s3", REGION).meta.service_model.operation_names]}
    # It goes to a host of its own, which is not here.
    found["s3"].remove("WriteGetObjectResponse")
    for service, name in operations():
        found.setdefault(service, []).append(name)
    return found


def text(name, shape):
    """A string that could stand in a member of this name, and refers to nothing."""
    if shape.enum:
        return shape.enum[0]
    low = name.lower()
    if "arn" in low:
        return f"arn:aws:ecs:{REGION}:{ACCOUNT}:cluster/nothing"
    if "policydocument" in low or low in ("policy", "resourcepolicy", "policytext", "lifecyclepolicytext"):
        return json.dumps({"Version": "2012-10-17", "Statement": []})
    if "cidr" in low:
        return "10.77.0.0/24"
    prefix = {"vpc": "vpc", "subnet": "subnet", "group": "sg", "allocation": "eipalloc", "rule": "sgr"}
    if low.endswith("id") or low.endswith("ids"):
        for word, kind in prefix.items():
            if word in low:
                return f"{kind}-0123456789abcdef0"
    minimum = shape.metadata.get("min", 1)
    return "nothing".ljust(minimum, "x")[: max(minimum, shape.metadata.get("max", 64))]


def filled(name, shape, every, depth=0):
    """A value of the shape: with its required members only, or with every one."""
    kind = shape.type_name
    if kind == "structure":
        if depth > DEPTH:
            return {}
        names = shape.members if every or shape.is_tagged_union else shape.required_members
        if shape.is_tagged_union:
            names = list(names)[:1]
        return {n: filled(n, shape.members[n], every, depth + 1) for n in names}
    if kind == "list":
        return [filled(name, shape.member, every, depth + 1)]
    if kind == "map":
        return {text("key", shape.key): filled(name, shape.value, every, depth + 1)}
    if kind == "string":
        return text(name, shape)
    if kind in ("integer", "long"):
        return shape.metadata.get("min", 1)
    if kind in ("float", "double"):
        return float(shape.metadata.get("min", 1))
    # EC2's DryRun stands before everything else that a call could get wrong.
    return {"boolean": name != "DryRun", "blob": b"nothing", "timestamp": 1700000000}[kind]


def out_of_range(name, shape, depth=0):
    """Every member with what no service takes: endless strings, numbers without bounds."""
    kind = shape.type_name
    if kind == "structure":
        if depth > DEPTH:
            return {}
        return {n: out_of_range(n, s, depth + 1) for n, s in shape.members.items()}
    if kind == "list":
        return [out_of_range(name, shape.member, depth + 1)] * 3 if depth < 3 else []
    if kind == "map":
        return {"": out_of_range(name, shape.value, depth + 1)}
    if kind == "string":
        return "\u00e4\u0000:/ ${}'\"" * 300
    if kind == "integer":
        return -(2**31)
    if kind == "long":
        return 2**63 - 1
    if kind in ("float", "double"):
        return -1e300
    return {"boolean": name != "DryRun", "blob": b"\xff" * 3, "timestamp": 99999999999}[kind]


class Sweep:
    """One service's client, without the client's own checks, and what it found."""

    def __init__(self, neargate, service):
        self.service = service
        self.config = botocore.config.Config(
            parameter_validation=False,
            retries={"total_max_attempts": 1},
            read_timeout=15,
            connect_timeout=5,
            # An address has no `stream-` before it.
            inject_host_prefix=False,
        )
        self.client = boto3.client(
            service,
            endpoint_url=neargate.endpoint,
            region_name=REGION,
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=self.config,
        )
        self.body = None
        self.client.meta.events.register("before-call", self.replace_body)
        self.model = self.client.meta.service_model
        self.wrong = []
        self.calls = 0

    def replace_body(self, params, **_):
        if self.body is not None:
            params["body"] = self.body

    def call(self, operation, what, arguments, body=None):
        self.body = body
        self.calls += 1
        for member in OF_THE_CLIENT.get(operation, ()):
            arguments.pop(member, None)
        try:
            self.client._make_api_call(operation, arguments)
        except botocore.exceptions.ClientError as error:
            status = error.response["ResponseMetadata"]["HTTPStatusCode"]
            code = error.response["Error"].get("Code", "")
            missing = self.service == "s3" and code == "NotImplemented"
            if (status >= 500 and not missing) or not re.match(r"^[A-Za-z0-9_.]+$", code):
                self.wrong.append(f"{self.service}:{operation} {what}: {status} {error}")
        except (botocore.exceptions.ParamValidationError, KeyError, UnicodeError):
            pass  # Botocore itself cannot put it into a request.
        except Exception as error:  # No answer, or one that botocore cannot read.
            self.wrong.append(f"{self.service}:{operation} {what}: {type(error).__name__} {error}")

    def sweep(self, operation):
        shape = self.model.operation_model(operation).input_shape
        self.call(operation, "with nothing", {})
        if shape is None:
            return
        self.call(operation, "with wrong references", filled(operation, shape, every=False))
        self.call(operation, "with everything", filled(operation, shape, every=True))
        self.call(operation, "out of range", out_of_range(operation, shape))
        for missing in shape.required_members:
            arguments = filled(operation, shape, every=False)
            del arguments[missing]
            self.call(operation, f"without {missing}", arguments)
        if self.model.protocol == "json" or "json" in self.model.metadata.get("protocols", []):
            for body in (b"{", b"[]", b"null", b"\xff\xfe", json.dumps({n: {"a": [None]} for n in shape.members}).encode()):
                self.call(operation, f"with the body {body[:40]}", {}, body)


@pytest.mark.parametrize("service", by_service())
def test_no_call_brings_a_service_down(neargate, service):
    logged = len(neargate.log.read_text())
    sweep = Sweep(neargate, service)
    for operation in by_service()[service]:
        sweep.sweep(operation)
    panics = [line for line in neargate.log.read_text()[logged:].splitlines() if "panicked" in line]
    assert not sweep.wrong, "\n".join(sweep.wrong)
    assert not panics, panics
