"""`neargate up DIR`: the cloud and the stack in it by one command."""

import shutil
import signal

import pytest

from conftest import ROOT, Neargate, wait_for


@pytest.fixture(scope="module")
def example(tmp_path_factory):
    """A copy of the development stack, as a user has it."""
    directory = tmp_path_factory.mktemp("up")
    left_out = shutil.ignore_patterns(".terraform*", "*.tfstate*", "*.pem")
    for part in ("modules", "examples/dev"):
        shutil.copytree(ROOT / part, directory / part, ignore=left_out)
    return directory / "examples/dev"


@pytest.fixture
def neargate(tmp_path):
    running = Neargate(tmp_path)
    yield running
    running.down()


def applied(neargate, text="The cloud goes on here"):
    return wait_for(f"{text!r} in the log", lambda: text in neargate.log.read_text(), seconds=120)


def ended(neargate):
    return neargate.process.wait(timeout=60)


def test_what_is_in_flight_ends_before_the_cloud_and_the_next_goes_on(neargate, example):
    neargate.start(example)
    applied(neargate, "Creation complete")
    neargate.process.send_signal(signal.SIGINT)
    assert ended(neargate) == 0, neargate.log.read_text()
    assert "Interrupted: what is in flight ends first, and then the cloud." in neargate.log.read_text()
    begun = neargate.command("state", "list", example).splitlines()
    neargate.start(example)
    applied(neargate)
    assert set(begun) < set(neargate.command("state", "list", example).splitlines())
    log = neargate.log.read_text()
    assert "Apply complete! Resources: " in log and "cluster_name" in log
    url = neargate.command("output", example, "--name", "alb_url", "--raw")
    assert f"\n    {url}\n" in log
    assert "\nNo changes. " in neargate.command("plan", example)


def test_what_an_earlier_cloud_had_is_made_anew(neargate, example):
    had = neargate.command("state", "list", example).splitlines()
    assert had
    neargate.start(example)
    applied(neargate)
    # Data sources are read, and not made.
    made = len([address for address in had if "data." not in address])
    log = neargate.log.read_text()
    assert f"Apply complete! Resources: {made} added, 0 changed, 0 destroyed." in log, log
    services = neargate.client("ecs").list_services(cluster=neargate.command("output", example, "--name", "cluster_name", "--raw"))
    assert len(services["serviceArns"]) == 1


def test_an_apply_that_fails_leaves_the_cloud_up(neargate, tmp_path):
    stack = tmp_path / "stack"
    stack.mkdir()
    (stack / "main.tf").write_text(
        'resource "aws_ecs_cluster" "this" {\n  name = var.name\n}\n\nvariable "name" {}\n'
        'provider "aws" {\n  region = "us-west-2"\n}\n'
    )
    neargate.start(stack, "--var", "name=no good name")
    applied(neargate, "Ctrl-C ends the cloud.")
    log = neargate.log.read_text()
    assert "with aws_ecs_cluster.this," in log and f"neargate apply {stack} --port {neargate.port}" in log
    assert neargate.is_ready()
    neargate.command("apply", stack, "--auto-approve", "--var", "name=good")
    assert neargate.client("ecs").list_clusters()["clusterArns"] != []
    neargate.process.send_signal(signal.SIGTERM)
    assert ended(neargate) == 0


def test_what_cannot_be_applied_is_refused_before_the_cloud_is_up(neargate, tmp_path):
    for arguments, why in [
        ((tmp_path / "nothing",), "is no directory: neargate up takes one of .tf files, or none"),
        (("--var", "a=b"), "--var and --var-file are for the stack of a DIR"),
    ]:
        with pytest.raises(AssertionError, match=why):
            neargate.start(*arguments)
