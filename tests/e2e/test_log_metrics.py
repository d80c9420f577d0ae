"""What log lines tell: a metric filter on a container's JSON lines drives an alarm, and lines are forgotten in time."""

import time

import pytest

from conftest import wait_for
from runner import Runner

WORK = 'n=0; while [ $n -lt 600 ]; do n=$((n+1)); echo "{\\"level\\": \\"ERROR\\", \\"ms\\": $n}"; sleep 0.2; done'


@pytest.fixture(scope="module")
def runner(neargate):
    return Runner(neargate, cluster="lines", cidr="10.53")


def test_a_filter_on_a_containers_lines_drives_an_alarm(neargate, runner):
    logs, cloudwatch = neargate.client("logs"), neargate.client("cloudwatch")
    transformations = [
        {"metricNamespace": "App", "metricName": "Errors", "metricValue": "1", "defaultValue": 0},
        {"metricNamespace": "App", "metricName": "Latency", "metricValue": "$.ms", "unit": "Milliseconds"},
    ]
    for transformation in transformations:
        logs.put_metric_filter(
            logGroupName=runner.group,
            filterName=transformation["metricName"],
            filterPattern='{ $.level = "ERROR" && $.ms >= 1 }',
            metricTransformations=[transformation],
        )
    cloudwatch.put_metric_alarm(
        AlarmName="errors",
        Namespace="App",
        MetricName="Errors",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=0,
        ComparisonOperator="GreaterThanThreshold",
        TreatMissingData="notBreaching",
    )
    state = lambda: cloudwatch.describe_alarms(AlarmNames=["errors"])["MetricAlarms"][0]["StateValue"]
    neargate.command("clock", "rate", "10x")
    wait_for("the alarm to be calm", lambda: state() == "OK", seconds=60)
    runner.start({"command": ["sh", "-c", WORK]})
    wait_for("the alarm", lambda: state() == "ALARM", seconds=90)
    listed = cloudwatch.get_paginator("list_metrics").paginate(Namespace="App")
    names = {metric["MetricName"] for page in listed for metric in page["Metrics"]}
    assert names == {"Errors", "Latency"}
    told = [inert for inert in neargate.page("inert") if "metricTransformations" in str(inert)]
    assert told == []


def test_a_kill_loses_no_line_of_a_filter(neargate):
    logs, cloudwatch = neargate.client("logs"), neargate.client("cloudwatch")
    logs.create_log_group(logGroupName="/counted")
    logs.create_log_stream(logGroupName="/counted", logStreamName="s")
    logs.put_metric_filter(
        logGroupName="/counted",
        filterName="orders",
        filterPattern="[verb = ORDER, shop, price]",
        metricTransformations=[
            {"metricNamespace": "Shop", "metricName": "Price", "metricValue": "$price", "dimensions": {"Shop": "$shop"}}
        ],
    )
    now = int(time.time() * 1000)
    lines = [f"ORDER {shop} {price}" for shop in ("north", "south") for price in (10, 20)] + ["REFUND north 99"]
    events = [{"timestamp": now, "message": line} for line in lines]
    logs.put_log_events(logGroupName="/counted", logStreamName="s", logEvents=events)
    neargate.kill()
    neargate.start()

    def sold(shop):
        metric = {"Namespace": "Shop", "MetricName": "Price", "Dimensions": [{"Name": "Shop", "Value": shop}]}
        answer = cloudwatch.get_metric_data(
            MetricDataQueries=[{"Id": "asked", "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Maximum"}}],
            StartTime=now / 1000 - 600,
            EndTime=now / 1000 + 600,
        )
        return answer["MetricDataResults"][0]["Values"]

    wait_for("both shops", lambda: sold("north") == [20] and sold("south") == [20])


def test_lines_are_forgotten_when_their_retention_is_over(neargate):
    logs = neargate.client("logs")
    logs.create_log_group(logGroupName="/short")
    logs.create_log_stream(logGroupName="/short", logStreamName="s")
    logs.put_retention_policy(logGroupName="/short", retentionInDays=1)
    now = int(time.time() * 1000)
    logs.put_log_events(logGroupName="/short", logStreamName="s", logEvents=[{"timestamp": now, "message": "soon gone"}])
    found = lambda: logs.filter_log_events(logGroupName="/short")["events"]
    assert [event["message"] for event in found()] == ["soon gone"]
    neargate.command("clock", "advance", "25h")
    wait_for("the line to be gone", lambda: not found())
    assert logs.describe_log_groups(logGroupNamePrefix="/short")["logGroups"][0]["storedBytes"] == 0
