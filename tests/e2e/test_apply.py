"""The engine in the binary beside Terraform itself: each goes on where the other has ended."""

import json

import pytest

from conftest import Terraform


class Embedded(Terraform):
    """A directory that both engines work in, on one state."""

    def neargate_apply(self, *arguments):
        return self.neargate.command("apply", self.directory, "--auto-approve", *arguments)

    def neargate_plan_is_empty(self, *arguments):
        told = self.neargate.command("plan", self.directory, *arguments)
        assert told.endswith("No changes. Your infrastructure matches the configuration.\n\n"
                             "Neargate has compared your real infrastructure against your configuration\n"
                             "and found no differences, so no changes are needed.\n"), told


@pytest.fixture(scope="module")
def embedded(neargate, tmp_path_factory):
    return Embedded(neargate, "tests/e2e/embedded", tmp_path_factory.mktemp("embedded"))


def test_a_network_is_applied_without_terraform(embedded):
    assert "Success!" in embedded.neargate.command("validate", embedded.directory)
    told = embedded.neargate_apply()
    assert "Apply complete! Resources: " in told
    [vpc] = embedded.neargate.client("ec2").describe_vpcs(Filters=[{"Name": "tag:Owner", "Values": ["one"]}])["Vpcs"]
    outputs = json.loads(embedded.neargate.command("output", embedded.directory, "--json"))
    assert outputs["vpc_id"]["value"] == vpc["VpcId"]
    embedded.neargate_plan_is_empty()


def test_terraform_finds_nothing_to_do_afterwards(embedded):
    embedded.assert_plan_is_empty()
    assert embedded.output("vpc_id") == json.loads(
        embedded.neargate.command("output", embedded.directory, "--json")
    )["vpc_id"]["value"]


def test_each_takes_over_what_the_other_has_changed(embedded):
    embedded.run("apply", "-auto-approve", "-var=owner=two")
    embedded.neargate_plan_is_empty("--var", "owner=two")
    embedded.neargate_apply("--var", "owner=three")
    planned = embedded.run("plan", "-detailed-exitcode", "-var=owner=three", codes=(0, 2))
    assert planned.returncode == 0, planned.stdout


def test_destroy_leaves_nothing(embedded):
    told = embedded.neargate.command("destroy", embedded.directory, "--auto-approve", "--var", "owner=three")
    assert "Destroy complete! Resources: " in told
    assert embedded.neargate.command("state", "list", embedded.directory) == ""
    left = embedded.neargate.client("ec2").describe_vpcs(Filters=[{"Name": "tag:Project", "Values": ["embedded"]}])
    assert left["Vpcs"] == []
