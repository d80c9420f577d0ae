"""Deployment alarms: a deployment bakes while its alarms are watched, and one that goes on rolls it back."""

import pytest

from conftest import wait_for
from runner import Runner

ALARM = "orders-refused"
METRIC = {"Namespace": "Shop", "MetricName": "OrdersRefused"}


class Service:
    """Two sleeping tasks, whose deployments bake for five minutes."""

    def __init__(self, runner):
        self.runner, self.ecs, self.cluster = runner, runner.ecs, runner.cluster
        self.cloudwatch = runner.neargate.client("cloudwatch")
        self.cloudwatch.put_metric_alarm(
            AlarmName=ALARM,
            **METRIC,
            Statistic="Maximum",
            Period=10,
            EvaluationPeriods=1,
            Threshold=0,
            ComparisonOperator="GreaterThanThreshold",
            TreatMissingData="notBreaching",
        )
        self.ecs.create_service(
            cluster=self.cluster,
            serviceName="app",
            taskDefinition=self.register(),
            desiredCount=2,
            launchType="FARGATE",
            networkConfiguration=runner.network,
            deploymentConfiguration={
                "alarms": {"alarmNames": [ALARM], "enable": True, "rollback": True},
                "bakeTimeInMinutes": 5,
            },
        )

    def register(self):
        """Another revision of the same."""
        sleeper = {"command": ["sleep", "600"], "linuxParameters": {"initProcessEnabled": True}, "stopTimeout": 5}
        return self.runner.register(sleeper, family="app")

    def describe(self):
        return self.ecs.describe_services(cluster=self.cluster, services=["app"])["services"][0]

    def primary(self):
        return self.describe()["deployments"][0]

    def messages(self):
        return [event["message"] for event in self.describe()["events"]]

    def wait_for_event(self, message):
        wait_for(f"the event {message!r}", lambda: any(message in told for told in self.messages()))

    def roll(self):
        """Begins a deployment of another revision; gives it."""
        updated = self.ecs.update_service(cluster=self.cluster, service="app", taskDefinition=self.register())
        return updated["service"]["deployments"][0]

    def bake_over(self):
        """Moves the clock over the bake time of the primary deployment, which completes it."""
        assert self.primary()["rolloutState"] == "IN_PROGRESS"
        self.runner.neargate.command("clock", "advance", "5m")
        wait_for("its completion", lambda: self.primary()["rolloutState"] == "COMPLETED", seconds=20)

    def service_deployment(self, deployment):
        """What ListServiceDeployments and DescribeServiceDeployments tell of it."""
        arns = self.ecs.list_service_deployments(cluster=self.cluster, service="app")["serviceDeployments"]
        asked = [found["serviceDeploymentArn"] for found in arns]
        described = self.ecs.describe_service_deployments(serviceDeploymentArns=asked)["serviceDeployments"]
        [one] = [one for one in described if one["serviceDeploymentArn"].endswith(deployment.split("/")[1])]
        return one

    def measure(self, refused):
        data = {"MetricName": METRIC["MetricName"], "Value": refused, "StorageResolution": 1}
        self.cloudwatch.put_metric_data(Namespace=METRIC["Namespace"], MetricData=[data])

    def alarm(self):
        return self.cloudwatch.describe_alarms(AlarmNames=[ALARM])["MetricAlarms"][0]["StateValue"]


@pytest.fixture(scope="module")
def service(neargate):
    service = Service(Runner(neargate, cluster="alarmed", cidr="10.54"))
    yield service
    service.ecs.delete_service(cluster=service.cluster, service="app", force=True)


def test_a_deployment_bakes_before_it_is_complete(service):
    id = service.primary()["id"]
    service.wait_for_event(f"(deployment {id}) watches its alarms until ")
    assert service.describe()["runningCount"] == 2
    assert "the bake time to end, at " in service.runner.neargate.command("status", "app")
    service.bake_over()
    assert service.primary()["rolloutStateReason"] == f"ECS deployment {id} completed."


def test_an_alarm_rolls_a_baking_deployment_back(service):
    good, bad = service.primary(), service.roll()
    service.wait_for_event(f"(deployment {bad['id']}) watches its alarms until ")
    assert service.alarm() != "ALARM"
    service.measure(refused=3)
    # Evaluated once the period of the datapoint is over.
    service.runner.neargate.command("clock", "advance", "10s")
    service.wait_for_event(f"(deployment {bad['id']}) deployment failed: alarm detected: {ALARM}.")
    service.wait_for_event(f"rolling back to deployment {good['id']}.")
    back = service.primary()
    assert back["taskDefinition"] == good["taskDefinition"]
    assert back["rolloutStateReason"] == f"ECS deployment alarms: rolling back to deploymentId {good['id']}."
    failed = service.service_deployment(bad["id"])
    assert failed["status"] == "ROLLBACK_IN_PROGRESS"
    assert failed["rollback"]["reason"] == f"ECS deployment alarms: alarm detected: {ALARM}."
    assert failed["alarms"]["triggeredAlarmNames"] == [ALARM]
    # What comes back bakes as well, and the alarm that is on already does not fail it.
    service.wait_for_event(f"(deployment {back['id']}) watches its alarms until ")
    service.bake_over()
    assert service.service_deployment(bad["id"])["status"] == "ROLLBACK_SUCCESSFUL"
    [left] = service.describe()["deployments"]
    assert left["taskDefinition"] == good["taskDefinition"] and left["runningCount"] == 2


def test_a_deployment_after_that_has_the_alarm_that_is_over(service):
    wait_for("the alarm's end", lambda: service.alarm() == "OK", seconds=30)
    good = service.roll()
    service.wait_for_event(f"(deployment {good['id']}) watches its alarms until ")
    service.bake_over()
    assert service.service_deployment(good["id"])["status"] == "SUCCESSFUL"
