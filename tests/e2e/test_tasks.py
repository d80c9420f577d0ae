"""Single tasks: how they end, and what is said of those that cannot start."""

import json

import pytest

from conftest import image, wait_for

TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ],
}


class Runner:
    """Runs one-container tasks of a busybox image in a subnet of their own."""

    def __init__(self, neargate):
        self.neargate = neargate
        self.ecs = neargate.client("ecs")
        ec2, iam = neargate.client("ec2"), neargate.client("iam")
        vpc = ec2.create_vpc(CidrBlock="10.8.0.0/16")["Vpc"]["VpcId"]
        self.subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.8.1.0/24")["Subnet"]["SubnetId"]
        self.ecs.create_cluster(clusterName="tasks")
        self.role = iam.create_role(RoleName="execution", AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
        iam.attach_role_policy(
            RoleName="execution",
            PolicyArn="arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy",
        )
        repository = neargate.client("ecr").create_repository(repositoryName="busybox")["repository"]
        self.image = f"{repository['repositoryUri']}:latest"
        neargate.push(image("busybox"), repository["repositoryUri"])

    def register(self, container, **task):
        definition = {
            "family": "task",
            "requiresCompatibilities": ["FARGATE"],
            "networkMode": "awsvpc",
            "cpu": "256",
            "memory": "512",
            "executionRoleArn": self.role,
            "containerDefinitions": [{"name": "main", "image": self.image, **container}],
            **task,
        }
        return self.ecs.register_task_definition(**definition)["taskDefinition"]["taskDefinitionArn"]

    def start(self, container, **task):
        return self.ecs.run_task(
            cluster="tasks",
            taskDefinition=self.register(container, **task),
            launchType="FARGATE",
            networkConfiguration={"awsvpcConfiguration": {"subnets": [self.subnet]}},
        )["tasks"][0]["taskArn"]

    def describe(self, arn):
        return self.ecs.describe_tasks(cluster="tasks", tasks=[arn])["tasks"][0]

    def wait(self, arn, status, seconds=60):
        def there():
            task = self.describe(arn)
            return task if task["lastStatus"] == status else None

        return wait_for(f"the task to be {status}", there, seconds=seconds, pause=0.05)

    def to_the_end(self, container, **task):
        return self.wait(self.start(container, **task), "STOPPED")


@pytest.fixture(scope="module")
def runner(neargate):
    return Runner(neargate)


def test_an_exit_code_is_shown(runner):
    task = runner.to_the_end({"command": ["sh", "-c", "exit 3"]})
    assert task["stopCode"] == "EssentialContainerExited"
    assert task["stoppedReason"] == "Essential container in task exited"
    assert task["containers"][0]["exitCode"] == 3


def test_a_command_that_does_not_exist(runner):
    task = runner.to_the_end({"command": ["no-such-command"]})
    assert task["stopCode"] == "TaskFailedToStart"
    assert task["stoppedReason"].startswith("CannotStartContainerError")
    assert "no-such-command" in task["stoppedReason"]


def test_an_image_that_does_not_exist(runner):
    missing = runner.image.replace(":latest", ":nothing")
    task = runner.to_the_end({"image": missing})
    assert task["stopCode"] == "TaskFailedToStart"
    assert task["stoppedReason"].startswith("CannotPullContainerError")
    assert "nothing" in task["stoppedReason"]


def test_too_much_memory_is_137_with_its_reason(runner):
    task = runner.to_the_end({"command": ["sh", "-c", "tail /dev/zero"], "memory": 32})
    assert task["containers"][0]["exitCode"] == 137
    assert task["containers"][0]["reason"].startswith("OutOfMemoryError")


def test_a_task_larger_than_the_machine(runner):
    task = runner.to_the_end({"command": ["true"]}, cpu="16384", memory="122880")
    assert task["stopCode"] == "TaskFailedToStart"
    assert "122880 MiB" in task["stoppedReason"]


def test_the_stop_timeout_ends_with_sigkill(runner):
    arn = runner.start({"command": ["sh", "-c", "trap '' TERM; while true; do sleep 1; done"], "stopTimeout": 2})
    runner.wait(arn, "RUNNING")
    runner.ecs.stop_task(cluster="tasks", task=arn, reason="a test")
    task = runner.wait(arn, "STOPPED")
    assert (task["stopCode"], task["stoppedReason"]) == ("UserInitiated", "a test")
    assert task["containers"][0]["exitCode"] == 137


def test_a_secret_needs_its_json_key_and_the_right_to_read_it(runner):
    secrets = runner.neargate.client("secretsmanager")
    arn = secrets.create_secret(Name="s", SecretString=json.dumps({"user": "u"}))["ARN"]
    container = {"command": ["sh", "-c", "test $USER_NAME = u"]}
    allowed = {"secrets": [{"name": "USER_NAME", "valueFrom": f"{arn}:user::"}]}
    refused = runner.to_the_end({**container, **allowed})
    assert "AccessDeniedException" in refused["stoppedReason"]
    runner.neargate.client("iam").put_role_policy(
        RoleName="execution",
        PolicyName="secret",
        PolicyDocument=json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [{"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": arn}],
            }
        ),
    )
    read = runner.to_the_end({**container, **allowed})
    assert read["containers"][0]["exitCode"] == 0, read
    misspelt = {"secrets": [{"name": "USER_NAME", "valueFrom": f"{arn}:usr::"}]}
    failed = runner.to_the_end({**container, **misspelt})
    assert "did not contain json key usr" in failed["stoppedReason"]


def test_containers_start_in_the_order_of_their_dependencies(runner):
    containers = [
        {
            "name": "first",
            "image": runner.image,
            "command": ["sh", "-c", "echo there > /shared/file"],
            "essential": False,
            "mountPoints": [{"sourceVolume": "shared", "containerPath": "/shared"}],
        },
        {
            "name": "main",
            "image": runner.image,
            "command": ["grep", "there", "/shared/file"],
            "dependsOn": [{"containerName": "first", "condition": "SUCCESS"}],
            "mountPoints": [{"sourceVolume": "shared", "containerPath": "/shared"}],
        },
    ]
    task = runner.to_the_end({}, containerDefinitions=containers, volumes=[{"name": "shared"}])
    assert {c["name"]: c.get("exitCode") for c in task["containers"]} == {"first": 0, "main": 0}


def test_a_container_health_check(runner):
    arn = runner.start(
        {
            "command": ["sleep", "600"],
            "healthCheck": {"command": ["CMD-SHELL", "exit 0"], "interval": 5, "retries": 1, "timeout": 2},
        }
    )
    wait_for("a healthy task", lambda: runner.describe(arn)["healthStatus"] == "HEALTHY", seconds=30)
    runner.ecs.stop_task(cluster="tasks", task=arn)
