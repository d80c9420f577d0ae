"""A service of web tasks behind a load balancer, and a steady load on it."""

import itertools
import threading
import time
from dataclasses import dataclass

import requests

from conftest import image, wait_for
from vpc import Vpc, forward

CLIENTS = 8
"""How many clients ask at once."""

PAUSE = 0.02
"""How long each of them waits after an answer, in seconds: so they ask 300 times a second or so."""


SERVE = """
mkdir -p /w/cgi-bin
echo ok >/w/health
echo {version} $(hostname -i) >/w/index.html
printf '#!/bin/sh\\nsleep 1\\necho; cat /w/index.html\\n' >/w/cgi-bin/slow
chmod +x /w/cgi-bin/slow
exec httpd -f -p 8080 -h /w
"""


class WebService:
    """Tasks whose `/` tells the version and the address of the one that answers;
    `/cgi-bin/slow` does so after a second."""

    def __init__(self, neargate, name, network, count, provider="FARGATE", **more):
        self.neargate, self.name, self.count = neargate, name, count
        self.vpc = Vpc(neargate, network=network)
        self.ecs, self.cluster = self.vpc.ecs, self.vpc.cluster
        self.ecs.put_cluster_capacity_providers(
            cluster=self.cluster, capacityProviders=[provider], defaultCapacityProviderStrategy=[]
        )
        url = neargate.client("ecr").create_repository(repositoryName=name)["repository"]["repositoryUri"]
        neargate.push(image("busybox"), url)
        self.repository, self.image = url, f"{url}:latest"
        self.role = self.vpc.execution_role(name)
        group = self.vpc.group(name, (80, "anyone"), (8080, "anyone"))
        self.balancer = self.vpc.balancer(name, group)
        self.target_group = self.vpc.target_group(name)
        self.balancer.listen(80, forward(self.target_group))
        self.ecs.create_service(
            cluster=self.cluster,
            serviceName=name,
            taskDefinition=self.register("v1"),
            desiredCount=count,
            capacityProviderStrategy=[{"capacityProvider": provider, "weight": 1}],
            networkConfiguration={"awsvpcConfiguration": {"subnets": self.vpc.subnets, "securityGroups": [group]}},
            loadBalancers=[{"targetGroupArn": self.target_group, "containerName": "main", "containerPort": 8080}],
            **more,
        )
        self.wait_until_stable()

    def register(self, version, script=SERVE, tag="latest"):
        """A task definition of the service's family, whose container runs `script`: it serves."""
        container = {
            "name": "main",
            "image": f"{self.repository}:{tag}",
            "command": ["sh", "-c", script.replace("{version}", version)],
            "portMappings": [{"containerPort": 8080}],
            "linuxParameters": {"initProcessEnabled": True},
        }
        return self.ecs.register_task_definition(
            family=self.name,
            requiresCompatibilities=["FARGATE"],
            networkMode="awsvpc",
            cpu="256",
            memory="512",
            executionRoleArn=self.role,
            containerDefinitions=[container],
        )["taskDefinition"]["taskDefinitionArn"]

    def update(self, **change):
        return self.ecs.update_service(cluster=self.cluster, service=self.name, **change)["service"]

    def roll_to(self, definition):
        """Begins a deployment of a task definition; gives its id."""
        return self.update(taskDefinition=definition)["deployments"][0]["id"]

    def describe(self):
        return self.ecs.describe_services(cluster=self.cluster, services=[self.name])["services"][0]

    def messages(self):
        return [event["message"] for event in self.describe()["events"]]

    def tasks(self, status="RUNNING"):
        """The tasks that are to run, or have stopped or are to, the oldest first."""
        asked = {"serviceName": self.name, "desiredStatus": status}
        listed = self.ecs.list_tasks(cluster=self.cluster, **asked)["taskArns"]
        if not listed:
            return []
        tasks = self.ecs.describe_tasks(cluster=self.cluster, tasks=listed)["tasks"]
        return sorted(tasks, key=lambda task: task["createdAt"])

    def describe_task(self, arn):
        return self.ecs.describe_tasks(cluster=self.cluster, tasks=[arn])["tasks"][0]

    def is_stable(self):
        """As the waiter `services-stable` has it, with every target healthy."""
        service = self.describe()
        states = sorted(self.vpc.states(self.target_group).values())
        return (
            len(service["deployments"]) == 1
            and service["runningCount"] == service["desiredCount"] == self.count
            and states == ["healthy"] * self.count
        )

    def wait_until_stable(self, seconds=90):
        wait_for(f"{self.name} to be stable", self.is_stable, seconds=seconds, pause=0.1)

    def resize(self, count):
        self.count = count
        self.update(desiredCount=count)
        self.wait_until_stable()

    def end(self):
        self.ecs.delete_service(cluster=self.cluster, service=self.name, force=True)


def address(task):
    """A task's address in its subnet."""
    details = {detail["name"]: detail["value"] for detail in task["attachments"][0]["details"]}
    return details["privateIPv4Address"]


@dataclass
class Answer:
    """One request: when it was sent and when it ended, and what came of it."""

    url: str
    sent: float
    ended: float
    outcome: object
    text: str = ""

    @property
    def ok(self):
        return self.outcome == 200


class Load:
    """Asks a URL at a steady pace while it is entered. Half of the clients keep their
    connections, the others make a new one for each request."""

    numbers = itertools.count()
    """So that each request is known by its URL, in access logs too."""

    def __init__(self, url):
        self.url, self.answers = url, []
        self.over = threading.Event()
        self.clients = [threading.Thread(target=self.ask, args=(n % 2 == 0,)) for n in range(CLIENTS)]

    def ask(self, keeps):
        with requests.Session() as session:
            while not self.over.wait(PAUSE):
                url = f"{self.url}?{next(self.numbers)}"
                sent = time.monotonic()
                try:
                    with (session if keeps else requests).get(url, timeout=20) as response:
                        outcome, text = response.status_code, response.text
                except requests.RequestException as error:
                    outcome, text = type(error).__name__, str(error)
                self.answers.append(Answer(url, sent, time.monotonic(), outcome, text))

    def __enter__(self):
        for client in self.clients:
            client.start()
        wait_for("answers", lambda: len(self.answers) >= CLIENTS, seconds=20, pause=0.02)
        return self

    def __exit__(self, *_):
        self.over.set()
        for client in self.clients:
            client.join()

    @property
    def failed(self):
        return [answer for answer in self.answers if not answer.ok]

    def versions(self):
        """The versions that have answered, in the order of their first answer."""
        return list(dict.fromkeys(answer.text.split()[0] for answer in self.answers if answer.ok))
