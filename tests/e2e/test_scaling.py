"""Services are scaled: by a target under real load, by steps, and by the clock."""

from datetime import datetime, timedelta, timezone

import pytest

from conftest import wait_for
from runner import Runner
from web_service import Load, WebService

BURN = """mkdir -p /w/cgi-bin; echo ok > /w/health
cat > /w/cgi-bin/burn <<'SCRIPT'
#!/bin/sh
i=0; while [ $i -lt 4000 ]; do i=$((i+1)); done
printf 'Content-Type: text/plain\\r\\n\\r\\nv1 done\\n'
SCRIPT
chmod 755 /w/cgi-bin/burn; exec httpd -f -p 8080 -h /w"""
"""A web server that has to work for each answer."""


def now_of(neargate):
    """The cloud's time."""
    return datetime.fromisoformat(neargate.page("clock")["now"])


class Target:
    """A service as Application Auto Scaling sees it."""

    def __init__(self, neargate, cluster, service, least, most):
        self.client = neargate.client("application-autoscaling")
        self.ecs, self.cluster, self.service = neargate.client("ecs"), cluster, service
        self.names = {
            "ServiceNamespace": "ecs",
            "ResourceId": f"service/{cluster}/{service}",
            "ScalableDimension": "ecs:service:DesiredCount",
        }
        self.client.register_scalable_target(**self.names, MinCapacity=least, MaxCapacity=most)

    def put(self, name, kind, configuration):
        member = f"{kind}PolicyConfiguration"
        return self.client.put_scaling_policy(**self.names, PolicyName=name, PolicyType=kind, **{member: configuration})

    def all(self, operation, key):
        """Everything of a paginator, a page per item."""
        pages = self.client.get_paginator(operation)
        asked = {**self.names, **({"IncludeNotScaledActivities": True} if key == "ScalingActivities" else {})}
        if operation == "describe_scalable_targets":
            asked = {"ServiceNamespace": "ecs", "ResourceIds": [self.names["ResourceId"]]}
        found = pages.paginate(**asked, PaginationConfig={"PageSize": 1})
        return [item for page in found for item in page[key]]

    def activities(self):
        """The oldest first."""
        return self.all("describe_scaling_activities", "ScalingActivities")[::-1]

    def counts(self):
        described = self.ecs.describe_services(cluster=self.cluster, services=[self.service])["services"][0]
        return described["desiredCount"], described["runningCount"]

    def wait_for(self, count, seconds=60):
        wait_for(f"{count} tasks", lambda: self.counts() == (count, count), seconds=seconds)


