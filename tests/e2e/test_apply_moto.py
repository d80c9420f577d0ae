"""`neargate apply --target aws` against a server that is not ours: moto, which knows AWS's APIs from elsewhere.

It does not keep all that it is told. That what is planned again is due to this, and not to the engine, is
for Terraform to say: it plans the same on the same state.
"""

import importlib.util
import json
import os
import shutil
import subprocess
import sys

import pytest
import requests

import conftest
import differ


class Moto:
    """A running server of moto, with what tests use of a Neargate."""

    environment = conftest.Neargate.environment
    client = conftest.Neargate.client

    def __init__(self, command, log):
        self.binary = os.environ.get("NEARGATE_BIN", str(conftest.ROOT / "target/debug/neargate"))
        self.port = conftest.free_port()
        self.endpoint = f"http://127.0.0.1:{self.port}"
        with open(log, "w") as out:
            command = [*command, "-p", str(self.port)]
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out)
        conftest.wait_for("moto", lambda: requests.get(f"{self.endpoint}/moto-api/data.json", timeout=5).ok)

    def stop(self):
        self.process.kill()
        self.process.wait()


def server():
    """The command of moto's server, if it is installed."""
    if importlib.util.find_spec("moto"):
        return [sys.executable, "-m", "moto.server"]
    found = shutil.which("moto_server")
    return [found] if found else pytest.skip("no moto: `--target aws` is NOT tried on a server that is not ours")


@pytest.fixture(scope="module")
def moto(tmp_path_factory):
    moto = Moto(server(), tmp_path_factory.mktemp("moto") / "log")
    try:
        yield moto
    finally:
        moto.stop()


@pytest.fixture(scope="module")
def stack(moto, tmp_path_factory):
    differ.need_terraform()
    return conftest.Terraform(moto, "examples/dev", tmp_path_factory.mktemp("stack") / "files")


def embedded(stack, verb, *arguments):
    command = [stack.neargate.binary, verb, stack.directory, "--target", "aws", *arguments]
    done = subprocess.run(command, env=stack.env, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout


def test_an_example_is_applied_to_a_server_that_is_not_ours(stack):
    assert " added, 0 changed, 0 destroyed." in embedded(stack, "apply", "-auto-approve")
    state = json.loads((stack.directory / "terraform.tfstate").read_text())
    [service] = [found for found in state["resources"] if found["type"] == "aws_ecs_service"]
    [instance] = service["instances"]
    assert ":123456789012:service/" in instance["attributes"]["id"], "the account is not moto's"


def test_terraform_plans_the_same_there(stack, tmp_path):
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    embedded(stack, "plan", "-out", ours)
    stack.run("plan", f"-out={theirs}")
    told = stack.run("show", "-json", theirs).stdout
    shown = subprocess.run([stack.neargate.binary, "show", "--json", ours], capture_output=True, text=True, check=True)
    assert actions(shown.stdout) == actions(told)
    # What moto keeps is as it was asked for.
    kept = {"aws_iam_role", "aws_lb", "aws_lb_listener", "aws_lb_target_group", "aws_vpc", "aws_vpc_endpoint"}
    kept |= {"aws_cloudwatch_log_group", "aws_db_instance", "aws_ecs_task_definition", "aws_secretsmanager_secret"}
    unchanged = {of_type for of_type, done in actions(told).values() if done == ["no-op"]}
    assert kept <= unchanged


def actions(plan):
    changes = json.loads(plan)["resource_changes"]
    return {change["address"]: (change["type"], change["change"]["actions"]) for change in changes}


def test_destroy_leaves_nothing_there(moto, stack):
    assert "Destroy complete! Resources: " in embedded(stack, "destroy", "-auto-approve")
    elbv2, ec2 = moto.client("elbv2"), moto.client("ec2")
    assert elbv2.describe_load_balancers()["LoadBalancers"] == []
    assert elbv2.describe_target_groups()["TargetGroups"] == []
    assert [vpc for vpc in ec2.describe_vpcs()["Vpcs"] if not vpc["IsDefault"]] == []
    assert moto.client("rds").describe_db_instances()["DBInstances"] == []
    assert moto.client("iam").list_roles()["Roles"] == []
    assert moto.client("logs").describe_log_groups()["logGroups"] == []
    assert moto.client("secretsmanager").list_secrets()["SecretList"] == []
