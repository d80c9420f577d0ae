"""The engine in the binary beside Terraform itself, on the examples: each finds nothing to do after the
other, and goes on where the other has ended."""

import json
import re

import pytest

import traces
from stack import Stack


class Applied(Stack):
    """An example that both engines work on, with one state."""

    def embedded(self, verb, *arguments):
        return self.neargate.command(verb, self.terraform.directory, *arguments)

    def apply(self):
        """Without Terraform."""
        told = self.embedded("apply", "-auto-approve")
        outputs = json.loads(self.embedded("output", "--json"))
        self.cluster, self.service = outputs["cluster_name"]["value"], outputs["service_name"]["value"]
        return told

    def assert_embedded_plan_is_empty(self):
        told = self.embedded("plan")
        assert "\nNo changes. Your infrastructure matches the configuration.\n" in told, told


@pytest.fixture(scope="module", params=["dev", "prod"])
def stack(request, neargate, tmp_path_factory):
    stack = Applied(neargate, request.param, tmp_path_factory.mktemp(f"applied-{request.param}"))
    if request.param == "prod":
        stack.terraform.script("self-signed-certificate", stack.terraform.directory)
    return stack


def test_an_example_is_applied_without_terraform(stack):
    assert stack.embedded("validate") == "Success! The configuration is valid.\n"
    told = stack.apply()
    assert "Apply complete! Resources: " in told and " added, 0 changed, 0 destroyed." in told
    stack.assert_embedded_plan_is_empty()
    assert stack.describe()["status"] == "ACTIVE"


def test_terraform_finds_nothing_to_do_afterwards(stack):
    stack.terraform.assert_plan_is_empty()


def test_each_goes_on_where_the_other_has_ended(stack):
    retain(stack, 7)
    stack.terraform.apply()
    stack.assert_embedded_plan_is_empty()
    retain(stack, 14)
    told = stack.embedded("apply", "-auto-approve")
    assert re.search(r"Resources: 0 added, [1-9] changed, 0 destroyed\.", told), told
    stack.terraform.assert_plan_is_empty()


def test_a_saved_plan_is_done_once(stack, tmp_path):
    retain(stack, 60)
    plan = tmp_path / "plan"
    shown = stack.embedded("plan", "-out", plan)
    assert stack.neargate.command("show", plan) in shown
    told = json.loads(stack.neargate.command("show", "--json", plan))
    assert any(change["change"]["actions"] == ["update"] for change in told["resource_changes"])
    document = tmp_path / "plan.json"
    document.write_text(json.dumps(told))
    assert "a month" in stack.neargate.command("cost", document)
    assert " changed, 0 destroyed." in stack.neargate.command("apply", plan)
    stack.assert_embedded_plan_is_empty()
    with pytest.raises(AssertionError, match="Saved plan is stale"):
        stack.neargate.command("apply", plan)


def test_what_the_state_forgot_is_imported(stack):
    directory = stack.terraform.directory
    listed = stack.neargate.command("state", "list", directory).split()
    [cluster] = [address for address in listed if ".aws_ecs_cluster." in address]
    assert f'"{stack.cluster}"' in stack.neargate.command("state", "show", cluster, directory)
    stack.neargate.command("state", "rm", cluster, directory)
    told = stack.neargate.command("import", cluster, stack.cluster, directory)
    assert "Import successful!" in told
    stack.assert_embedded_plan_is_empty()
    stack.terraform.assert_plan_is_empty()


def retain(stack, days):
    """Has the service's logs kept for so many days."""
    retention = "  log_retention_days          = "
    lines = (stack.terraform.directory / "main.tf").read_text().splitlines()
    [before] = {line[len(retention) :].split()[0] for line in lines if line.startswith(retention)}
    stack.terraform.edit("main.tf", f"{retention}{before}", f"{retention}{days}")


def test_destroy_leaves_nothing(stack):
    assert "Destroy complete! Resources: " in stack.embedded("destroy", "-auto-approve")
    assert stack.neargate.command("state", "list", stack.terraform.directory) == ""
    assert stack.ecs.list_clusters()["clusterArns"] == []
    assert stack.neargate.client("ec2").describe_network_interfaces()["NetworkInterfaces"] == []
    traces.assert_none(stack.neargate)
