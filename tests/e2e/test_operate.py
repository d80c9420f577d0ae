"""What an operator sees and does: status, events, the clock, Spot's capacity."""

import json
import subprocess
import threading
import time
from datetime import datetime

import pytest
import requests

from conftest import wait_for
from runner import Runner
from watch import Watch

SLEEPER = {"command": ["sh", "-c", "trap 'exit 0' TERM; while true; do sleep 0.1; done"], "stopTimeout": 5}


@pytest.fixture(scope="module")
def runner(neargate):
    runner = Runner(neargate, cluster="shop", cidr="10.31")
    runner.ecs.put_cluster_capacity_providers(
        cluster="shop",
        capacityProviders=["FARGATE", "FARGATE_SPOT"],
        defaultCapacityProviderStrategy=[],
    )
    return runner


class Service:
    """A service of sleeping tasks."""

    def __init__(self, runner, name, count=1, provider="FARGATE_SPOT", container=None):
        self.runner, self.name, self.count = runner, name, count
        providers = [provider] if isinstance(provider, str) else provider
        runner.ecs.create_service(
            cluster=runner.cluster,
            serviceName=name,
            taskDefinition=runner.register(container or SLEEPER, family=name),
            desiredCount=count,
            capacityProviderStrategy=[{"capacityProvider": name, "weight": 1} for name in providers],
            networkConfiguration=runner.network,
        )

    def describe(self):
        return self.runner.ecs.describe_services(cluster=self.runner.cluster, services=[self.name])["services"][0]

    def wait_until_stable(self):
        stable = lambda: self.describe()["runningCount"] == self.count and len(self.describe()["deployments"]) == 1
        wait_for(f"{self.name} to be stable", stable)

    def resize(self, count):
        self.count = count
        self.runner.ecs.update_service(cluster=self.runner.cluster, service=self.name, desiredCount=count)
        self.wait_until_stable()

    def tasks(self, status="RUNNING"):
        listed = self.runner.ecs.list_tasks(cluster=self.runner.cluster, serviceName=self.name, desiredStatus=status)
        return listed["taskArns"]

    def messages(self):
        return [event["message"] for event in self.describe()["events"]]

    def delete(self):
        self.runner.ecs.delete_service(cluster=self.runner.cluster, service=self.name, force=True)


def refused(neargate, *arguments):
    """What a command says that fails."""
    with pytest.raises(AssertionError) as error:
        neargate.command(*arguments)
    return str(error.value)


def test_status_shows_a_service_and_names_those_that_are_there(neargate, runner):
    service = Service(runner, "shown", count=2)
    service.wait_until_stable()
    wait_for("the steady state", lambda: any("steady state" in m for m in service.messages()))
    overview = neargate.command("status")
    assert "shop/shown  ACTIVE  2 of 2 running  COMPLETED" in overview
    details = neargate.command("status", "shop/shown")
    for arn in service.tasks():
        task = runner.describe(arn)
        [line] = [line for line in details.splitlines() if line.startswith(f"  {arn.rsplit('/', 1)[1]}  RUNNING")]
        address = task["containers"][0]["networkInterfaces"][0]["privateIpv4Address"]
        for shown in ("FARGATE_SPOT", task["availabilityZone"], address, "shown:1"):
            assert shown in line
    assert "has reached a steady state." in details
    assert "\x1b" not in details, "colour is for terminals"
    document = json.loads(neargate.command("status", "shown", "--json"))
    [shown] = document["services"]
    assert shown["runningCount"] == 2 and shown["deployments"][0]["failedTasks"] == 0
    assert "there is no service nobody; there are: shop/shown" in refused(neargate, "status", "nobody")
    assert "no service can be called" in refused(neargate, "status", "no body")
    service.delete()


