"""Tasks that cannot be: refused, or stopped with AWS's own reason, and nothing is left of them."""

import json
import subprocess

import botocore.exceptions
import pytest

import traces
from conftest import image, wait_for
from runner import Runner


@pytest.fixture(scope="module")
def runner(neargate):
    return Runner(neargate, cluster="bad", cidr="10.9")


def failed(task):
    """The stopped reason of a task that did not start."""
    assert task["stopCode"] == "TaskFailedToStart", task
    assert all("exitCode" not in container for container in task["containers"])
    return task["stoppedReason"]


def test_a_command_that_does_not_exist(runner):
    reason = failed(runner.to_the_end({"command": ["no-such-command"]}))
    assert reason.startswith("CannotStartContainerError")
    assert "no-such-command" in reason


def test_a_user_that_the_image_does_not_have(runner):
    reason = failed(runner.to_the_end({"command": ["true"], "user": "nobody-knows"}))
    assert "nobody-knows" in reason


def test_images_that_cannot_be_pulled(runner):
    reason = failed(runner.to_the_end({"image": f"{runner.repository}:nothing"}))
    assert reason.startswith("CannotPullContainerError: ") and "nothing" in reason
    missing = runner.image.replace("bad/busybox", "no/repository")
    assert failed(runner.to_the_end({"image": missing})).startswith("CannotPullContainerError: ")
    nobody = "127.0.0.1:9/nobody/listens:latest"
    assert failed(runner.to_the_end({"image": nobody})).startswith("CannotPullContainerError: ")
    assert failed(runner.to_the_end({"image": "NOT//AN:IMAGE"})).startswith("CannotPullContainerError: ")


def test_an_image_for_another_architecture(runner, tmp_path):
    layout = tmp_path / "other"
    subprocess.run(["cp", "-r", image("busybox"), layout], check=True)
    retarget(layout, "s390x")
    runner.neargate.push(layout, runner.repository, tag="other")
    reason = failed(runner.to_the_end({"image": f"{runner.repository}:other"}))
    assert reason.startswith("CannotPullContainerError: ")
    assert "image Manifest does not contain descriptor matching platform 'linux/" in reason


def retarget(layout, architecture):
    """Rewrites an OCI layout's image to be for another architecture."""
    import hashlib

    def blob(digest):
        return layout / "blobs" / digest.replace(":", "/")

    def store(document):
        data = json.dumps(document).encode()
        digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
        blob(digest).write_bytes(data)
        return {"digest": digest, "size": len(data)}

    index = json.loads((layout / "index.json").read_text())
    manifest = json.loads(blob(index["manifests"][0]["digest"]).read_text())
    config = json.loads(blob(manifest["config"]["digest"]).read_text())
    manifest["config"].update(store({**config, "architecture": architecture}))
    index["manifests"][0].update(store(manifest))
    index["manifests"][0].pop("platform", None)
    (layout / "index.json").write_text(json.dumps(index))


def test_a_task_larger_than_the_machine_or_for_another(runner):
    reason = failed(runner.to_the_end({"command": ["true"]}, cpu="16384", memory="122880"))
    assert reason.startswith("Capacity is unavailable at this time.") and "122880 MiB" in reason
    own = runner.to_the_end({"command": ["true"]}, runtimePlatform={"operatingSystemFamily": "LINUX"})
    assert own["containers"][0]["exitCode"] == 0
    arm = {"cpuArchitecture": "ARM64", "operatingSystemFamily": "LINUX"}
    x86 = {**arm, "cpuArchitecture": "X86_64"}
    reasons = [runner.to_the_end({"command": ["true"]}, runtimePlatform=p)["stoppedReason"] for p in (arm, x86)]
    assert sorted(reason.split(":")[0][:8] for reason in reasons) == ["Capacity", "Essentia"]


