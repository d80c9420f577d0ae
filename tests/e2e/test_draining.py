"""Tasks that drain: requests in flight end well, and a kill of Neargate in between changes nothing."""

import threading
from pathlib import Path

import pytest
import requests

from conftest import wait_for
from runner import Runner
from vpc import Balancer, Vpc, forward

SLOW = "echo Content-Type: text/plain; echo; sleep 00006; echo slow"
SERVE = (
    "mkdir -p /tmp/www/cgi-bin && cd /tmp/www && echo ok > health"
    f" && printf '#!/bin/sh\\n{SLOW}\\n' > cgi-bin/slow && chmod +x cgi-bin/slow; exec httpd -f -p 8080 -h /tmp/www"
)


class Service:
    """A service of one task behind a load balancer, with a page that takes six seconds."""

    def __init__(self, neargate):
        self.runner = Runner(neargate, cluster="draining", cidr="10.12")
        self.vpc = Vpc(neargate, "10.13")
        self.public = self.vpc.group("public", (80, "anyone"))
        private = self.vpc.group("private", (8080, self.public))
        self.group = self.vpc.target_group("slow")
        attribute = {"Key": "deregistration_delay.timeout_seconds", "Value": "60"}
        self.vpc.elb.modify_target_group_attributes(TargetGroupArn=self.group, Attributes=[attribute])
        self.balancer: Balancer = self.vpc.balancer("draining", self.public)
        self.balancer.listen(80, forward(self.group))
        container = {
            "command": ["sh", "-c", SERVE],
            "portMappings": [{"containerPort": 8080}],
            "linuxParameters": {"initProcessEnabled": True},
        }
        where = {"subnets": self.vpc.subnets, "securityGroups": [private]}
        self.runner.ecs.create_service(
            cluster="draining",
            serviceName="slow",
            taskDefinition=self.runner.register(container, family="slow"),
            desiredCount=1,
            launchType="FARGATE",
            networkConfiguration={"awsvpcConfiguration": where},
            loadBalancers=[{"targetGroupArn": self.group, "containerName": "main", "containerPort": 8080}],
        )
        wait_for("an answer", lambda: self.balancer.get("/health").ok, seconds=60)

    def task(self):
        [arn] = self.runner.ecs.list_tasks(cluster="draining", serviceName="slow")["taskArns"]
        return arn

    def status(self, arn):
        return self.runner.describe(arn)["lastStatus"]


@pytest.fixture(scope="module")
def service(neargate):
    service = Service(neargate)
    yield service
    service.vpc.end()


def in_background(call):
    """Starts a call; gives the thread and the list that its outcome comes into."""
    outcome = []

    def run():
        try:
            outcome.append(call())
        except requests.RequestException as error:
            outcome.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    return thread, outcome


def stop_while_it_answers(service):
    """Asks for the slow page, and the task's stop while it waits for it."""
    arn = service.task()
    asking, outcome = in_background(lambda: service.balancer.get("/cgi-bin/slow"))
    wait_for("the request to be there", lambda: b"sleep 00006 " in processes(), seconds=5, pause=0.02)
    service.runner.ecs.update_service(cluster="draining", service="slow", desiredCount=0)
    wait_for("the task to drain", lambda: service.status(arn) == "DEACTIVATING", seconds=10, pause=0.02)
    return arn, asking, outcome


def processes():
    """The command lines of this machine's processes."""
    lines = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            lines.append(path.read_bytes().replace(b"\0", b" "))
        except OSError:
            pass
    return b"\n".join(lines)


def test_a_request_in_flight_is_answered_before_the_task_stops(service):
    arn, asking, outcome = stop_while_it_answers(service)
    asking.join()
    assert (outcome[0].status_code, outcome[0].text) == (200, "slow\n")
    stopped = service.runner.wait(arn, "STOPPED", seconds=50)
    assert stopped["stopCode"] == "ServiceSchedulerInitiated"


def test_a_kill_while_it_drains_changes_nothing_in_the_end(service, neargate):
    service.runner.ecs.update_service(cluster="draining", service="slow", desiredCount=1)
    wait_for("an answer", lambda: service.balancer.get("/health").ok, seconds=60)
    arn, asking, _ = stop_while_it_answers(service)
    neargate.kill()
    neargate.start()
    asking.join()
    stopped = service.runner.wait(arn, "STOPPED", seconds=50)
    assert stopped["stopCode"] == "ServiceSchedulerInitiated"
    assert service.runner.ecs.list_tasks(cluster="draining")["taskArns"] == []
    assert service.vpc.states(service.group) == {}
    service.runner.ecs.update_service(cluster="draining", service="slow", desiredCount=1)
    wait_for("the next task to answer", lambda: service.balancer.get("/health").ok, seconds=60)