def test_top_draws_what_a_service_measures(neargate, runner):
    service = Service(runner, "drawn")
    service.wait_until_stable()
    named = {"ServiceNamespace": "ecs", "ResourceId": "service/shop/drawn", "ScalableDimension": "ecs:service:DesiredCount"}
    scaling = neargate.client("application-autoscaling")
    scaling.register_scalable_target(**named, MinCapacity=1, MaxCapacity=3)
    scaling.put_scaling_policy(
        **named,
        PolicyName="cpu",
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration={
            "PredefinedMetricSpecification": {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"},
            "TargetValue": 80,
        },
    )
    neargate.command("clock", "rate", "20x")
    try:
        drawn = lambda: neargate.command("top", "shop/drawn", "--once")
        wait_for("a minute to be drawn", lambda: "target 80" in drawn())
    finally:
        neargate.command("clock", "rate", "1x")
    assert "shop/drawn  1 of 1 running  COMPLETED  scales from 1 to 3" in drawn()
    assert "TargetTracking-service/shop/drawn-AlarmHigh-" in drawn()
    live = json.loads(neargate.command("top", "drawn", "--json"))["services"]
    assert [chart["target"] for chart in live[0]["charts"] if chart["label"] == "CPU"] == [80]
    assert "there is no service nobody" in refused(neargate, "top", "nobody")
    scaling.deregister_scalable_target(**named)
    service.delete()


def test_status_counts_failures_and_tells_what_is_waited_for(neargate, runner):
    service = Service(runner, "failing", provider="FARGATE", container={"image": f"{runner.repository}:nowhere"})
    wait_for("failed tasks", lambda: service.describe()["deployments"][0]["failedTasks"] >= 2)
    details = neargate.command("status", "failing")
    assert "failed" in details and "waits for" in details
    assert "CannotPullContainerError" in details
    service.delete()


def test_events_are_followed_over_a_restart(neargate, runner):
    follower = subprocess.Popen(
        [neargate.binary, "events", "--follow", "--port", str(neargate.port)], stdout=subprocess.PIPE, text=True
    )
    lines = []
    reader = threading.Thread(target=lambda: lines.extend(iter(follower.stdout.readline, "")))
    reader.start()
    shown = lambda: [line.rstrip().split("  ", 2)[2] for line in lines if "  shop/followed  " in line]
    try:
        service = Service(runner, "followed")
        wait_for("the event to come", lambda: "has reached a steady state." in shown())
        neargate.kill()
        neargate.start()
        # What happens while it is not connected again yet is not missed either, and nothing comes twice.
        service.resize(2)
        told = lambda: [message.removeprefix("(service followed) ") for message in service.messages()[::-1]]
        wait_for("the steady state again", lambda: told().count("has reached a steady state.") == 2)
        wait_for("all of its events", lambda: len(shown()) >= len(told()))
        assert shown() == told()
        service.delete()
    finally:
        follower.kill()
        follower.wait()
        reader.join()
        follower.stdout.close()
    assert shown()[0].startswith("has started 1 tasks")
    assert "there is no service nobody" in refused(neargate, "events", "nobody")


def test_a_page_of_the_operator_needs_the_token_and_is_not_there_for_tasks(neargate, runner):
    pages = {"clock": {"advanceMs": 1000}, "spot": {"shortage": True}, "exec": {"task": "t", "command": ["sh"]}}
    for page, body in pages.items():
        answer = requests.post(f"{neargate.endpoint}/_neargate/{page}", json=body, timeout=5)
        assert answer.status_code == 403, answer.text
    url = f"http://169.254.170.2:{neargate.port}/_neargate/clock"
    lines = runner.output(f"wget -q -O - {url} 2>/dev/null || echo refused")
    assert lines[-1] == "refused"


def test_an_interrupted_task_is_told_and_replaced(neargate, runner):
    watch = Watch(neargate)
    watch.rule("interruptions", {"source": ["aws.ecs"], "detail": {"stopCode": ["SpotInterruption"]}})
    service = Service(runner, "spot")
    service.wait_until_stable()
    [arn] = service.tasks()
    told = neargate.command("spot", "interrupt", arn.rsplit("/", 1)[1][:12])
    assert arn.rsplit("/", 1)[1] in told
    task = runner.describe(arn)
    assert task["desiredStatus"] == "STOPPED"
    task = runner.wait(arn, "STOPPED")
    # The warning: an event while it runs, ahead of those of its stop.
    events = lambda **detail: watch.told("ECS Task State Change", taskArn=arn, **detail)
    wait_for("the event of its end", lambda: events(lastStatus="STOPPED"))
    warning, *later = events()
    assert (warning["detail"]["desiredStatus"], warning["detail"]["lastStatus"]) == ("STOPPED", "RUNNING")
    assert warning["detail"]["stoppedReason"] == "Your Spot Task was interrupted."
    assert later[-1]["detail"]["lastStatus"] == "STOPPED"
    assert datetime.fromisoformat(warning["detail"]["updatedAt"]) < task["stoppedAt"]
    assert (task["stopCode"], task["stoppedReason"]) == ("SpotInterruption", "Your Spot Task was interrupted.")
    assert task["containers"][0]["exitCode"] == 0, "it had SIGTERM, and its time"
    service.wait_until_stable()
    assert service.tasks() != [arn]
    assert "stops already" in refused(neargate, "spot", "interrupt", arn)
    service.delete()


def test_at_the_end_of_the_notice_the_task_is_killed(neargate, runner):
    deaf = {"command": ["sh", "-c", "trap '' TERM; while true; do sleep 0.1; done"], "stopTimeout": 120}
    provider = [{"capacityProvider": "FARGATE_SPOT", "weight": 1}]
    request = {"cluster": "shop", "networkConfiguration": runner.network, "capacityProviderStrategy": provider}
    arn = runner.ecs.run_task(taskDefinition=runner.register(deaf, family="deaf"), **request)["tasks"][0]["taskArn"]
    runner.wait(arn, "RUNNING")
    neargate.command("spot", "interrupt", arn, "--in", "2s")
    task = runner.wait(arn, "STOPPED", seconds=30)
    assert task["stopCode"] == "SpotInterruption" and task["containers"][0]["exitCode"] == 137


def test_only_spot_tasks_are_interrupted(neargate, runner):
    arn = runner.start(SLEEPER)
    runner.wait(arn, "RUNNING")
    why = refused(neargate, "spot", "interrupt", arn)
    assert "only tasks on FARGATE_SPOT can be interrupted" in why
    assert "there is no task" in refused(neargate, "spot", "interrupt", "f" * 32)
    assert "two minutes at most" in refused(neargate, "spot", "interrupt", arn, "--in", "3m")
    runner.stop(arn)


SHORT = "Capacity is unavailable at this time. Please try again later or in a different availability zone"


def test_while_spot_is_short_nothing_is_placed_there(neargate, runner):
    assert neargate.command("spot", "shortage", "on") == "FARGATE_SPOT has no capacity for new tasks\n"
    service = Service(runner, "short")
    told = f"(service short) was unable to place a task. Reason: {SHORT}."
    wait_for("the event", lambda: told in service.messages(), seconds=20)
    request = {"cluster": "shop", "networkConfiguration": runner.network, "taskDefinition": "short"}
    spot = [{"capacityProvider": "FARGATE_SPOT", "weight": 1}]
    answer = runner.ecs.run_task(capacityProviderStrategy=spot, **request)
    assert (answer["tasks"], answer["failures"]) == ([], [{"reason": SHORT}])
    # A share is not given to others: of four, two are FARGATE's.
    both = [{"capacityProvider": "FARGATE", "weight": 1}, *spot]
    answer = runner.ecs.run_task(capacityProviderStrategy=both, count=4, **request)
    assert [task["capacityProviderName"] for task in answer["tasks"]] == ["FARGATE"] * 2
    assert len(answer["failures"]) == 2
    for task in answer["tasks"]:
        runner.stop(task["taskArn"])
    assert service.describe()["runningCount"] == 0
    mixed = Service(runner, "mixed", count=4, provider=["FARGATE", "FARGATE_SPOT"])
    wait_for("FARGATE's share", lambda: mixed.describe()["runningCount"] == 2)
    wait_for("the event", lambda: told.replace("short", "mixed") in mixed.messages())
    neargate.command("spot", "shortage", "off")
    for service in (service, mixed):
        service.wait_until_stable()
        service.delete()


def now(neargate):
    return datetime.fromisoformat(neargate.page("clock")["now"])


def test_the_clock_is_moved_over_what_runs(neargate, runner):
    """Last of all, as there is no way back."""
    service = Service(runner, "timed")
    service.wait_until_stable()
    [arn] = service.tasks()
    gone = runner.start({"command": ["true"]})
    runner.wait(gone, "STOPPED")
    before, ahead = now(neargate), neargate.page("clock")["aheadMs"]
    assert "ahead by " in neargate.command("clock", "advance", "15m")
    assert neargate.page("clock")["aheadMs"] == ahead + 900_000
    assert (now(neargate) - before).total_seconds() >= 900
    assert runner.describe(gone)["lastStatus"] == "STOPPED", "a stopped task is shown for an hour"
    neargate.command("clock", "advance", "1h")
    forgotten = lambda: runner.ecs.describe_tasks(cluster="shop", tasks=[gone])["failures"]
    wait_for("the stopped task to be forgotten", forgotten, seconds=10)
    # What runs goes on, clients' own clocks are right, and credentials hold.
    assert runner.describe(arn)["lastStatus"] == "RUNNING"
    assert neargate.aws("sts", "get-caller-identity")["Account"]
    lines = runner.output("wget -q -O - $ECS_CONTAINER_METADATA_URI_V4/task | grep -o RUNNING | head -1")
    assert lines == ["RUNNING"]
    assert service.tasks() == [arn]


def test_a_rate_and_a_move_survive_a_restart(neargate):
    neargate.command("clock", "rate", "10x")
    before, began = now(neargate), time.monotonic()
    time.sleep(1)
    passed = (now(neargate) - before).total_seconds()
    assert passed >= 9.5, passed
    neargate.kill()
    neargate.start()
    assert now(neargate) > before
    assert "10x" in neargate.command("clock", "show")
    neargate.command("clock", "rate", "1x")
    assert "the time can be moved forward only" in refused(neargate, "clock", "advance", "99999d")
    assert time.monotonic() > began
