"""Everything that a stack has made is imported again by both engines, with Terraform as the judge: it plans the
same for each resource, and afterwards nothing is to be done, whoever looks.

What a type cannot be imported with, such as the `force_destroy` of a bucket, is set by the apply after it: by
either engine.
"""

import json
import shutil
import subprocess

import pytest

import differ
import imports
import traces
from conftest import ROOT, Neargate, Terraform
from same_worlds import ALL

CASES = ["tests/e2e/differ/constructs"]
LONG = [f"tests/e2e/differ/{name}" for name in ("blue-green", "database", "networking", "service")] + ["examples/prod"]

# What the engine does otherwise on purpose: type, Terraform's actions, its own.
OTHERWISE = [
    # A single target group as `forward` and `target_group_arn` at once, of which the configuration has one.
    ("aws_lb_listener", ["update"], ["no-op"]),
    # A window of 30 days, which AWS has by default: Terraform knows of none then, and destroys without one.
    ("aws_secretsmanager_secret", ["no-op"], ["update"]),
]

# What was imported by the cases that have run.
IMPORTED = set()


class Made:
    """A case that the engine has made in a cloud, and what its state had."""

    def __init__(self, case, directory):
        self.cloud = Neargate(directory)
        self.cloud.start()
        self.terraform = Terraform(self.cloud, case, directory / "files")
        self.directory = self.terraform.directory
        self.env = {**self.cloud.environment(), "TF_VAR_web_acl_arn": differ.web_acl(self.cloud)}
        self.terraform.script("self-signed-certificate", self.directory)
        for name in differ.CERTIFICATES:
            (self.directory / name).mkdir()
            self.terraform.script("self-signed-certificate", self.directory / name, f"{name}.example.com")
        self.by_neargate("apply", "-auto-approve")
        self.state = json.loads((self.directory / "terraform.tfstate").read_text())
        self.found = imports.of_state(self.state)

    def forget(self):
        """Leaves only what cannot be imported in the state, and has the rest imported."""
        left = [resource for resource in self.state["resources"] if resource["type"] in imports.NEVER]
        state = {**self.state, "resources": left, "outputs": {}}
        (self.directory / "terraform.tfstate").write_text(json.dumps(state))
        blocks = [found.block() for found in self.found if found.type not in imports.NEVER]
        (self.directory / "imports.tf").write_text("\n".join(blocks))

    def by_terraform(self, verb, *arguments):
        return self._run(["terraform", f"-chdir={self.directory}", verb, "-no-color", *arguments])

    def by_neargate(self, verb, *arguments):
        return self._run([self.cloud.binary, verb, self.directory, f"--port={self.cloud.port}", *arguments])

    def show(self, *command):
        return {change["address"]: change for change in json.loads(self._run(command))["resource_changes"]}

    def _run(self, command):
        done = subprocess.run(command, env=self.env, capture_output=True, text=True, timeout=600)
        assert done.returncode == 0, f"{' '.join(map(str, command))}:\n{done.stdout}\n{done.stderr}"
        return done.stdout


@pytest.fixture(scope="module", params=CASES + LONG)
def made(request, tmp_path_factory):
    differ.need_terraform()
    if request.param in LONG and not ALL:
        pytest.skip("one case is enough for every day: set DIFFER=all")
    directory = tmp_path_factory.mktemp("imported")
    made = Made(request.param, directory)
    try:
        yield made
    finally:
        made.cloud.down()
        traces.assert_none(made.cloud)
        shutil.rmtree(directory, ignore_errors=True)


def test_terraform_plans_the_same_for_each_import(made, tmp_path):
    made.forget()
    by_terraform, by_neargate = tmp_path / "terraform.plan", tmp_path / "neargate.plan"
    made.by_terraform("plan", "-input=false", "-lock=false", f"-out={by_terraform}")
    made.by_neargate("plan", f"-out={by_neargate}")
    theirs = made.show("terraform", f"-chdir={made.directory}", "show", "-json", by_terraform)
    ours = made.show(made.cloud.binary, "show", "--json", by_neargate)
    assert theirs.keys() == ours.keys()
    others = []
    for address, change in theirs.items():
        its, own = change["change"], ours[address]["change"]
        assert its.get("importing") == own.get("importing"), address
        told = (change["type"], its["actions"], own["actions"])
        if its["actions"] != own["actions"] and told not in OTHERWISE:
            others.append((address, *told[1:], its, own))
    assert others == []
    imported = {change["type"] for change in ours.values() if "importing" in change["change"]}
    assert imported == {found.type for found in made.found} - set(imports.NEVER)
    IMPORTED.update(imported)


def test_nothing_is_to_be_done_once_all_is_imported(made):
    told = made.by_neargate("apply", "-auto-approve")
    count = sum(found.type not in imports.NEVER for found in made.found)
    assert f"Plan: {count} to import, 0 to add, " in told
    assert " 0 destroyed." in told
    assert "No changes." in made.by_neargate("plan")
    assert "No changes." in made.by_terraform("plan", "-input=false", "-lock=false")


@pytest.mark.skipif(not ALL, reason="only all cases have all types: set DIFFER=all")
def test_every_supported_type_was_imported():
    lines = (ROOT / "docs/apply-supported.md").read_text().split("\n## ")[1].splitlines()
    supported = {line.strip("-` ") for line in lines if line.startswith("- ")}
    assert supported - IMPORTED == {*imports.NEVER, "terraform_data"}


NEVER = """
provider "aws" {
  region = "us-west-2"
}

resource "aws_acm_certificate_validation" "this" {
  certificate_arn = "arn:aws:acm:us-west-2:000000000000:certificate/12345678-1234-1234-1234-123456789012"
}

resource "aws_appautoscaling_scheduled_action" "this" {
  name               = "night"
  service_namespace  = "ecs"
  resource_id        = "service/cluster/service"
  scalable_dimension = "ecs:service:DesiredCount"
  schedule           = "rate(1 hour)"

  scalable_target_action {
    min_capacity = 0
    max_capacity = 1
  }
}

resource "aws_lb_target_group_attachment" "this" {
  target_group_arn = "arn:aws:elasticloadbalancing:us-west-2:000000000000:targetgroup/web/0123456789abcdef"
  target_id        = "10.0.0.1"
}
"""


def test_what_terraform_does_not_import_is_refused(neargate, tmp_path):
    differ.need_terraform()
    blocks = [f'import {{\n  to = {of_type}.this\n  id = "some"\n}}\n' for of_type in imports.NEVER]
    (tmp_path / "main.tf").write_text(NEVER + "".join(blocks))
    subprocess.run([ROOT / "scripts/terraform-init", tmp_path], check=True, capture_output=True, timeout=300)
    commands = {
        "terraform": ["terraform", f"-chdir={tmp_path}", "plan", "-no-color", "-input=false"],
        "neargate": [neargate.binary, "plan", tmp_path, f"--port={neargate.port}"],
    }
    told = {}
    for engine, command in commands.items():
        done = subprocess.run(command, env=neargate.environment(), capture_output=True, text=True, timeout=300)
        assert done.returncode == 1, done.stdout
        told[engine] = done.stderr
    for of_type in imports.NEVER:
        assert f"resource {of_type} doesn't support import" in told["terraform"]
        assert f"importing {of_type} (some): some: resources of this type cannot be imported." in told["neargate"]