def test_secrets_that_cannot_be_had(runner):
    secrets = runner.neargate.client("secretsmanager")
    arn = secrets.create_secret(Name="s", SecretString=json.dumps({"user": "u"}))["ARN"]
    plain = secrets.create_secret(Name="plain", SecretString="no json")["ARN"]
    empty = secrets.create_secret(Name="empty")["ARN"]

    def reason(value_from):
        secret = {"name": "USER_NAME", "valueFrom": value_from}
        text = failed(runner.to_the_end({"command": ["true"], "secrets": [secret]}))
        prefix = "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: "
        assert text.startswith(prefix)
        return text

    assert "AccessDeniedException" in reason(f"{arn}:user::")
    runner.let_execution("secrets", ["secretsmanager:GetSecretValue", "ssm:GetParameters"], "*")
    assert "retrieved secret from Secrets Manager did not contain json key usr" in reason(f"{arn}:usr::")
    assert "not JSON" in reason(f"{plain}:user::")
    assert "staging label: AWSCURRENT" in reason(empty)
    assert "ResourceNotFoundException" in reason(arn.replace(":s-", ":gone-"))
    assert "ResourceNotFoundException" in reason(f"{arn}:user:AWSPREVIOUS:")
    assert "/not/there" in reason("/not/there")


def test_roles_that_are_not_there_or_not_for_tasks(runner):
    nobody = "arn:aws:iam::000000000000:role/nobody"
    reason = failed(runner.to_the_end({"command": ["true"]}, executionRoleArn=nobody))
    assert reason.startswith(f"ECS was unable to assume the role '{nobody}'")
    document = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}],
    }
    other = runner.iam.create_role(RoleName="other", AssumeRolePolicyDocument=json.dumps(document))["Role"]["Arn"]
    assert "unable to assume the role" in failed(runner.to_the_end({"command": ["true"]}, executionRoleArn=other))


def test_a_log_group_that_is_not_there(runner):
    options = {"awslogs-group": "/nothing", "awslogs-region": "us-west-2", "awslogs-stream-prefix": "t"}
    log = {"logDriver": "awslogs", "options": options}
    reason = failed(runner.to_the_end({"command": ["true"], "logConfiguration": log}))
    assert reason.startswith("ResourceInitializationError: failed to validate logger args: create stream")
    assert "ResourceNotFoundException: The specified log group does not exist" in reason


# The whole list is in the tests of crates/api-ecs.
REFUSED_DEFINITIONS = {
    "No Fargate configuration": ({}, {"memory": "4096"}),
    "privileged": ({"privileged": True}, {}),
    "sharedMemorySize": ({"linuxParameters": {"sharedMemorySize": 64}}, {}),
    "NET_ADMIN": ({"linuxParameters": {"capabilities": {"add": ["NET_ADMIN"]}}}, {}),
    "does not exist": ({"dependsOn": [{"containerName": "b", "condition": "START"}]}, {}),
    "requires options": ({"logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-group": "g"}}}, {}),
}


@pytest.mark.parametrize("why", REFUSED_DEFINITIONS)
def test_a_definition_that_fargate_does_not_run_is_refused(runner, why):
    container, task = REFUSED_DEFINITIONS[why]
    with pytest.raises(runner.ecs.exceptions.ClientException, match=why):
        runner.register({"command": ["true"], **container}, **task)


