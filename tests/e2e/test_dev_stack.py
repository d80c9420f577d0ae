"""The main job: examples/dev by an unmodified Terraform, used as its users would."""

import time

import pytest
import requests

import traces
from conftest import Neargate, Terraform, image, load_balancer_url, wait_for


class Stack:
    """The applied stack and what its tests need of it."""

    def __init__(self, neargate, terraform):
        self.neargate = neargate
        self.terraform = terraform
        self.ecs = neargate.client("ecs")
        self.cluster = terraform.output("cluster_name")
        self.service = terraform.output("service_name")
        self.url = load_balancer_url(neargate, "realworld-dev-alb")

    def describe(self):
        return self.ecs.describe_services(cluster=self.cluster, services=[self.service])["services"][0]

    def is_stable(self):
        service = self.describe()
        return len(service["deployments"]) == 1 and service["runningCount"] == service["desiredCount"]

    def running_tasks(self):
        arns = self.ecs.list_tasks(cluster=self.cluster, serviceName=self.service)["taskArns"]
        tasks = self.ecs.describe_tasks(cluster=self.cluster, tasks=arns)["tasks"] if arns else []
        return [task for task in tasks if task["lastStatus"] == "RUNNING"]

    def is_healthy(self):
        answer = requests.get(f"{self.url}/health", timeout=5)
        return answer.status_code == 200 and answer.json()["status"] == "healthy"

    def events(self):
        return [event["message"] for event in self.describe()["events"]]

    def why(self):
        """What to print when it does not come up."""
        arns = self.ecs.list_tasks(cluster=self.cluster, desiredStatus="STOPPED")["taskArns"]
        tasks = self.ecs.describe_tasks(cluster=self.cluster, tasks=arns)["tasks"] if arns else []
        reasons = [task.get("stoppedReason") for task in tasks]
        return f"events: {self.events()[:8]}\nstopped: {reasons[:5]}\n{self.neargate.log.read_text()[-3000:]}"


@pytest.fixture(scope="module")
def stack(neargate, tmp_path_factory):
    terraform = Terraform(neargate, "dev", tmp_path_factory.mktemp("dev"))
    terraform.apply()
    stack = Stack(neargate, terraform)
    neargate.push(image("flask-api"), terraform.output("ecr_repository_url"))
    # As on AWS, the first deployment may have failed for want of the image: deploy it now.
    stack.ecs.update_service(cluster=stack.cluster, service=stack.service, forceNewDeployment=True)
    try:
        wait_for("the API to be healthy", stack.is_healthy, seconds=180)
    except AssertionError as error:
        raise AssertionError(f"{error}\n{stack.why()}") from error
    return stack


def test_the_plan_after_the_apply_is_empty(stack):
    stack.terraform.assert_plan_is_empty()


def test_the_realworld_flow(stack):
    api = f"{stack.url}/api"
    name = f"user{time.time_ns()}"
    user = {"username": name, "email": f"{name}@example.com", "password": "correct horse"}
    registered = requests.post(f"{api}/users", json={"user": user}, timeout=10)
    assert registered.status_code == 201, registered.text
    login = requests.post(f"{api}/users/login", json={"user": user}, timeout=10)
    assert login.status_code == 200, login.text
    headers = {"Authorization": f"Token {login.json()['user']['token']}"}
    article = {"title": f"Near {name}", "description": "d", "body": "b", "tagList": ["near"]}
    published = requests.post(f"{api}/articles", json={"article": article}, headers=headers, timeout=10)
    assert published.status_code == 201, published.text
    slug = published.json()["article"]["slug"]
    comment = requests.post(
        f"{api}/articles/{slug}/comments", json={"comment": {"body": "hm"}}, headers=headers, timeout=10
    )
    assert comment.status_code == 201, comment.text
    favorite = requests.post(f"{api}/articles/{slug}/favorite", headers=headers, timeout=10)
    assert favorite.json()["article"]["favoritesCount"] == 1
    listed = requests.get(f"{api}/articles", params={"tag": "near"}, timeout=10).json()
    assert slug in [article["slug"] for article in listed["articles"]]


def test_logs_are_what_the_container_printed(stack):
    group = stack.terraform.output("log_group_name")
    logs = stack.neargate.client("logs")
    requests.get(f"{stack.url}/api/tags", timeout=10)
    wait_for(
        "the access log line",
        lambda: logs.filter_log_events(logGroupName=group, filterPattern='"/api/tags"')["events"],
        seconds=20,
    )


def test_the_task_runs_on_spot_in_a_private_subnet(stack):
    [task] = stack.running_tasks()
    assert task["capacityProviderName"] == "FARGATE_SPOT"
    details = {d["name"]: d["value"] for d in task["attachments"][0]["details"]}
    subnet = stack.neargate.client("ec2").describe_subnets(SubnetIds=[details["subnetId"]])["Subnets"][0]
    assert not subnet["MapPublicIpOnLaunch"]


def test_a_killed_neargate_finds_its_tasks_again(stack):
    [before] = stack.running_tasks()
    stack.neargate.kill()
    stack.neargate.start()
    wait_for("the API after the restart", stack.is_healthy, seconds=60)
    [after] = stack.running_tasks()
    assert after["taskArn"] == before["taskArn"]
    assert after["startedAt"] == before["startedAt"]


def test_a_pushed_image_rolls_out_by_force_new_deployment(stack):
    [before] = stack.running_tasks()
    stack.neargate.push(image("flask-api"), stack.terraform.output("ecr_repository_url"))
    stack.neargate.aws(
        "ecs", "update-service", "--cluster", stack.cluster, "--service", stack.service, "--force-new-deployment"
    )
    wait_for(
        "the new task",
        lambda: stack.is_stable() and [t["taskArn"] for t in stack.running_tasks()] != [before["taskArn"]],
        seconds=120,
    )
    assert stack.is_healthy()


def test_a_task_that_dies_is_replaced(stack):
    [before] = stack.running_tasks()
    stack.ecs.stop_task(cluster=stack.cluster, task=before["taskArn"], reason="a test")
    wait_for(
        "another task",
        lambda: [t for t in stack.running_tasks() if t["taskArn"] != before["taskArn"]],
        seconds=120,
    )
    wait_for("the API", stack.is_healthy, seconds=120)


def test_destroy_and_down_leave_nothing(stack):
    stack.terraform.destroy()
    neargate: Neargate = stack.neargate
    assert neargate.client("ec2").describe_network_interfaces()["NetworkInterfaces"] == []
    assert stack.ecs.list_clusters()["clusterArns"] == []
    neargate.down()
    wait_for("everything to be gone", lambda: not traces.of(neargate), seconds=30)
