"""Metrics: put by an application, measured of what runs, watched by alarms, and there after a kill."""

from datetime import datetime, timedelta, timezone

import pytest

from conftest import wait_for
from runner import Runner

BURN = {"command": ["sh", "-c", "trap 'exit 0' TERM; while true; do :; done"], "stopTimeout": 2}


@pytest.fixture(scope="module")
def cloudwatch(neargate):
    return neargate.client("cloudwatch")


def test_what_was_put_survives_a_kill(neargate, cloudwatch):
    now = datetime.now(timezone.utc)
    till = [{"Name": "Till", "Value": "1"}]
    sold = {"MetricName": "Sold", "Dimensions": till, "Unit": "Count", "Timestamp": now}
    cloudwatch.put_metric_data(Namespace="Shop", MetricData=[{**sold, "Values": [1, 5], "Counts": [3, 1]}])
    neargate.kill()
    neargate.start()
    assert [m["MetricName"] for m in cloudwatch.list_metrics(Namespace="Shop")["Metrics"]] == ["Sold"]
    asked = neargate.aws(
        *("cloudwatch", "get-metric-statistics", "--namespace", "Shop", "--metric-name", "Sold"),
        *("--dimensions", "Name=Till,Value=1", "--period", "60", "--statistics", "Sum", "Maximum"),
        *("--start-time", (now - timedelta(minutes=2)).isoformat(), "--end-time", (now + timedelta(minutes=2)).isoformat()),
    )
    [point] = asked["Datapoints"]
    assert (point["Sum"], point["Maximum"], point["Unit"]) == (8.0, 5.0, "Count")


def test_a_service_is_measured_by_what_it_reserves(neargate, cloudwatch):
    runner = Runner(neargate, cluster="measured", cidr="10.37")
    runner.ecs.create_service(
        cluster="measured",
        serviceName="burn",
        taskDefinition=runner.register(BURN, family="burn"),
        desiredCount=1,
        launchType="FARGATE",
        networkConfiguration=runner.network,
    )
    service = [{"Name": "ClusterName", "Value": "measured"}, {"Name": "ServiceName", "Value": "burn"}]

    watched = {"Namespace": "AWS/ECS", "MetricName": "CPUUtilization", "Dimensions": service, "Statistic": "Average"}
    when = {"Period": 60, "EvaluationPeriods": 1, "ComparisonOperator": "GreaterThanThreshold"}
    cloudwatch.put_metric_alarm(AlarmName="busy", Threshold=5, **watched, **when)
    cloudwatch.put_metric_alarm(AlarmName="on-fire", Threshold=1000, **watched, **when)
    neargate.command("clock", "rate", "10x")

    def alarm(name):
        return cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"][0]

    def averages(name):
        metric = {"Namespace": "AWS/ECS", "MetricName": name, "Dimensions": service}
        stat = {"Metric": metric, "Period": 60, "Stat": "Average"}
        now = datetime.now(timezone.utc)
        answer = cloudwatch.get_metric_data(
            MetricDataQueries=[{"Id": "asked", "MetricStat": stat}],
            StartTime=now - timedelta(minutes=1),
            EndTime=now + timedelta(hours=1),
        )
        return answer["MetricDataResults"][0]["Values"]

    cpu = wait_for("three minutes of measures", lambda: averages("CPUUtilization")[2:] and averages("CPUUtilization"))
    assert 20 < max(cpu) < 130, f"a process that never rests, of a quarter of a CPU: {cpu}"
    memory = averages("MemoryUtilization")
    assert all(0 < value < 20 for value in memory), memory
    wait_for("the alarm", lambda: alarm("busy")["StateValue"] == "ALARM", seconds=20)
    assert alarm("busy")["StateReason"].startswith("Threshold Crossed: 1 out of the last 1 datapoints [")
    assert alarm("on-fire")["StateValue"] == "OK"
    history = cloudwatch.describe_alarm_history(AlarmName="busy", HistoryItemType="StateUpdate")["AlarmHistoryItems"]
    assert history[-1]["HistorySummary"] == "Alarm updated from INSUFFICIENT_DATA to ALARM"
    runner.ecs.delete_service(cluster="measured", service="burn", force=True)
    wait_for("no data", lambda: alarm("busy")["StateValue"] == "INSUFFICIENT_DATA", seconds=60)
    neargate.command("clock", "rate", "1x")
