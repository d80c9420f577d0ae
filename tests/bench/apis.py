"""The API under load, held against a bare hyper server and another emulator in the same rounds."""

import subprocess
import time

import conftest
import load
import process
import starts
from table import ROOT, row

ROUNDS = 3
SECONDS = 3
CALLS = 100_000
DEFINITIONS = 50_000

DEFINITION = {
    "family": "bench",
    "requiresCompatibilities": ["FARGATE"],
    "networkMode": "awsvpc",
    "cpu": "256",
    "memory": "512",
    "containerDefinitions": [{"name": "c", "image": "busybox", "essential": True}],
}
SERVICE = {"cluster": "apis", "services": ["s"]}


def service(ecs, subnet, groups=()):
    """One service without tasks, for DescribeServices."""
    ecs.create_cluster(clusterName="apis")
    ecs.register_task_definition(**DEFINITION)
    configuration = {"subnets": [subnet], "securityGroups": list(groups)}
    ecs.create_service(
        cluster="apis",
        serviceName="s",
        taskDefinition="bench",
        desiredCount=0,
        launchType="FARGATE",
        networkConfiguration={"awsvpcConfiguration": configuration},
    )


def measure(neargate, subnet, emulator):
    service(neargate.client("ecs"), subnet)
    port = conftest.free_port()
    hello = subprocess.Popen([ROOT / "target/release/examples/hello", str(port)])
    try:
        time.sleep(0.3)
        for connections in (1, 16):
            describe(neargate, f"http://127.0.0.1:{port}", emulator, connections)
    finally:
        hello.kill()
        hello.wait()
    register(neargate, emulator)
    flat(neargate)
    large(neargate)


def describe(neargate, hello, emulator, connections):
    """The very same requests go to all of them."""
    calls = {
        "bare": lambda: load.ecs(hello, "DescribeServices", SERVICE),
        "own": lambda: load.ecs(neargate.endpoint, "DescribeServices", SERVICE),
    }
    if emulator:
        calls["other"] = lambda: load.ecs(emulator.endpoint, "DescribeServices", SERVICE)
    seen = load.take_turns(calls, connections, ROUNDS, SECONDS)
    bare, own = seen["bare"], seen["own"]
    row(f"bare hyper hello, {connections} connections", str(bare))
    ratio = own.rate / bare.rate
    row(f"DescribeServices, {connections} connections", str(own), f"half of hyper's: {ratio:.2f}", ratio >= 0.5)
    if emulator:
        ratio = own.rate / seen["other"].rate
        row(f"the same with {emulator}", str(seen["other"]), f"less than ours: {ratio:.0f} times", ratio > 1)


def register(neargate, emulator):
    def call(endpoint):
        return lambda: load.ecs(endpoint, "RegisterTaskDefinition", DEFINITION)

    calls = {"own": call(neargate.endpoint)}
    if emulator:
        calls["other"] = call(emulator.endpoint)
    seen = load.take_turns(calls, 16, ROUNDS, SECONDS)
    own = seen["own"]
    row("RegisterTaskDefinition, durable, 16 connections", str(own), "at least 3,000/s", own.rate >= 3000)
    if emulator:
        ratio = own.rate / seen["other"].rate
        row(f"the same with {emulator}, in memory only", str(seen["other"]), f"{ratio:.0f} times", None)


def flat(neargate):
    """Memory over many reads, which leave nothing."""
    call = load.ecs(neargate.endpoint, "DescribeServices", SERVICE)
    load.run(call, 16, SECONDS)
    before = process.resident_mib(neargate.process.pid)
    calls = 0
    while calls < CALLS:
        calls += load.run(call, 16, SECONDS).rate * SECONDS
    after = process.resident_mib(neargate.process.pid)
    row(
        f"memory before and after {CALLS:,} DescribeServices",
        f"{before:.0f} to {after:.0f} MiB",
        "flat",
        after < before * 1.1 + 2,
    )


def large(neargate):
    """A store of many task definitions: its memory, its start, and reads from it."""
    call = load.ecs(neargate.endpoint, "RegisterTaskDefinition", DEFINITION)
    while newest(neargate) < DEFINITIONS:
        load.run(call, 16, SECONDS)
    held = newest(neargate)
    memory = process.resident_mib(neargate.process.pid)
    file = (neargate.data / "store.redb").stat().st_size / 2**20
    row(f"memory with {held:,} task definitions", f"{memory:.0f} MiB", f"{memory * 1024 / held:.1f} KiB for each")
    neargate.kill()
    ready = starts.until_ready(neargate)
    row(f"up after kill -9 with {held:,} task definitions", f"{ready:.0f} ms", f"a file of {file:.0f} MiB")
    row("memory after that", f"{process.resident_mib(neargate.process.pid):.0f} MiB")
    call = load.ecs(neargate.endpoint, "DescribeServices", SERVICE)
    row("DescribeServices then, 16 connections", str(load.run(call, 16, SECONDS)))


def newest(neargate):
    definition = neargate.client("ecs").describe_task_definition(taskDefinition="bench")
    return definition["taskDefinition"]["revision"]
