"""One configuration in two clouds: Terraform applies it to one Neargate, `neargate apply` to another.

A case is a directory of differ/: its main.tf, and the override.tf in changed/ that makes another
configuration of it.
"""

import concurrent.futures
import difflib
import os
import shutil
import subprocess

import pytest

import world
from conftest import ROOT, Neargate, Terraform


def need_terraform():
    """Skips, and says so, where there is no Terraform to compare with."""
    found = shutil.which("terraform", path=f"{ROOT / 'target/bin'}{os.pathsep}{os.environ['PATH']}")
    if not found:
        pytest.skip("no terraform on PATH: the two engines are NOT compared")


# Directories of a case with a certificate and its key, for those that import one.
CERTIFICATES = ("first", "second")


class Differ:
    """A case in its two clouds."""

    def __init__(self, case, directory):
        self.case = ROOT / case
        self.clouds = {}
        for engine in ("terraform", "neargate"):
            (directory / engine).mkdir()
            self.clouds[engine] = Neargate(directory / engine)
            self.clouds[engine].start()
        self.terraform = Terraform(self.clouds["terraform"], case, directory / "files")
        self.directory = self.terraform.directory
        for name in CERTIFICATES:
            (self.directory / name).mkdir()
            self.terraform.script("self-signed-certificate", self.directory / name, f"{name}.example.com")
        self.web_acls = {engine: web_acl(cloud) for engine, cloud in self.clouds.items()}
        self.at_first = {engine: what_there_is(cloud) for engine, cloud in self.clouds.items()}

    def down(self):
        for cloud in self.clouds.values():
            cloud.down()

    def change(self):
        """Goes over to the changed configuration."""
        shutil.copy(self.case / "changed" / "override.tf", self.directory)

    def by_terraform(self, cloud, verb, *arguments, codes=(0,)):
        """Runs Terraform on the state of one of the clouds."""
        options = ["-input=false", "-no-color", f"-state={cloud}.tfstate", "-lock=false", *arguments]
        command = ["terraform", f"-chdir={self.directory}", verb, *options]
        return self._run(command, cloud, codes)

    def by_neargate(self, cloud, verb, *arguments, codes=(0,)):
        """Runs the embedded engine on the state of one of the clouds."""
        running = self.clouds[cloud]
        options = [f"--state={cloud}.tfstate", f"--port={running.port}", *arguments]
        return self._run([running.binary, verb, str(self.directory), *options], cloud, codes)

    def _run(self, command, cloud, codes):
        env = {**self.clouds[cloud].environment(), "TF_VAR_web_acl_arn": self.web_acls[cloud]}
        done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=900)
        assert done.returncode in codes, f"{' '.join(command)}:\n{done.stdout}\n{done.stderr}"
        return done

    def both(self, verb, *arguments):
        """Each engine in its own cloud, at the same time."""
        at_once(
            lambda: self.by_terraform("terraform", verb, *arguments),
            lambda: self.by_neargate("neargate", verb, *arguments),
        )

    def assert_worlds_are_equal(self):
        told = {engine: world.lines(world.describe(cloud)) for engine, cloud in self.clouds.items()}
        text = difference(told["terraform"], told["neargate"])
        assert not text, f"the worlds differ:\n{text}"

    def assert_nothing_is_to_be_done(self):
        """By neither engine on the other's state."""

        def planned(run, cloud):
            done = run(cloud, "plan", "-detailed-exitcode", codes=(0, 2))
            assert done.returncode == 0, f"{run.__name__}, after the other:\n{done.stdout}"

        at_once(
            lambda: planned(self.by_terraform, "neargate"),
            lambda: planned(self.by_neargate, "terraform"),
        )

    def assert_nothing_is_left(self):
        for cloud, running in self.clouds.items():
            left = [found for found in what_there_is(running) if found not in self.at_first[cloud]]
            assert left == [], f"left in the cloud of {cloud}: {left}"


def what_there_is(cloud):
    """What there is in a cloud, as far as somebody has to delete it."""
    return [
        (kind, found)
        for kind, objects in world.describe(cloud).items()
        for found in objects
        if not any(kind == of and stays(found) for of, stays in STAYING.items())
    ]


# What stays when all is destroyed, as on AWS.
STAYING = {
    "ec2.DhcpOptions": lambda found: True,  # the region's own
    "ecs.taskDefinitions": lambda found: found["taskDefinition"]["status"] == "INACTIVE" or are_kept(found),
    "ecs.clusters": lambda found: found["status"] == "INACTIVE",
    "iam.Roles": lambda found: found["Path"].startswith("/aws-service-role/"),
    "kms.Keys": lambda found: found["KeyState"] == "PendingDeletion",
}


def are_kept(found):
    """What blue-green says of its task definitions: `keep_task_definitions`."""
    return found["taskDefinition"]["family"] == "differ-bg-task"


def web_acl(cloud):
    """The ARN of a web ACL, which neither engine makes."""
    visibility = {"SampledRequestsEnabled": False, "CloudWatchMetricsEnabled": False, "MetricName": "differ"}
    made = cloud.client("wafv2").create_web_acl(
        Name="differ", Scope="REGIONAL", DefaultAction={"Allow": {}}, VisibilityConfig=visibility
    )
    return made["Summary"]["ARN"]


def difference(one, other):
    """Of the lines of two worlds; nothing where they are equal."""
    return "\n".join(difflib.unified_diff(one, other, "one", "other", n=12, lineterm=""))


def at_once(*calls):
    with concurrent.futures.ThreadPoolExecutor() as pool:
        for done in [pool.submit(call) for call in calls]:
            done.result()