def test_a_load_scales_out_and_its_end_scales_in(neargate):
    web = WebService(neargate, "tracked", "10.41", count=2)
    web.update(taskDefinition=web.register("v1", script=BURN))
    web.wait_until_stable()
    target = Target(neargate, web.cluster, web.name, least=2, most=4)
    metric = {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"}
    tracked = {"TargetValue": 40.0, "PredefinedMetricSpecification": metric}
    alarms = target.put("cpu", "TargetTrackingScaling", tracked)["Alarms"]
    high, low = [alarm["AlarmName"] for alarm in alarms]
    prefix = f"TargetTracking-service/{web.cluster}/{web.name}-Alarm"
    assert high.startswith(f"{prefix}High-") and low.startswith(f"{prefix}Low-")
    cloudwatch = neargate.client("cloudwatch")
    described = {a["AlarmName"]: a for a in cloudwatch.describe_alarms(AlarmNames=[high, low])["MetricAlarms"]}
    assert (described[high]["Threshold"], described[high]["EvaluationPeriods"]) == (40.0, 3)
    assert (described[low]["Threshold"], described[low]["EvaluationPeriods"]) == (36.0, 15)

    neargate.command("clock", "rate", "20x")
    with Load(f"http://{web.balancer.address}/cgi-bin/burn") as asked:
        target.wait_for(4, seconds=90)
        sent = len(asked.answers)
        wait_for("some more answers", lambda: len(asked.answers) > sent + 50)
    assert asked.failed == []

    def out():
        return next(a for a in target.activities() if a["Description"] == "Setting desired count to 4.")

    assert out()["Cause"] == f"monitor alarm {high} in state ALARM triggered policy cpu"
    wait_for("its fulfilment", lambda: out()["StatusCode"] == "Successful")
    told = "Successfully set desired count to 4. Change successfully fulfilled by ecs."
    assert out()["StatusMessage"] == told

    neargate.command("clock", "rate", "40x")
    target.wait_for(2, seconds=120)
    neargate.command("clock", "rate", "1x")
    back = [a for a in target.activities() if a["Description"] == "Setting desired count to 2."]
    assert [a["Cause"] for a in back] == [f"monitor alarm {low} in state ALARM triggered policy cpu"]

    trail = neargate.client("cloudtrail")
    by = [{"AttributeKey": "Username", "AttributeValue": "AutoScaling-UpdateDesiredCapacity"}]
    calls = wait_for("the calls", lambda: trail.lookup_events(LookupAttributes=by)["Events"])
    assert {call["EventName"] for call in calls} == {"UpdateService"}
    assert "AWSServiceRoleForApplicationAutoScaling_ECSService" in calls[0]["CloudTrailEvent"]
    assert '"sourceIPAddress":"ecs.application-autoscaling.amazonaws.com"' in calls[0]["CloudTrailEvent"]

    target.client.delete_scaling_policy(**target.names, PolicyName="cpu")
    assert cloudwatch.describe_alarms(AlarmNames=[high, low])["MetricAlarms"] == []
    web.end()


def test_requests_per_target_are_kept(neargate):
    web = WebService(neargate, "counted", "10.43", count=1)
    web.wait_until_stable()
    target = Target(neargate, web.cluster, web.name, least=1, most=3)
    label = "/".join([web.balancer.arn.split("loadbalancer/")[1], web.target_group.split(":")[-1]])
    metric = {"PredefinedMetricType": "ALBRequestCountPerTarget", "ResourceLabel": label}
    # A minute of the cloud, which takes 3 s, has some hundreds of requests.
    tracked = {"TargetValue": 50.0, "PredefinedMetricSpecification": metric}
    target.put("requests", "TargetTrackingScaling", tracked)
    neargate.command("clock", "rate", "20x")
    with Load(f"http://{web.balancer.address}/") as asked:
        target.wait_for(3, seconds=90)
    assert asked.failed == []
    neargate.command("clock", "rate", "40x")
    target.wait_for(1, seconds=120)
    neargate.command("clock", "rate", "1x")
    out, back = target.activities()[0], target.activities()[-1]
    assert "AlarmHigh" in out["Cause"] and out["Cause"].endswith("in state ALARM triggered policy requests")
    assert "AlarmLow" in back["Cause"] and back["Description"] == "Setting desired count to 1."
    target.client.delete_scaling_policy(**target.names, PolicyName="requests")
    web.end()


@pytest.fixture(scope="module")
def target(neargate):
    """A service of one task that does nothing, scaled between 1 and 5."""
    runner = Runner(neargate, cluster="stepped", cidr="10.42")
    idle = {"command": ["sh", "-c", "trap 'exit 0' TERM; while true; do sleep 1; done"], "stopTimeout": 2}
    runner.ecs.create_service(
        cluster="stepped",
        serviceName="idle",
        taskDefinition=runner.register(idle, family="idle"),
        desiredCount=1,
        launchType="FARGATE",
        networkConfiguration=runner.network,
    )
    target = Target(neargate, "stepped", "idle", least=1, most=5)
    target.wait_for(1)
    yield target
    runner.ecs.delete_service(cluster="stepped", service="idle", force=True)


def test_a_day_of_history_makes_a_forecast(neargate, target):
    pair = {"PredefinedMetricPairSpecification": {"PredefinedMetricType": "ECSServiceCPUUtilization"}}
    forecast_only = {"MetricSpecifications": [{"TargetValue": 60.0, **pair}], "Mode": "ForecastOnly"}
    target.put("ahead", "PredictiveScaling", forecast_only)

    def forecast():
        now = now_of(neargate)
        span = {"StartTime": now, "EndTime": now + timedelta(hours=24)}
        try:
            return target.client.get_predictive_scaling_forecast(**target.names, PolicyName="ahead", **span)
        except target.client.exceptions.ValidationException:
            return None  # not yet

    cloudwatch = neargate.client("cloudwatch")
    of_service = {"Namespace": "AWS/ECS", "Dimensions": [{"Name": "ServiceName", "Value": "idle"}]}
    neargate.command("clock", "rate", "20x")
    wait_for("a measured minute", lambda: cloudwatch.list_metrics(**of_service)["Metrics"])
    neargate.command("clock", "rate", "1x")
    # What tasks did last stands for the time that is skipped.
    neargate.command("clock", "advance", "26h")
    found = wait_for("a forecast", forecast)
    assert len(found["CapacityForecast"]["Values"]) >= 23
    # One task that does nothing needs no second.
    assert set(found["CapacityForecast"]["Values"]) <= {0.0, 1.0}
    [load] = found["LoadForecast"]
    assert len(load["Values"]) == len(load["Timestamps"]) >= 23
    assert target.counts() == (1, 1), "forecasts only"
    target.client.delete_scaling_policy(**target.names, PolicyName="ahead")


def test_an_alarm_takes_steps_by_how_far_it_is_crossed(neargate, target):
    steps = [
        {"MetricIntervalLowerBound": 0, "MetricIntervalUpperBound": 10, "ScalingAdjustment": 1},
        {"MetricIntervalLowerBound": 10, "ScalingAdjustment": 3},
    ]
    stepped = {"AdjustmentType": "ChangeInCapacity", "StepAdjustments": steps, "Cooldown": 600}
    policy = target.put("steps", "StepScaling", stepped)["PolicyARN"]
    cloudwatch = neargate.client("cloudwatch")
    queue = {"Namespace": "Shop", "MetricName": "Queue"}
    cloudwatch.put_metric_alarm(
        AlarmName="queue",
        **queue,
        Statistic="Maximum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=100,
        ComparisonOperator="GreaterThanThreshold",
        AlarmActions=[policy],
    )
    now = now_of(neargate)
    cloudwatch.put_metric_data(Namespace="Shop", MetricData=[{"MetricName": "Queue", "Value": 115, "Timestamp": now}])
    neargate.command("clock", "advance", "1m")
    target.wait_for(4)
    [done] = target.activities()
    assert done["Cause"] == "monitor alarm queue in state ALARM triggered policy steps"
    cloudwatch.delete_alarms(AlarmNames=["queue"])
    assert [p["PolicyName"] for p in target.all("describe_scaling_policies", "ScalingPolicies")] == ["steps"]
    [shown] = target.all("describe_scalable_targets", "ScalableTargets")
    assert (shown["MinCapacity"], shown["MaxCapacity"]) == (1, 5)


def test_the_clock_sets_bounds(neargate, target):
    now = now_of(neargate)
    hour = (now + timedelta(hours=1)).astimezone(timezone.utc)
    put = target.client.put_scheduled_action
    for name, schedule, bounds in [
        ("night", f"at({hour:%Y-%m-%dT%H:%M:%S})", {"MinCapacity": 1, "MaxCapacity": 2}),
        ("day", "rate(3 hours)", {"MinCapacity": 3, "MaxCapacity": 5}),
    ]:
        put(**target.names, ScheduledActionName=name, Schedule=schedule, ScalableTargetAction=bounds)
    neargate.command("clock", "advance", "61m")
    target.wait_for(2)
    assert [a["ScheduledActionName"] for a in target.all("describe_scheduled_actions", "ScheduledActions")] == ["day"]
    neargate.command("clock", "advance", "2h")
    target.wait_for(3)
    told = [(a["Cause"], a["Description"]) for a in target.activities()][-4:]
    assert told == [
        ("scheduled action name night was triggered", "Setting min capacity to 1 and max capacity to 2"),
        ("maximum capacity was set to 2", "Setting desired count to 2."),
        ("scheduled action name day was triggered", "Setting min capacity to 3 and max capacity to 5"),
        ("minimum capacity was set to 3", "Setting desired count to 3."),
    ]
