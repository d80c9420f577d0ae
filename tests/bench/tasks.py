"""Tasks: how soon one runs, what twenty cost while they sleep, and how they are adopted."""

import json
import shutil
import statistics
import subprocess
import time

import conftest
import process
import starts
from table import row

RUNS = 21
MANY = 20
DOCKER_RUNS = 11

TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ],
}


def network(neargate):
    """A subnet for tasks."""
    ec2 = neargate.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    return ec2.create_subnet(VpcId=vpc, CidrBlock="10.9.0.0/20")["Subnet"]["SubnetId"]


class Runner:
    """Runs tasks of one busybox that sleeps, its image in ECR."""

    def __init__(self, neargate, subnet):
        self.ecs = neargate.client("ecs")
        self.subnet = subnet
        self.ecs.create_cluster(clusterName="bench")
        repository = neargate.client("ecr").create_repository(repositoryName="busybox")
        repository = repository["repository"]["repositoryUri"]
        neargate.push(conftest.image("busybox"), repository)
        iam = neargate.client("iam")
        role = iam.create_role(RoleName="bench", AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
        iam.attach_role_policy(
            RoleName="bench",
            PolicyArn="arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy",
        )
        self.ecs.register_task_definition(
            family="sleep",
            requiresCompatibilities=["FARGATE"],
            networkMode="awsvpc",
            cpu="256",
            memory="512",
            executionRoleArn=role,
            containerDefinitions=[
                {"name": "c", "image": f"{repository}:latest", "command": ["sleep", "3600"], "stopTimeout": 2}
            ],
        )

    def start(self, count=1):
        tasks = self.ecs.run_task(
            cluster="bench",
            taskDefinition="sleep",
            launchType="FARGATE",
            count=count,
            networkConfiguration={"awsvpcConfiguration": {"subnets": [self.subnet]}},
        )["tasks"]
        return [task["taskArn"] for task in tasks]

    def wait(self, arns, status):
        while True:
            tasks = self.ecs.describe_tasks(cluster="bench", tasks=arns)["tasks"]
            if all(task["lastStatus"] == status for task in tasks):
                return
            assert status == "STOPPED" or all(task["lastStatus"] != "STOPPED" for task in tasks), tasks
            time.sleep(0.002)

    def stop(self, arns):
        for arn in arns:
            self.ecs.stop_task(cluster="bench", task=arn)
        self.wait(arns, "STOPPED")


def measure(neargate, subnet):
    runner = Runner(neargate, subnet)
    median = one_by_one(runner)
    docker(median)
    arns = many_at_once(runner)
    cpu, woken = process.idle(neargate.process.pid, starts.IDLE_SECONDS)
    row(f"idle, {MANY} tasks", f"{cpu:.2f}% of a core, {woken:.0f} wake-ups/s", "under 1%", cpu < 1)
    row(f"resident memory, {MANY} tasks", f"{process.resident_mib(neargate.process.pid):.1f} MiB")
    adopt(neargate, runner, arns)


def one_by_one(runner):
    times = []
    for _ in range(RUNS):
        began = time.perf_counter()
        arns = runner.start()
        runner.wait(arns, "RUNNING")
        times.append((time.perf_counter() - began) * 1000)
        runner.stop(arns)
    # The first unpacks the image.
    median = statistics.median(times[1:])
    row(f"RunTask to RUNNING, cached image, median of {RUNS - 1}", f"{median:.0f} ms", "under 100 ms", median < 100)
    return median


def many_at_once(runner):
    began = time.perf_counter()
    arns = runner.start(10) + runner.start(MANY - 10)
    runner.wait(arns, "RUNNING")
    row(f"{MANY} tasks at once, all RUNNING", f"{(time.perf_counter() - began) * 1000:.0f} ms")
    return arns


def adopt(neargate, runner, arns):
    """kill -9, and how long until all tasks are in hand again."""
    neargate.kill()
    before = neargate.log.read_text().count(ADOPTED)
    began = time.perf_counter()
    ready = starts.until_ready(neargate)
    while neargate.log.read_text().count(ADOPTED) - before < len(arns):
        assert time.perf_counter() - began < 30, neargate.log.read_text()[-4000:]
        time.sleep(0.002)
    adopted = (time.perf_counter() - began) * 1000
    row(f"up after kill -9 with {MANY} tasks", f"ready {ready:.0f} ms, adopted {adopted:.0f} ms")
    runner.stop(arns)


ADOPTED = "adopted a running task"


def docker(median):
    """The same image on a Docker engine, where there is one."""
    has_docker = shutil.which("docker") and subprocess.run(["docker", "info"], capture_output=True).returncode == 0
    if not has_docker:
        row("docker run -d of the same image", "no Docker engine here")
        return
    layout = conftest.image("busybox")
    subprocess.run(["skopeo", "copy", "-q", f"oci:{layout}:latest", "docker-daemon:bench:latest"], check=True)
    times = []
    for _ in range(DOCKER_RUNS):
        began = time.perf_counter()
        container = subprocess.run(
            ["docker", "run", "-d", "bench:latest", "sleep", "600"], capture_output=True, text=True, check=True
        ).stdout.strip()
        times.append((time.perf_counter() - began) * 1000)
        subprocess.run(["docker", "rm", "-f", container], capture_output=True, check=True)
    other = statistics.median(times)
    row(
        f"docker run -d of the same image, median of {DOCKER_RUNS}",
        f"{other:.0f} ms",
        f"3 times as long: {other / median:.1f}",
        other > 3 * median,
    )
