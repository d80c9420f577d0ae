"""examples/prod by an unmodified Terraform: HTTPS, two tasks, scaling, alarms, a dashboard."""

import json
import math
from datetime import datetime, timedelta, timezone

import pytest
import requests

import traces
from conftest import wait_for
from stack import Stack
from wrk import Wrk


# Tests beside this one leave the machine little time: tasks that need less of it are busy sooner.
QUICKLY_BUSY = """
module "ecs" {
  task_cpu               = 256
  task_memory            = 512
  autoscaling_cpu_target = 40
}
"""
CPU_TARGET = 40


@pytest.fixture(scope="module")
def stack(neargate, tmp_path_factory):
    stack = Stack(neargate, "prod", tmp_path_factory.mktemp("prod"))
    (stack.terraform.directory / "quickly_busy_override.tf").write_text(QUICKLY_BUSY)
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


def cpu_of(stack):
    """The service's CPU, in percent of what its tasks have reserved, minute by minute."""
    dimensions = [{"Name": "ClusterName", "Value": stack.cluster}, {"Name": "ServiceName", "Value": stack.service}]
    now = datetime.now(timezone.utc)
    statistics = stack.neargate.client("cloudwatch").get_metric_statistics(
        Namespace="AWS/ECS",
        MetricName="CPUUtilization",
        Dimensions=dimensions,
        StartTime=now - timedelta(hours=1),
        EndTime=now + timedelta(hours=12),
        Period=60,
        Statistics=["Average"],
    )
    return [point["Average"] for point in statistics["Datapoints"]]


def test_a_load_scales_out_to_the_computed_number_and_its_end_scales_in(stack):
    def counts():
        service = stack.describe()
        return service["desiredCount"], service["runningCount"]

    def is_scaled_out():
        desired, running = counts()
        return desired > 2 and running >= 3

    scaling = stack.neargate.client("application-autoscaling")
    stack.neargate.command("clock", "rate", "20x")
    try:
        with Wrk(f"{stack.url}/health", connections=16) as load:
            wait_for("more tasks", is_scaled_out, seconds=180)
        stack.neargate.command("clock", "rate", "40x")
        wait_for("the end of the load", lambda: counts() == (2, 2), seconds=180)
    finally:
        stack.neargate.command("clock", "rate", "1x")
    load.assert_all_well()
    asked = {"ServiceNamespace": "ecs", "ResourceId": f"service/{stack.cluster}/{stack.service}"}
    first, *_, last = scaling.describe_scaling_activities(**asked)["ScalingActivities"][::-1]
    computed = {math.ceil(2 * cpu / CPU_TARGET) for cpu in cpu_of(stack) if cpu > CPU_TARGET}
    assert first["Description"] in {f"Setting desired count to {count}." for count in computed}
    assert "AlarmHigh" in first["Cause"] and "-cpu" in first["Cause"]
    assert last["Description"] == "Setting desired count to 2." and "AlarmLow" in last["Cause"]


def test_its_cost_is_told_by_its_state(stack):
    told = json.loads(stack.neargate.command("cost", stack.terraform.directory, "--json"))
    what = {line["address"].rsplit(".", 1)[1]: line["what"] for line in told["resources"]}
    assert what["rolling_autoscaled[0]"] == "2 to 10 tasks of 0.25 vCPU and 0.5 GB"
    assert told["withoutPrice"] == []
    assert told["low"] < told["high"]


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
