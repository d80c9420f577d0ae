"""EventBridge: a user watches tasks, deployments, images and events of their own, in a log group."""

import json

import pytest

from conftest import Terraform, wait_for
from runner import Runner
from watch import GROUP, Watch


@pytest.fixture(scope="module")
def watch(neargate):
    watch = Watch(neargate)
    watch.rule("aws", {"source": [{"prefix": "aws."}]})
    return watch


@pytest.fixture(scope="module")
def runner(neargate, watch):
    return Runner(neargate, cluster="watched", cidr="10.31")


def test_a_push_is_told(watch, runner):
    [push] = wait_for("the push", lambda: watch.told("ECR Image Action"))
    assert push["source"] == "aws.ecr" and push["resources"] == []
    assert push["detail"]["action-type"] == "PUSH" and push["detail"]["result"] == "SUCCESS"
    assert push["detail"]["repository-name"] == "watched/busybox"
    assert push["detail"]["image-tag"] == "latest"


def test_a_task_is_told_from_its_beginning_to_its_end(watch, runner):
    arn = runner.to_the_end({"command": ["sh", "-c", "exit 3"]})["taskArn"]

    def ended():
        told = watch.told("ECS Task State Change", taskArn=arn)
        return told if told and told[-1]["detail"]["lastStatus"] == "STOPPED" else None

    told = wait_for("the task's end", ended)
    details = [event["detail"] for event in told]
    states = list(dict.fromkeys(detail["lastStatus"] for detail in details))
    assert states[0] == "PROVISIONING" and "RUNNING" in states and states[-1] == "STOPPED"
    versions = [detail["version"] for detail in details]
    assert versions == list(range(1, len(versions) + 1)), "each version once, in order"
    assert len({event["id"] for event in told}) == len(told)
    last = told[-1]
    assert last["resources"] == [arn] and last["account"] == "000000000000"
    assert last["detail"]["stopCode"] == "EssentialContainerExited"
    assert last["detail"]["containers"][0]["exitCode"] == 3
    assert last["detail"]["stoppedAt"].endswith("Z")


def test_a_deployment_is_seen_in_the_log_group(watch, runner):
    definition = runner.register({"command": ["sleep", "600"], "stopTimeout": 2})
    service = runner.ecs.create_service(
        cluster="watched",
        serviceName="app",
        taskDefinition=definition,
        desiredCount=1,
        launchType="FARGATE",
        networkConfiguration=runner.network,
    )["service"]
    deployment = service["deployments"][0]["id"]
    wait_for("the steady state", lambda: watch.told("ECS Service Action", eventName="SERVICE_STEADY_STATE"))
    # What `aws logs tail` of the newer CLI asks for.
    found = watch.neargate.aws("logs", "filter-log-events", "--log-group-name", GROUP)
    events = [json.loads(event["message"]) for event in found["events"]]
    names = [
        event["detail"]["eventName"]
        for event in events
        if event["resources"] == [service["serviceArn"]]
    ]
    assert names == ["SERVICE_DEPLOYMENT_IN_PROGRESS", "SERVICE_DEPLOYMENT_COMPLETED", "SERVICE_STEADY_STATE"]
    [done] = watch.told("ECS Deployment State Change", eventName="SERVICE_DEPLOYMENT_COMPLETED")
    assert done["detail"]["deploymentId"] == deployment
    assert done["detail"]["reason"] == f"ECS deployment {deployment} completed."
    bad = runner.register({"image": f"{runner.repository}:nothing"})
    runner.ecs.update_service(
        cluster="watched",
        service="app",
        taskDefinition=bad,
        deploymentConfiguration={"deploymentCircuitBreaker": {"enable": True, "rollback": True}},
    )

    def failures():
        return watch.told("ECS Deployment State Change", eventName="SERVICE_DEPLOYMENT_FAILED")

    [failed] = wait_for("the failure", failures, seconds=90)
    assert failed["detail"]["eventType"] == "ERROR"
    assert failed["detail"]["reason"].startswith("ECS deployment circuit breaker: tasks failed to start.")
    assert failed["detail"]["deploymentId"] != deployment
    assert watch.told("ECS Service Action", eventName="SERVICE_TASK_START_IMPAIRED")
    runner.ecs.delete_service(cluster="watched", service="app", force=True)
    wait_for("the stop", lambda: watch.told("ECS Service Action", eventName="TASKS_STOPPED"))


def test_events_of_ones_own_are_selected_and_transformed(watch):
    watch.rule(
        "large",
        {"source": ["shop"], "detail": {"total": [{"numeric": [">=", 100]}]}},
        InputTransformer={
            "InputPathsMap": {"total": "$.detail.total", "who": "$.detail.who"},
            "InputTemplate": '"<who> spent <total> (<aws.events.rule-name>)"',
        },
    )

    def entry(total):
        detail = json.dumps({"total": total, "who": "Ada"})
        return {"Source": "shop", "DetailType": "order", "Detail": detail}

    put = watch.events.put_events(Entries=[entry(99), entry(100), {**entry(1), "Source": "aws.ecs"}])
    assert put["FailedEntryCount"] == 1
    assert put["Entries"][2]["ErrorCode"] == "NotAuthorizedForSourceException"
    wait_for("the line", lambda: '"Ada spent 100 (large)"' in watch.lines())
    assert sum("Ada spent" in line for line in watch.lines()) == 1


