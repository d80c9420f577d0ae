"""Tasks through trouble: what they need comes late, and Neargate is killed at bad moments."""

import json
import os
import time

import pytest

import traces
from conftest import Neargate, image, wait_for
from runner import Runner


@pytest.fixture(scope="module")
def runner(neargate):
    return Runner(neargate, cluster="recovery", cidr="10.11")


class Service:
    """A service of one sleeping task."""

    def __init__(self, runner, name, container, **request):
        self.runner, self.name = runner, name
        sleeper = {"command": ["sleep", "600"], "linuxParameters": {"initProcessEnabled": True}}
        definition = runner.register({**sleeper, **container}, family=name)
        runner.ecs.create_service(
            cluster=runner.cluster,
            serviceName=name,
            taskDefinition=definition,
            desiredCount=1,
            launchType="FARGATE",
            networkConfiguration=runner.network,
            **request,
        )

    def describe(self):
        return self.runner.ecs.describe_services(cluster=self.runner.cluster, services=[self.name])["services"][0]

    def is_stable(self):
        service = self.describe()
        return service["runningCount"] == service["desiredCount"] and len(service["deployments"]) == 1

    def reasons(self):
        ecs, cluster = self.runner.ecs, self.runner.cluster
        arns = ecs.list_tasks(cluster=cluster, serviceName=self.name, desiredStatus="STOPPED")["taskArns"]
        tasks = ecs.describe_tasks(cluster=cluster, tasks=arns)["tasks"] if arns else []
        return [task["stoppedReason"] for task in tasks if task["lastStatus"] == "STOPPED"]

    def delete(self):
        self.runner.ecs.delete_service(cluster=self.runner.cluster, service=self.name, force=True)
        nothing_is_left(self.runner.neargate)


def nothing_is_left(neargate):
    try:
        wait_for("nothing to be left", lambda: not traces.of_tasks(neargate), seconds=30)
    except AssertionError as error:
        log = neargate.log.read_text()[-2000:]
        raise AssertionError(f"left: {traces.of_tasks(neargate)}\n{log}") from error


def test_the_secrets_first_version_comes_after_the_service(runner):
    secrets = runner.neargate.client("secretsmanager")
    arn = secrets.create_secret(Name="late")["ARN"]
    runner.let_execution("late", "secretsmanager:GetSecretValue", arn)
    service = Service(runner, "late-secret", {"secrets": [{"name": "A", "valueFrom": f"{arn}:a::"}]})
    wait_for("two failed tasks", lambda: len(service.reasons()) >= 2, seconds=60)
    assert all("staging label: AWSCURRENT" in reason for reason in service.reasons())
    before = len(service.reasons())
    time.sleep(3)
    assert len(service.reasons()) - before <= 3, "they back off"
    asked = time.monotonic()
    for _ in range(20):
        service.describe()
    assert time.monotonic() - asked < 20, "the API goes on"
    assert any("unable" in e["message"] or "started" in e["message"] for e in service.describe()["events"])
    secrets.put_secret_value(SecretId=arn, SecretString=json.dumps({"a": "b"}))
    wait_for("the service to recover by itself", service.is_stable, seconds=90)
    directories = lambda: [e for e in traces.of_tasks(runner.neargate) if e.startswith("task directory")]
    wait_for("only the task that runs to be left", lambda: len(directories()) == 1, seconds=10)
    service.delete()


def test_the_image_comes_after_the_service(runner):
    service = Service(runner, "late-image", {"image": f"{runner.repository}:late"})
    wait_for("a failed task", service.reasons, seconds=60)
    assert service.reasons()[0].startswith("CannotPullContainerError")
    runner.neargate.push(image("busybox"), runner.repository, tag="late")
    wait_for("the service to recover by itself", service.is_stable, seconds=90)
    service.delete()


def consistent(runner, arns):
    """Whether every task has either ended with a reason or runs."""
    tasks = runner.ecs.describe_tasks(cluster=runner.cluster, tasks=arns)["tasks"]
    assert len(tasks) == len(arns), "nothing acknowledged is lost"
    settled = [task for task in tasks if task["lastStatus"] in ("RUNNING", "STOPPED")]
    for task in settled:
        if task["lastStatus"] == "STOPPED":
            assert task["stopCode"] and task["stoppedReason"]
    return tasks if len(settled) == len(tasks) else None


@pytest.mark.parametrize("delay_ms", [0, 20, 60, 400])
def test_killed_while_tasks_start_and_stop(runner, delay_ms):
    neargate = runner.neargate
    sleeper = {"linuxParameters": {"initProcessEnabled": True}, "command": ["sleep", "600"]}
    definition = runner.register(sleeper, family="killed")
    short = runner.register({"command": ["true"]}, family="short")
    stopping = [task["taskArn"] for task in runner.run(definition, count=2)["tasks"]]
    for arn in stopping:
        runner.wait(arn, "RUNNING")
    for arn in stopping:
        runner.ecs.stop_task(cluster=runner.cluster, task=arn, reason="killed between")
    starting = [task["taskArn"] for task in runner.run(definition, count=2)["tasks"]]
    starting += [task["taskArn"] for task in runner.run(short, count=2)["tasks"]]
    time.sleep(delay_ms / 1000)
    neargate.kill()
    time.sleep(delay_ms / 1000)
    neargate.start()
    wait_for("all tasks to settle", lambda: consistent(runner, stopping + starting), seconds=60)
    for arn in stopping:
        task = runner.wait(arn, "STOPPED")
        assert (task["stopCode"], task["stoppedReason"]) == ("UserInitiated", "killed between")
    for arn in starting[2:]:
        task = runner.wait(arn, "STOPPED")
        assert task["containers"][0]["exitCode"] == 0, task
    for arn in starting[:2]:
        assert runner.describe(arn)["lastStatus"] == "RUNNING", runner.describe(arn)
        runner.stop(arn)
    nothing_is_left(neargate)


def test_layers_go_once_neither_an_image_nor_a_task_has_them(tmp_path):
    neargate = Neargate(tmp_path)
    neargate.start()
    two_days_ago = time.time() - 2 * 24 * 3600

    def layers():
        return list((neargate.data / "layers").glob("*/layer"))

    def tidied_up():
        """Whether images were tidied up since the start."""
        return any(loop["loop"] == "images" for loop in neargate.page("loops")["loops"])

    def two_days_later():
        neargate.stop()
        for layer in layers():
            os.utime(layer, (two_days_ago, two_days_ago))
        neargate.start()
        wait_for("images to be tidied up", tidied_up)

    try:
        runner = Runner(neargate, cluster="aged", cidr="10.12")
        task = runner.start({"command": ["sleep", "600"]})
        runner.wait(task, "RUNNING")
        two_days_later()
        assert len(layers()) == 1
        neargate.client("ecr").delete_repository(repositoryName="aged/busybox", force=True)
        two_days_later()
        assert len(layers()) == 1 and runner.describe(task)["lastStatus"] == "RUNNING"
        runner.ecs.stop_task(cluster="aged", task=task)
        runner.wait(task, "STOPPED")
        two_days_later()
        assert layers() == []
    finally:
        neargate.down()
