"""Single tasks of a busybox image in a subnet of their own: what the tests of tasks share."""

import json

from conftest import image, wait_for

TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ],
}
EXECUTION_POLICY = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"


def allow(actions, resources):
    """A policy document of one statement."""
    return json.dumps(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": actions, "Resource": resources}]}
    )


class Runner:
    """Runs tasks of a cluster of its own."""

    def __init__(self, neargate, cluster="tasks", cidr="10.8"):
        self.neargate = neargate
        self.cluster = cluster
        self.ecs = neargate.client("ecs")
        self.iam = neargate.client("iam")
        self.logs = neargate.client("logs")
        ec2 = neargate.client("ec2")
        self.vpc = ec2.create_vpc(CidrBlock=f"{cidr}.0.0/16")["Vpc"]["VpcId"]
        self.subnet = ec2.create_subnet(VpcId=self.vpc, CidrBlock=f"{cidr}.1.0/24")["Subnet"]["SubnetId"]
        self.ecs.create_cluster(clusterName=cluster)
        self.role = self.make_role(f"{cluster}-execution")
        self.iam.attach_role_policy(RoleName=f"{cluster}-execution", PolicyArn=EXECUTION_POLICY)
        self.group = f"/ecs/{cluster}"
        self.logs.create_log_group(logGroupName=self.group)
        repository = neargate.client("ecr").create_repository(repositoryName=f"{cluster}/busybox")["repository"]
        self.repository = repository["repositoryUri"]
        self.image = f"{self.repository}:latest"
        neargate.push(image("busybox"), self.repository)

    @property
    def network(self):
        return {"awsvpcConfiguration": {"subnets": [self.subnet]}}

    def make_role(self, name, policy=None):
        """A role that tasks can have; gives its ARN."""
        role = self.iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]
        if policy:
            self.iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=policy)
        return role["Arn"]

    def let_execution(self, name, actions, resources):
        """Gives the execution role another right."""
        role = self.role.rsplit("/", 1)[1]
        self.iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=allow(actions, resources))

    def container(self, container):
        """A container with what all have in common."""
        options = {"awslogs-group": self.group, "awslogs-region": "us-west-2", "awslogs-stream-prefix": "t"}
        log = {"logDriver": "awslogs", "options": options}
        return {"name": "main", "image": self.image, "logConfiguration": log, **container}

    def definition(self, *containers, **task):
        return {
            "family": "task",
            "requiresCompatibilities": ["FARGATE"],
            "networkMode": "awsvpc",
            "cpu": "256",
            "memory": "512",
            "executionRoleArn": self.role,
            "containerDefinitions": [self.container(c) for c in containers],
            **task,
        }

    def register(self, *containers, **task):
        registered = self.ecs.register_task_definition(**self.definition(*containers, **task))
        return registered["taskDefinition"]["taskDefinitionArn"]

    def run(self, definition, **request):
        """RunTask's answer."""
        return self.ecs.run_task(
            **{
                "cluster": self.cluster,
                "taskDefinition": definition,
                "launchType": "FARGATE",
                "networkConfiguration": self.network,
                **request,
            }
        )

    def start(self, *containers, **task):
        return self.run(self.register(*containers, **task))["tasks"][0]["taskArn"]

    def describe(self, arn, **request):
        return self.ecs.describe_tasks(cluster=self.cluster, tasks=[arn], **request)["tasks"][0]

    def wait(self, arn, status, seconds=60):
        def there():
            task = self.describe(arn)
            if task["lastStatus"] == "STOPPED" and status != "STOPPED":
                raise AssertionError(f"the task has stopped: {task.get('stoppedReason')} {task['containers']}")
            return task if task["lastStatus"] == status else None

        return wait_for(f"the task to be {status}", there, seconds=seconds, pause=0.05)

    def to_the_end(self, *containers, **task):
        return self.wait(self.start(*containers, **task), "STOPPED")

    def stop(self, arn, **request):
        self.ecs.stop_task(cluster=self.cluster, task=arn, **request)
        return self.wait(arn, "STOPPED")

    def lines(self, arn, container="main"):
        """What a container of a task has printed."""
        stream = f"t/{container}/{arn.rsplit('/', 1)[1]}"
        events = self.logs.get_log_events(logGroupName=self.group, logStreamName=stream, startFromHead=True)
        return [event["message"] for event in events["events"]]

    def output(self, script, container=None, **task):
        """The lines that a shell script prints in a task, which must end well."""
        ended = self.to_the_end({"command": ["sh", "-c", script], **(container or {})}, **task)
        printed = self.lines(ended["taskArn"])
        why = (ended.get("stoppedReason"), ended["containers"][0].get("reason"), printed)
        assert ended["containers"][0].get("exitCode") == 0, why
        return printed
