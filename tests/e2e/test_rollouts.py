"""A service under a steady load: what its users see of a deployment, a bad one, and of kills."""

import contextlib
import os
import signal
import time
from pathlib import Path

import pytest

import access_log
import traces
from conftest import wait_for
from web_service import CLIENTS, Load, WebService, address
from wrk import Wrk

LOG = "rollouts-access-log"

SICK = r"""
cat >/answer <<'SCRIPT'
#!/bin/sh
while read -r line && [ ${#line} -gt 1 ]; do :; done
printf 'HTTP/1.1 503 Sick\r\nContent-Length: 0\r\nConnection: close\r\n\r\n'
SCRIPT
chmod +x /answer
exec nc -ll -p 8080 -e /answer
"""
"""Answers everything with 503, its health checks too."""


@pytest.fixture(scope="module")
def service(neargate):
    breaker = {"deploymentCircuitBreaker": {"enable": True, "rollback": True}}
    service = WebService(neargate, "rollouts", "10.35", count=4, deploymentConfiguration=breaker)
    access_log.bucket(neargate, LOG, access_log.allow(LOG, access_log.DELIVERY))
    access_log.switch_on(service.balancer, LOG)
    yield service
    service.end()


def load(service, path="/"):
    return Load(f"http://{service.balancer.address}{path}")


@contextlib.contextmanager
def no_request_fails(service):
    """Under a load of ours, which knows what was answered, and one of wrk. Where some requests may
    fail there is ours alone: wrk does not tell when they were sent, and which they were."""
    with load(service) as asked, Wrk(f"http://{service.balancer.address}/", connections=4, pause_ms=20) as wrk:
        yield asked
    assert asked.failed == []
    wrk.assert_all_well()


def test_no_request_fails_while_four_tasks_roll(service):
    with no_request_fails(service) as asked:
        service.update(taskDefinition=service.register("v2"))
        wait_for("the deployment", lambda: len(service.describe()["deployments"]) == 2)
        service.wait_until_stable()
        sent = len(asked.answers)
        wait_for("some more answers", lambda: len(asked.answers) > sent + 100)
    assert asked.versions() == ["v1", "v2"]
    assert {answer.text.split()[0] for answer in asked.answers[-50:]} == {"v2"}


BAD = {
    "an image that is not there": ({"tag": "nowhere"}, "CannotPullContainerError"),
    "a process that ends": ({"script": "exit 3"}, "Essential container in task exited"),
    "a process that is not well": ({"script": SICK}, "Task failed ELB health checks in"),
}


@pytest.mark.parametrize("bad", BAD)
def test_no_request_fails_while_a_bad_deployment_is_rolled_back(service, bad):
    how, reason = BAD[bad]
    good, definition = service.describe()["deployments"][0], service.register("bad", **how)
    with no_request_fails(service) as asked:
        id = service.roll_to(definition)
        told = f"(deployment {id}) deployment failed: tasks failed to start."
        wait_for("the circuit breaker", lambda: any(told in message for message in service.messages()), seconds=90)
        service.wait_until_stable()
    assert asked.versions() == ["v2"]
    assert any(f"rolling back to deployment {good['id']}." in message for message in service.messages())
    [back] = service.describe()["deployments"]
    assert (back["taskDefinition"], back["rolloutState"]) == (good["taskDefinition"], "COMPLETED")
    reasons = [t["stoppedReason"] for t in service.tasks("STOPPED") if t["taskDefinitionArn"] == definition]
    told = [given for given in reasons if not given.startswith("Scaling activity initiated by")]
    assert told and all(reason in given for given in told), reasons


def test_a_killed_task_takes_only_what_it_was_answering(service):
    victim = service.tasks()[0]
    with load(service) as asked, load(service, "/cgi-bin/slow") as slow:
        wait_for("a slow request to it", lambda: is_answering_slowly(victim), pause=0.01)
        killed = kill_processes(victim)
        wait_for("its end", lambda: service.describe_task(victim["taskArn"])["lastStatus"] == "STOPPED")
        service.wait_until_stable()
    failed = asked.failed + slow.failed
    assert slow.failed, "it was answering one at least"
    assert [answer for answer in failed if answer.sent > killed] == []
    assert len(failed) <= 2 * CLIENTS
    assert set(targets_of(service, failed)) == {f"{address(victim)}:8080"}
    assert service.describe_task(victim["taskArn"])["stoppedReason"] == "Essential container in task exited"


def targets_of(service, answers):
    """Who had these requests, by the load balancer's access log, which has them seconds later."""
    host = service.balancer.address
    urls = [answer.url.replace(host, f"{host}:80") for answer in answers]

    def logged():
        targets = access_log.targets(service.neargate.client("s3"), LOG)
        return [targets[url] for url in urls] if all(url in targets for url in urls) else None

    return wait_for("their lines in the access log", logged, seconds=30, pause=1)


def test_a_killed_neargate_is_missed_only_until_it_is_up_again(service, record_property):
    running = {task["taskArn"] for task in service.tasks()}
    with load(service) as asked:
        began = time.monotonic()
        service.neargate.kill()
        killed = time.monotonic()
        service.neargate.start()
        wait_for("answers", lambda: first_after(killed, asked), pause=0.01)
        time.sleep(1)
    record_property("gap_ms", round((first_after(killed, asked) - began) * 1000))
    assert failed_outside(began, first_after(killed, asked), asked) == []
    assert {task["taskArn"] for task in service.tasks()} == running