def test_requests_that_cannot_be(runner):
    ecs = runner.ecs
    definition = runner.register({"command": ["true"]})
    refused = ecs.exceptions.InvalidParameterException
    placement = [{"type": "random"}]
    cases = [
        ({"count": 11}, refused, "Count|10"),
        ({"placementStrategy": placement}, refused, "Placement strategies are not supported"),
        ({"launchType": "EC2"}, refused, "EC2"),
        ({"networkConfiguration": {"awsvpcConfiguration": {"subnets": ["subnet-0"]}}}, refused, "subnet-0"),
        ({"platformVersion": "9.9.9"}, ecs.exceptions.PlatformUnknownException, "platform does not exist"),
        ({"enableExecuteCommand": True}, refused, "taskRoleArn"),
        ({"overrides": {"containerOverrides": [{"name": "x"}]}}, refused, "is not a container in the TaskDefinition"),
        ({"overrides": {"memory": "100"}}, ecs.exceptions.ClientException, "No Fargate configuration"),
        ({"cluster": "nothing"}, ecs.exceptions.ClusterNotFoundException, "Cluster not found"),
    ]
    for request, error, match in cases:
        with pytest.raises(error, match=match):
            runner.run(definition, **request)
    with pytest.raises(refused):
        ecs.run_task(cluster=runner.cluster, taskDefinition=definition, launchType="FARGATE")
    with pytest.raises(ecs.exceptions.ClientException, match="TaskDefinition not found"):
        runner.run("nothing:1")
    on_ec2 = ecs.register_task_definition(
        family="ec2", containerDefinitions=[{"name": "c", "image": "i", "memory": 64}]
    )["taskDefinition"]["taskDefinitionArn"]
    with pytest.raises(refused, match="does not support launch_type FARGATE"):
        runner.run(on_ec2)
    with pytest.raises(refused, match="Tasks cannot be empty"):
        ecs.describe_tasks(cluster=runner.cluster, tasks=[])
    with pytest.raises(refused, match="The referenced task was not found"):
        ecs.stop_task(cluster=runner.cluster, task="0" * 32)
    elsewhere = f"arn:aws:ecs:us-west-2:000000000000:task/elsewhere/{'0' * 32}"
    with pytest.raises(refused, match="Identifier is for cluster elsewhere"):
        ecs.describe_tasks(cluster=runner.cluster, tasks=[elsewhere])
    start = {"cluster": runner.cluster, "containerInstances": ["i"], "networkConfiguration": runner.network}
    started = ecs.start_task(taskDefinition=definition, **start)
    assert (started["tasks"], started["failures"]) == ([], [{"arn": "i", "reason": "MISSING"}])
    with pytest.raises(ecs.exceptions.ClientException, match="TaskDefinition not found"):
        ecs.start_task(taskDefinition="nothing:1", **start)
    with pytest.raises(botocore.exceptions.ClientError, match="ecs:DiscoverPollEndpoint"):
        ecs.discover_poll_endpoint(cluster=runner.cluster)


def test_services_that_cannot_be(runner):
    ecs = runner.ecs
    definition = runner.register({"command": ["true"], "portMappings": [{"containerPort": 80}]})
    group = "arn:aws:elasticloadbalancing:us-west-2:000000000000:targetgroup/none/0000000000000000"
    balancer = {"targetGroupArn": group, "containerName": "main", "containerPort": 80}
    cases = [
        ({"loadBalancers": [balancer]}, "target group"),
        ({"loadBalancers": [{**balancer, "containerName": "x"}]}, "container x does not exist"),
        ({"loadBalancers": [{**balancer, "containerPort": 81}]}, "did not have a container port 81"),
        ({"placementConstraints": [{"type": "distinctInstance"}]}, "Placement constraints are not supported"),
        ({"schedulingStrategy": "DAEMON"}, "daemon scheduling strategy"),
        ({"enableExecuteCommand": True}, "taskRoleArn"),
        ({"healthCheckGracePeriodSeconds": 10}, "Health check grace period"),
    ]
    for request, match in cases:
        with pytest.raises(ecs.exceptions.InvalidParameterException, match=match):
            ecs.create_service(
                **{
                    "cluster": runner.cluster,
                    "serviceName": "s",
                    "taskDefinition": definition,
                    "desiredCount": 1,
                    "launchType": "FARGATE",
                    "networkConfiguration": runner.network,
                    **request,
                }
            )
    assert ecs.list_services(cluster=runner.cluster)["serviceArns"] == []


def test_nothing_is_left_of_all_these(runner):
    wait_for("nothing to be left", lambda: not traces.of_tasks(runner.neargate), seconds=30)
