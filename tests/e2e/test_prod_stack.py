"""examples/prod by an unmodified Terraform: HTTPS, two tasks, scaling, alarms, a dashboard."""

import json

import pytest
import requests

import traces
from conftest import wait_for
from stack import Stack


@pytest.fixture(scope="module")
def stack(neargate, tmp_path_factory):
    stack = Stack(neargate, "prod", tmp_path_factory.mktemp("prod"))
    stack.scheme = "https"
    # The certificate is for names, and the tests come by address.
    stack.verify = False
    stack.terraform.script("self-signed-certificate", stack.terraform.directory)
    stack.apply()
    stack.deploy()
    return stack


@pytest.mark.filterwarnings("ignore:Unverified HTTPS request")
def test_two_tasks_answer_over_https_alone(stack):
    wait_for("a stable service", stack.is_stable, seconds=120)
    tasks = stack.running_tasks()
    assert [task["capacityProviderName"] for task in tasks] == ["FARGATE", "FARGATE"]
    assert len({task["availabilityZone"] for task in tasks}) == 2
    assert stack.is_healthy()
    plain = requests.get(stack.url.replace("https", "http") + "/health?a=b", timeout=10, allow_redirects=False)
    assert plain.status_code == 301
    assert plain.headers["Location"].startswith("https://")
    assert plain.headers["Location"].endswith(":443/health?a=b")


def test_the_certificate_is_the_one_that_was_imported(stack):
    dns_name = stack.terraform.output("alb_dns_name")
    answer = stack.neargate.curl(
        f"https://{dns_name}/health",
        "--cacert",
        str(stack.terraform.directory / "certificate.pem"),
        "--resolve",
        f"{dns_name}:443:{stack.url.removeprefix('https://')}",
    )
    assert json.loads(answer)["status"] == "healthy"


@pytest.mark.filterwarnings("ignore:Unverified HTTPS request")
def test_the_plan_after_the_apply_is_empty(stack):
    stack.terraform.assert_plan_is_empty()


def test_the_bounds_of_scaling_hold(stack):
    scaling = stack.neargate.client("application-autoscaling")
    [target] = scaling.describe_scalable_targets(ServiceNamespace="ecs")["ScalableTargets"]
    assert (target["MinCapacity"], target["MaxCapacity"]) == (2, 10)
    alarms = stack.neargate.client("cloudwatch").describe_alarms(AlarmNamePrefix="realworld-prod-")["MetricAlarms"]
    assert len(alarms) == 5


def test_what_does_not_act_is_told(stack):
    """Scaling and notifications act, every metric is measured; what does not act is said."""
    told = [(inert["resource"], inert["field"]) for inert in stack.neargate.page("inert")["inert"]]
    acting = ("ScalingPolicy", "Schedule", "MetricName", "settings.containerInsights", "AlarmActions", "Endpoint")
    assert [resource for resource, field in told if field in acting] == []
    assert [resource.split(":")[2] for resource, field in told if field == "MultiAZ"] == ["rds"]


def test_destroy_leaves_nothing(stack):
    stack.terraform.destroy()
    assert stack.neargate.client("ec2").describe_network_interfaces()["NetworkInterfaces"] == []
    assert stack.ecs.list_clusters()["clusterArns"] == []
    traces.assert_none(stack.neargate)
