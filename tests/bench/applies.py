"""The examples applied, planned and destroyed by Terraform and by `neargate apply`: the same Neargate, the
same files. And what the embedded engine promises by itself."""

import os
import time
from pathlib import Path

import conftest
import requests
from table import row

# What Terraform's provider sleeps by itself on a stack with a load balancer and a database,
# whatever answers it, and what the cloud may take beside that.
WAITS_SECONDS = 95
OWN_SECONDS = 5
FIRST_ANSWER_SECONDS = 5
EMPTY_PLAN_MS = 200
LARGE_PLAN_MS = 1000
ROUNDS = 5

# A thousand resources that refer to each other, in modules.
LARGE = """
module "services" {
  source   = "./service"
  for_each = toset([for n in range(20) : format("service-%02d", n)])
  name     = each.key
}
"""
LARGE_SERVICE = """
variable "name" {
  type = string
}

resource "aws_sns_topic" "this" {
  count = 10
  name  = "${var.name}-${count.index}"
}

resource "aws_cloudwatch_log_group" "this" {
  count             = 20
  name              = "/ecs/${var.name}/${count.index}"
  retention_in_days = 7
  tags              = { Service = var.name }
}

resource "aws_cloudwatch_metric_alarm" "this" {
  count               = 20
  alarm_name          = "${aws_cloudwatch_log_group.this[count.index].name}-lines"
  namespace           = "AWS/Logs"
  metric_name         = "IncomingLogEvents"
  dimensions          = { LogGroupName = aws_cloudwatch_log_group.this[count.index].name }
  comparison_operator = "GreaterThanThreshold"
  evaluation_periods  = 1
  period              = 60
  statistic           = "Sum"
  threshold           = 100 + count.index
  alarm_actions       = [aws_sns_topic.this[count.index % 10].arn]
}
"""


class Run:
    """One run of a program to its end: its wall time, CPU time and largest memory."""

    def __init__(self, command, env, codes=(0,)):
        began = time.perf_counter()
        pid = os.posix_spawnp(
            command[0],
            command,
            env,
            file_actions=[(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)],
        )
        _, status, usage = os.wait4(pid, 0)
        self.seconds = time.perf_counter() - began
        self.code = os.waitstatus_to_exitcode(status)
        assert self.code in codes, f"{' '.join(command)}: exit {self.code}"
        # Of programs that it started and waited for too, as Terraform does with its provider.
        self.cpu = usage.ru_utime + usage.ru_stime
        self.mib = usage.ru_maxrss / 1024

    def __str__(self):
        return f"{self.seconds:.1f} s, CPU {self.cpu:.1f} s, {self.mib:.0f} MiB"


class Engine:
    """Terraform, or the one in the binary, on one directory."""

    def __init__(self, name, command, env):
        self.name, self.command, self.env = name, command, env

    def run(self, *arguments, **more):
        return Run([*self.command(arguments[0]), *arguments[1:]], self.env, **more)


def measure(directory, with_terraform=True):
    for example in ("dev", "prod"):
        by_each_engine(Path(directory) / example, example, with_terraform)
    first_answer(Path(directory) / "first")
    large(Path(directory) / "large")


def by_each_engine(home, example, with_terraform):
    home.mkdir()
    neargate = conftest.Neargate(home)
    neargate.start()
    try:
        stack = conftest.Terraform(neargate, f"examples/{example}", home)
        if example == "prod":
            stack.script("self-signed-certificate", stack.directory)
        terraform = Engine("terraform", lambda verb: ["terraform", f"-chdir={stack.directory}", verb], stack.env)
        for engine in [embedded(neargate, stack.directory), *([terraform] if with_terraform else [])]:
            turn(engine, example)
    finally:
        neargate.down()


def embedded(neargate, directory):
    env = {**neargate.environment(), "NEARGATE_PORT": str(neargate.port)}
    return Engine("neargate", lambda verb: [neargate.binary, verb, str(directory)], env)


def turn(engine, example):
    """From nothing to nothing, by one of them."""
    applied = engine.run("apply", "-auto-approve")
    try:
        if engine.name == "terraform":
            goal = f"the provider's {WAITS_SECONDS} s + {OWN_SECONDS} s"
            row(f"terraform apply of examples/{example}", str(applied), goal, applied.seconds < WAITS_SECONDS + OWN_SECONDS)
        else:
            row(f"neargate apply of examples/{example}", str(applied))
        empty_plan(engine, example)
    finally:
        row(f"{engine.name} destroy of examples/{example}", str(engine.run("destroy", "-auto-approve")))


def empty_plan(engine, example):
    rounds = ROUNDS if engine.name == "neargate" else 1
    plans = sorted((engine.run("plan", "-detailed-exitcode") for _ in range(rounds)), key=lambda plan: plan.seconds)
    middle = plans[len(plans) // 2]
    goal, met = ("", None)
    if engine.name == "neargate":
        goal, met = f"under {EMPTY_PLAN_MS} ms", middle.seconds * 1000 < EMPTY_PLAN_MS
    row(f"{engine.name} plan after it, empty", str(middle), goal, met)


def first_answer(home):
    """From nothing to the first 200 through the load balancer, with an image that is here."""
    home.mkdir()
    neargate = conftest.Neargate(home)
    neargate.start()
    try:
        image = "public.ecr.aws/bench/flask-api:latest"
        neargate.command("image", "load", str(conftest.image("flask-api")), "--tag", image)
        stack = conftest.Terraform(neargate, "examples/dev", home)
        engine = embedded(neargate, stack.directory)
        began = time.perf_counter()
        applied = engine.run("apply", "-auto-approve", f"-var=container_image={image}")
        [balancer] = neargate.page("load-balancers")["loadBalancers"]
        conftest.wait_for("the first answer", lambda: answers(balancer["address"]), pause=0.02)
        took = time.perf_counter() - began
        start, itself = started(neargate)
        parts = f"the apply {applied.seconds:.1f} s, the task's start {start:.1f} s, then the application at 0.25 vCPU"
        row(
            "neargate apply of examples/dev to the first 200",
            f"{took:.1f} s: {parts} {itself:.1f} s",
            f"under {FIRST_ANSWER_SECONDS} s",
            took < FIRST_ANSWER_SECONDS,
        )
        engine.run("destroy", "-auto-approve", f"-var=container_image={image}")
    finally:
        neargate.down()


def started(neargate):
    """Seconds of the only task's start, and those since then."""
    ecs, now = neargate.client("ecs"), time.time()
    [cluster] = ecs.list_clusters()["clusterArns"]
    tasks = ecs.list_tasks(cluster=cluster)["taskArns"]
    [task] = ecs.describe_tasks(cluster=cluster, tasks=tasks)["tasks"]
    created, running = task["createdAt"].timestamp(), task["startedAt"].timestamp()
    return running - created, now - running


def answers(address):
    return requests.get(f"http://{address}/health", timeout=2).status_code == 200


def large(home):
    (home / "service").mkdir(parents=True)
    (home / "main.tf").write_text(LARGE)
    (home / "service/main.tf").write_text(LARGE_SERVICE)
    neargate = conftest.Neargate(home)
    neargate.start()
    try:
        engine = embedded(neargate, home)
        plans = sorted((engine.run("plan") for _ in range(ROUNDS)), key=lambda plan: plan.seconds)
        middle = plans[len(plans) // 2]
        goal = f"under {LARGE_PLAN_MS} ms"
        row("neargate plan of 1,000 resources", str(middle), goal, middle.seconds * 1000 < LARGE_PLAN_MS)
    finally:
        neargate.down()