@pytest.mark.parametrize("moment", ["new tasks start", "old tasks leave"])
def test_killed_with_a_task_amid_a_rollout_it_ends_all_the_same(service, moment):
    old, definition = service.tasks(), service.register(moment.replace(" ", "-"))
    with load(service) as asked:
        deployment = service.roll_to(definition)
        if moment == "new tasks start":
            wait_for(moment, lambda: len(service.tasks()) > len(old), pause=0.01)
            victim = old[0]
        else:
            wait_for(moment, lambda: not all_are_kept(service, old), pause=0.01)
            victim = next(task for task in service.tasks() if task["taskDefinitionArn"] == definition)
        began = time.monotonic()
        service.neargate.kill()
        killed = time.monotonic()
        kill_processes(victim)
        service.neargate.start()
        wait_for("answers", lambda: first_after(killed, asked), pause=0.01)
        service.wait_until_stable()
        wait_for("its completion", lambda: service.describe()["deployments"][0]["rolloutState"] == "COMPLETED")
    assert failed_outside(began, first_after(killed, asked), asked) == []
    assert [shown["id"] for shown in service.describe()["deployments"]] == [deployment]
    assert {task["taskDefinitionArn"] for task in service.tasks()} == {definition}
    wait_for("nothing but its tasks", lambda: nothing_is_doubled_or_orphaned(service), seconds=30)
    assert service.describe_task(victim["taskArn"])["containers"][0]["exitCode"] == 137


def all_are_kept(service, tasks):
    wanted = {task["taskArn"] for task in service.tasks()}
    return all(task["taskArn"] in wanted for task in tasks)


def nothing_is_doubled_or_orphaned(service):
    """Whether there are the tasks of the desired count, and of tasks on this machine nothing but theirs."""
    listed = service.ecs.list_tasks(cluster=service.cluster)["taskArns"]
    tasks = service.tasks()
    ids = sorted(arn.rsplit("/", 1)[1] for arn in listed)
    found = traces.of_tasks(service.neargate)
    interfaces = sorted(entry.rsplit("/", 1)[1] for entry in found if entry.startswith("interface"))
    return (
        len(listed) == len(tasks) == service.count
        and interfaces == ids
        and [entry for entry in found if not any(id in entry for id in ids)] == []
        and sorted(service.vpc.states(service.target_group)) == sorted(address(task) for task in tasks)
    )


def first_after(killed, asked):
    """When the first request was answered that was sent after Neargate was gone."""
    return min((answer.ended for answer in asked.answers if answer.ok and answer.sent > killed), default=None)


def failed_outside(began, ended, asked):
    return [answer for answer in asked.failed if answer.ended < began or answer.sent > ended]


def test_no_request_fails_while_a_task_on_spot_is_interrupted(neargate):
    service = WebService(neargate, "spot-web", "10.36", count=2, provider="FARGATE_SPOT")
    victim = service.tasks()[0]["taskArn"]
    with no_request_fails(service):
        neargate.command("spot", "interrupt", victim)
        wait_for("its end", lambda: service.describe_task(victim)["lastStatus"] == "STOPPED")
        service.wait_until_stable()
    assert service.describe_task(victim)["containers"][0]["exitCode"] == 143, "it had SIGTERM, and was not killed"
    service.end()


def test_no_request_fails_while_zones_are_evened_out(service):
    """Protected, the tasks of one zone stay when the service scales in; then one of them has to move."""

    def per_zone():
        zones = [task["availabilityZone"] for task in service.tasks()]
        return [zones.count(zone) for zone in ("us-west-2a", "us-west-2b")]

    def protect(arns, are):
        service.ecs.update_task_protection(cluster=service.cluster, tasks=arns, protectionEnabled=are)

    assert per_zone() == [2, 2]
    kept = [task["taskArn"] for task in service.tasks() if task["availabilityZone"] == "us-west-2b"]
    protect(kept, True)
    service.resize(2)
    assert per_zone() == [0, 2]
    with no_request_fails(service):
        protect(kept, False)
        wait_for("a task in each zone", lambda: per_zone() == [1, 1], seconds=60)
        service.wait_until_stable()
    told = [message for message in service.messages() if "AZ" in message]
    assert "has stopped 1 running tasks in us-west-2b due to AZ rebalancing" in " ".join(told)
    service.resize(4)


def processes(task):
    """The processes of a task's containers."""
    id = task["taskArn"].rsplit("/", 1)[1]
    return [path.parent for path in Path("/proc").glob("[0-9]*/cgroup") if id in text(path)]


def is_answering_slowly(task):
    return any("sleep" in text(process / "cmdline") for process in processes(task))


def kill_processes(task):
    """Ends all processes of a task as a crash would; gives the instant at which none was left."""
    found = processes(task)
    assert found, "the task has processes"
    for process in found:
        # With the container's first process its others end by themselves.
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(process.name), signal.SIGKILL)
    wait_for("their end", lambda: not any(is_alive(process) for process in found), pause=0.005)
    return time.monotonic()


def is_alive(process):
    """A zombie holds no connection any more."""
    status = text(process / "stat")
    return status.rpartition(")")[2].split()[:1] not in ([], ["Z"], ["X"])


def text(path):
    try:
        return path.read_text()
    except OSError:
        return ""
