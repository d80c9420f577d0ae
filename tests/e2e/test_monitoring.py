"""The monitoring of modules/ECS: every widget of its dashboard shows data, and every alarm goes on and off."""

import json
import shutil
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
import requests

from conftest import wait_for
from stack import Stack

MONITORED = """
module "ecs" {
  command = ["python3", "-c", file("${path.module}/tricks.py")]

  desired_count                 = 2
  enable_fargate_spot           = false
  enable_container_health_check = false
  enable_cloudwatch_alarms      = true
  enable_cloudwatch_dashboard   = true
}
"""

MINUTE = 6
"""Seconds that a minute of the cloud takes, while its clock goes ten times as fast."""


class Monitored(Stack):
    def __init__(self, neargate, directory):
        super().__init__(neargate, "dev", directory)
        shutil.copy(Path(__file__).with_name("tricks.py"), self.terraform.directory)
        (self.terraform.directory / "monitored_override.tf").write_text(MONITORED)
        self.cloudwatch = neargate.client("cloudwatch")
        self.since = datetime.now(timezone.utc) - timedelta(hours=1)

    def ask(self, *tricks):
        """Each of them so often that every task has had it, as requests go to the tasks in turn."""
        for trick in tricks:
            for _ in range(8):
                try:
                    self.get(f"/{trick}", allow_redirects=False)
                except requests.RequestException:
                    pass

    def alarm(self, what):
        [alarm] = self.cloudwatch.describe_alarms(AlarmNames=[f"realworld-dev-{what}"])["MetricAlarms"]
        return alarm

    def wait_for_state(self, what, state, seconds=120):
        try:
            wait_for(f"{what} to be {state}", lambda: self.alarm(what)["StateValue"] == state, seconds=seconds)
        except AssertionError as error:
            raise AssertionError(f"{error}: {self.alarm(what)['StateReason']}") from error

    def values(self, namespace, name, dimensions, stat, period):
        """All that a metric had since the stack is there."""
        metric = {"Namespace": namespace, "MetricName": name, "Dimensions": dimensions}
        asked = {"Id": "asked", "MetricStat": {"Metric": metric, "Period": period, "Stat": stat}}
        answer = self.cloudwatch.get_metric_data(
            MetricDataQueries=[asked], StartTime=self.since, EndTime=self.since + timedelta(days=1)
        )
        return answer["MetricDataResults"][0]["Values"]


@pytest.fixture(scope="module")
def stack(neargate, tmp_path_factory):
    stack = Monitored(neargate, tmp_path_factory.mktemp("monitored"))
    stack.apply()
    stack.deploy()
    wait_for("two tasks", stack.is_stable, seconds=120)
    neargate.command("clock", "rate", "10x")
    yield stack
    neargate.command("clock", "rate", "1x")
    stack.terraform.destroy()


def widget_metrics(dashboard):
    """Widget, namespace, name, dimensions, statistic and period of each metric."""
    found = []
    for widget in dashboard["widgets"]:
        properties = widget["properties"]
        for namespace, name, *rest in properties["metrics"]:
            options = rest.pop() if rest and isinstance(rest[-1], dict) else {}
            dimensions = [{"Name": key, "Value": value} for key, value in zip(rest[::2], rest[1::2], strict=True)]
            stat, period = options.get("stat", properties["stat"]), options.get("period", properties["period"])
            found.append((properties["title"], namespace, name, dimensions, stat, period))
    return found


def test_every_widget_of_the_dashboard_shows_data(stack):
    traffic_until = time.monotonic() + 5 * MINUTE
    while time.monotonic() < traffic_until:
        stack.ask("", "missing", "moved")
        stack.get("/fail")
        stack.ask("drop")  # the load balancer answers 502
        requests.request("TRACE", stack.url, timeout=10)  # and 405
        time.sleep(0.5)
    time.sleep(MINUTE)
    [listed] = stack.cloudwatch.list_dashboards(DashboardNamePrefix="realworld-dev")["DashboardEntries"]
    body = stack.cloudwatch.get_dashboard(DashboardName=listed["DashboardName"])["DashboardBody"]
    metrics = widget_metrics(json.loads(body))
    assert len(metrics) == 19 and len({metric[0] for metric in metrics}) == 8
    empty = []
    for title, namespace, name, dimensions, stat, period in metrics:
        listed = stack.cloudwatch.list_metrics(Namespace=namespace, MetricName=name, Dimensions=dimensions)["Metrics"]
        wanted = sorted((dimension["Name"], dimension["Value"]) for dimension in dimensions)
        exact = [m for m in listed if sorted((d["Name"], d["Value"]) for d in m["Dimensions"]) == wanted]
        if len(exact) != 1 or len(stack.values(namespace, name, dimensions, stat, period)) < 2:
            empty.append((title, name, dimensions))
    assert empty == []
    tasks = [{"Name": "ClusterName", "Value": stack.cluster}, {"Name": "ServiceName", "Value": stack.service}]
    assert set(stack.values("ECS/ContainerInsights", "RunningTaskCount", tasks, "Minimum", 60)[:3]) == {2.0}, "the newest come first"


def test_no_metric_of_the_module_is_inert(stack):
    told = stack.neargate.page("inert")["inert"]
    assert [inert for inert in told if inert["field"] in ("MetricName", "settings.containerInsights")] == []


@pytest.mark.parametrize(("alarm", "trick"), [("cpu-high", "burn"), ("memory-high", "hold")])
def test_what_tasks_use_sets_off_its_alarm(stack, alarm, trick):
    stack.ask("calm")
    stack.wait_for_state(alarm, "OK")
    stack.ask(trick)
    stack.wait_for_state(alarm, "ALARM")
    assert stack.alarm(alarm)["StateReason"].startswith("Threshold Crossed: 3 out of the last 3 datapoints [")
    stack.ask("calm")
    stack.wait_for_state(alarm, "OK")


def test_slow_answers_set_off_the_alarm_on_the_response_time(stack):
    stack.wait_for_state("response-time-high", "OK")
    over = threading.Event()

    def wait_again_and_again(_):
        while not over.is_set():
            stack.get("/wait")

    with ThreadPoolExecutor(4) as clients:
        clients.map(wait_again_and_again, range(4))
        try:
            stack.wait_for_state("response-time-high", "ALARM")
        finally:
            over.set()
    stack.wait_for_state("response-time-high", "OK")


def test_errors_of_the_application_set_off_their_alarm(stack):
    stack.wait_for_state("5xx-high", "OK")
    for _ in range(60):
        stack.get("/fail")
    stack.wait_for_state("5xx-high", "ALARM")
    stack.wait_for_state("5xx-high", "OK")


def test_too_few_tasks_set_off_their_alarm(stack):
    stack.wait_for_state("running-tasks-low", "OK")
    stack.ecs.update_service(cluster=stack.cluster, service=stack.service, desiredCount=0)
    stack.wait_for_state("running-tasks-low", "ALARM")
    assert "0.0" in stack.alarm("running-tasks-low")["StateReason"]
    stack.ecs.update_service(cluster=stack.cluster, service=stack.service, desiredCount=2)
    stack.wait_for_state("running-tasks-low", "OK")
    # An alarm does not fire for minutes that were never measured, because the clock was moved over them.
    stack.neargate.command("clock", "advance", "2h")
    time.sleep(MINUTE)
    assert stack.alarm("running-tasks-low")["StateValue"] == "OK"
