"""The main job: examples/dev by an unmodified Terraform, used as its users would."""

import time

import pytest
import requests

import traces
from conftest import image, wait_for
from stack import Stack


@pytest.fixture(scope="module")
def stack(neargate, tmp_path_factory):
    stack = Stack(neargate, "dev", tmp_path_factory.mktemp("dev"))
    stack.apply()
    stack.deploy()
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
    stack.get("/api/tags")
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
    stack.wait_for_health("the API after the restart", seconds=60)
    [after] = stack.running_tasks()
    assert after["taskArn"] == before["taskArn"]
    assert after["startedAt"] == before["startedAt"]


def test_a_pushed_image_rolls_out_by_force_new_deployment(stack):
    before = stack.running_tasks()
    stack.neargate.push(image("flask-api"), stack.terraform.output("ecr_repository_url"))
    stack.neargate.aws(
        "ecs", "update-service", "--cluster", stack.cluster, "--service", stack.service, "--force-new-deployment"
    )
    stack.wait_for_other_tasks(before)
    assert stack.is_healthy()


def test_a_changed_task_cpu_rolls_to_a_new_task(stack):
    before = stack.running_tasks()
    stack.terraform.edit("main.tf", "task_cpu            = 256 ", "task_cpu            = 512 ")
    stack.terraform.edit("main.tf", "task_memory         = 512 ", "task_memory         = 1024 ")
    stack.terraform.apply()
    stack.wait_for_other_tasks(before)
    [after] = stack.running_tasks()
    assert (after["cpu"], after["memory"]) == ("512", "1024")
    assert stack.is_healthy()
    stack.terraform.assert_plan_is_empty()


def test_a_task_that_dies_is_replaced(stack):
    [before] = stack.running_tasks()
    stack.ecs.stop_task(cluster=stack.cluster, task=before["taskArn"], reason="a test")
    stack.wait_for_other_tasks([before])
    stack.wait_for_health("the API")


def test_destroy_leaves_nothing(stack):
    stack.terraform.destroy()
    assert stack.neargate.client("ec2").describe_network_interfaces()["NetworkInterfaces"] == []
    assert stack.ecs.list_clusters()["clusterArns"] == []
    traces.assert_none(stack.neargate)