def test_a_topic_needs_a_policy_that_lets_events_in(watch):
    def complaints():
        [events] = [one for one in watch.neargate.page("loops")["loops"] if one["loop"] == "events"]
        return events["waitsFor"]

    sns = watch.neargate.client("sns")
    topic = sns.create_topic(Name="news")["TopicArn"]
    watch.events.put_rule(Name="news", EventPattern=json.dumps({"source": ["news"]}))
    watch.events.put_targets(Rule="news", Targets=[{"Id": "topic", "Arn": topic}])
    entry = {"Source": "news", "DetailType": "x", "Detail": "{}"}
    watch.events.put_events(Entries=[entry])
    wait_for("the complaint", lambda: any("sns:Publish" in line for line in complaints()))
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sns:Publish",
        "Resource": topic,
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=policy)
    watch.events.put_events(Entries=[entry])
    wait_for("the topic to take events", lambda: not complaints())


def test_a_rule_runs_a_task_with_its_role(watch, runner):
    trust = {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    role = runner.iam.create_role(
        RoleName="starter",
        AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
    )["Role"]["Arn"]
    policy = "arn:aws:iam::aws:policy/service-role/AmazonEC2ContainerServiceEventsRole"
    runner.iam.attach_role_policy(RoleName="starter", PolicyArn=policy)
    target = {
        "Id": "task",
        "Arn": "arn:aws:ecs:us-west-2:000000000000:cluster/watched",
        "RoleArn": role,
        "EcsParameters": {
            "TaskDefinitionArn": runner.register({"command": ["true"]}),
            "LaunchType": "FARGATE",
            "NetworkConfiguration": {"awsvpcConfiguration": {"Subnets": [runner.subnet]}},
        },
        "InputTransformer": {
            "InputPathsMap": {"name": "$.detail.name"},
            "InputTemplate": '{"containerOverrides": [{"name": "main", "command": ["echo", "hello <name>"]}]}',
        },
    }
    watch.events.put_rule(Name="start", EventPattern=json.dumps({"source": ["start"]}))
    watch.events.put_targets(Rule="start", Targets=[target])
    detail = json.dumps({"name": "Ada"})
    watch.events.put_events(Entries=[{"Source": "start", "DetailType": "x", "Detail": detail}])

    def ended():
        listed = runner.ecs.list_tasks(
            cluster="watched", startedBy="events-rule/start", desiredStatus="STOPPED"
        )
        return [arn for arn in listed["taskArns"] if runner.describe(arn)["lastStatus"] == "STOPPED"]

    [arn] = wait_for("the task", ended)
    assert runner.lines(arn) == ["hello Ada"]


def test_nothing_acknowledged_is_lost_by_a_kill(watch, neargate):
    watch.rule("kept", {"source": ["kept"]}, InputPath="$.detail.number")
    entries = [
        {"Source": "kept", "DetailType": "x", "Detail": json.dumps({"number": f"number {number}"})}
        for number in range(50)
    ]
    for start in range(0, 50, 10):
        watch.events.put_events(Entries=entries[start : start + 10])
    neargate.kill()
    neargate.start()

    def all_there():
        lines = [line for line in watch.lines() if "number" in line and line.startswith('"')]
        return lines if len(set(lines)) == 50 else None

    lines = wait_for("all fifty", all_there)
    # The one that was on its way may have come twice.
    assert len(lines) <= 51
    assert lines == sorted(lines, key=lambda line: int(line.strip('"').split()[1])), "in their order"


def test_terraform_applies_is_content_and_destroys(neargate, tmp_path_factory):
    terraform = Terraform(neargate, "tests/e2e/events", tmp_path_factory.mktemp("events"))
    terraform.apply()
    terraform.assert_plan_is_empty()
    events = neargate.client("events")
    detail = json.dumps({"total": 250})
    entry = {"Source": "shop", "DetailType": "order", "Detail": detail, "EventBusName": "watched-orders"}
    events.put_events(Entries=[entry])

    def lines():
        found = neargate.client("logs").filter_log_events(logGroupName="/aws/events/watched")
        return [event["message"] for event in found["events"]]

    assert wait_for("the order", lines) == ['{"total":250}']
    terraform.edit("main.tf", "100", "1000")
    terraform.apply()
    terraform.assert_plan_is_empty()
    terraform.destroy()
    assert not events.list_rules(NamePrefix="watched")["Rules"]
    assert [bus["Name"] for bus in events.list_event_buses()["EventBuses"]] == ["default"]
