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
    repository = [{"Name": "RepositoryName", "Value": "measured/busybox"}]
    pulled = cloudwatch.get_metric_statistics(
        Namespace="AWS/ECR",
        MetricName="RepositoryPullCount",
        Dimensions=repository,
        StartTime=datetime.now(timezone.utc) - timedelta(hours=1),
        EndTime=datetime.now(timezone.utc) + timedelta(hours=1),
        Period=3600,
        Statistics=["Sum"],
    )["Datapoints"]
    assert sum(point["Sum"] for point in pulled) == 1, "the task's"
    wait_for("the alarm", lambda: alarm("busy")["StateValue"] == "ALARM", seconds=20)
    assert alarm("busy")["StateReason"].startswith("Threshold Crossed: 1 out of the last 1 datapoints [")
    assert alarm("on-fire")["StateValue"] == "OK"
    history = cloudwatch.describe_alarm_history(AlarmName="busy", HistoryItemType="StateUpdate")["AlarmHistoryItems"]
    assert history[-1]["HistorySummary"] == "Alarm updated from INSUFFICIENT_DATA to ALARM"
    runner.ecs.delete_service(cluster="measured", service="burn", force=True)
    wait_for("no data", lambda: alarm("busy")["StateValue"] == "INSUFFICIENT_DATA", seconds=60)
    neargate.command("clock", "rate", "1x")


def test_container_insights_are_there_where_the_cluster_has_them(neargate, cloudwatch):
    runner = Runner(neargate, cluster="insights", cidr="10.38")
    runner.ecs.update_cluster_settings(cluster="insights", settings=[{"name": "containerInsights", "value": "enhanced"}])
    write = "dd if=/dev/zero of=/f bs=1M count=8 2>/dev/null; trap 'exit 0' TERM; while true; do wget -q -O /dev/null $ECS_CONTAINER_METADATA_URI_V4/task; sleep 1; done"
    runner.ecs.create_service(
        cluster="insights",
        serviceName="web",
        taskDefinition=runner.register({"command": ["sh", "-c", write], "stopTimeout": 2}, family="web"),
        desiredCount=1,
        launchType="FARGATE",
        networkConfiguration=runner.network,
    )
    neargate.command("clock", "rate", "10x")
    of_service = [{"Name": "ClusterName", "Value": "insights"}, {"Name": "ServiceName", "Value": "web"}]

    def latest(name, dimensions=of_service):
        metric = {"Namespace": "ECS/ContainerInsights", "MetricName": name, "Dimensions": dimensions}
        now = datetime.now(timezone.utc)
        asked = {"StartTime": now - timedelta(minutes=1), "EndTime": now + timedelta(hours=2), "Period": 60}
        points = cloudwatch.get_metric_statistics(**metric, **asked, Statistics=["Sum"])["Datapoints"]
        return max(points, key=lambda point: point["Timestamp"])["Sum"] if points else None

    wait_for("what it writes", lambda: (latest("EphemeralStorageUtilized") or 0) > 0.008, seconds=60)
    assert (latest("RunningTaskCount"), latest("DesiredTaskCount"), latest("DeploymentCount")) == (1, 1, 1)
    assert (latest("CpuReserved"), latest("MemoryReserved")) == (256, 512)
    assert 0 < latest("MemoryUtilized") < 100
    wait_for("what it reads", lambda: latest("NetworkRxBytes"))
    [task] = runner.ecs.list_tasks(cluster="insights")["taskArns"]
    of_task = [*of_service, {"Name": "TaskId", "Value": task.rsplit("/", 1)[1]}]
    assert latest("TaskMemoryUtilization", of_task) > 0
    assert latest("ContainerMemoryUtilized", [*of_task, {"Name": "ContainerName", "Value": "main"}]) > 0
    assert latest("TaskCount", of_service[:1]) == latest("ServiceCount", of_service[:1]) == 1
    runner.ecs.update_service(cluster="insights", service="web", desiredCount=0)
    wait_for("no task", lambda: latest("RunningTaskCount") == 0 == latest("TaskCount", of_service[:1]), seconds=60)
    neargate.command("clock", "rate", "1x")
    before = latest("RunningTaskCount")
    neargate.command("clock", "advance", "30m")
    wait_for("the minutes that were skipped", lambda: latest("RunningTaskCount") == before, seconds=10)
    assert {m["Namespace"] for m in cloudwatch.list_metrics(Dimensions=[{"Name": "ClusterName", "Value": "measured"}])["Metrics"]} == {"AWS/ECS"}
