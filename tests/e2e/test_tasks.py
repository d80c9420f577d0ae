"""Single tasks: what containers are given, and how they end."""

import json
import os
import re

import pytest

from conftest import wait_for
from runner import Runner


@pytest.fixture(scope="module")
def runner(neargate):
    return Runner(neargate)


def test_an_exit_code_is_shown(runner):
    task = runner.to_the_end({"command": ["sh", "-c", "exit 3"]})
    assert task["stopCode"] == "EssentialContainerExited"
    assert task["stoppedReason"] == "Essential container in task exited"
    assert task["containers"][0]["exitCode"] == 3
    instants = ["createdAt", "pullStartedAt", "pullStoppedAt", "startedAt", "stoppingAt", "executionStoppedAt", "stoppedAt"]
    assert sorted(task[name] for name in instants) == [task[name] for name in instants]


def test_too_much_memory_is_137_with_its_reason(runner):
    task = runner.to_the_end({"command": ["sh", "-c", "tail /dev/zero"], "memory": 32})
    assert task["containers"][0]["exitCode"] == 137
    assert task["containers"][0]["reason"] == "OutOfMemoryError: Container killed due to memory usage"


def test_the_memory_of_the_task_is_shared_by_its_containers(runner):
    task = runner.to_the_end({"command": ["sh", "-c", "tail /dev/zero"]})
    assert task["containers"][0]["exitCode"] == 137
    assert task["containers"][0]["reason"].startswith("OutOfMemoryError")


def test_the_stop_timeout_ends_with_sigkill(runner):
    arn = runner.start({"command": ["sh", "-c", "trap '' TERM; while true; do sleep 1; done"], "stopTimeout": 2})
    runner.wait(arn, "RUNNING")
    task = runner.stop(arn, reason="a test")
    assert (task["stopCode"], task["stoppedReason"]) == ("UserInitiated", "a test")
    assert task["containers"][0]["exitCode"] == 137


def test_an_init_passes_signals_on(runner):
    without = {"command": ["sleep", "600"], "stopTimeout": 2}
    arn = runner.start(without)
    runner.wait(arn, "RUNNING")
    # Process 1 has no handler for SIGTERM, so that the kernel keeps it from it.
    assert runner.stop(arn)["containers"][0]["exitCode"] == 137
    arn = runner.start({**without, "stopTimeout": 60, "linuxParameters": {"initProcessEnabled": True}})
    runner.wait(arn, "RUNNING")
    assert runner.stop(arn)["containers"][0]["exitCode"] == 143


def test_entry_point_command_environment_directory_and_user(runner):
    container = {
        "entryPoint": ["sh", "-c"],
        "command": ["echo $A $B; pwd; id -u; id -g; touch f 2>/dev/null || echo read-only; cat /proc/self/status"],
        "environment": [{"name": "A", "value": "a b"}, {"name": "B", "value": "c"}],
        "workingDirectory": "/tmp/there",
        "user": "1234:5678",
        "readonlyRootFilesystem": True,
        "linuxParameters": {"capabilities": {"drop": ["ALL"], "add": ["SYS_PTRACE"]}},
    }
    ended = runner.to_the_end(container)
    lines = runner.lines(ended["taskArn"])
    assert lines[:5] == ["a b c", "/tmp/there", "1234", "5678", "read-only"]
    bounding = next(line for line in lines if line.startswith("CapBnd"))
    assert int(bounding.split()[1], 16) == 1 << 19


def test_limits_controls_and_memory_file_systems(runner):
    lines = runner.output(
        "ulimit -n; ulimit -Hn; cat /proc/sys/net/ipv4/tcp_keepalive_time; df -k /scratch | tail -1; touch /scratch/f /tmp/f",
        {
            "ulimits": [{"name": "nofile", "softLimit": 2000, "hardLimit": 3000}],
            "systemControls": [{"namespace": "net.ipv4.tcp_keepalive_time", "value": "321"}],
            "linuxParameters": {"tmpfs": [{"containerPath": "/scratch", "size": 3, "mountOptions": ["noexec"]}]},
            "readonlyRootFilesystem": True,
            "mountPoints": [{"sourceVolume": "tmp", "containerPath": "/tmp"}],
        },
        volumes=[{"name": "tmp"}],
    )
    assert lines[:3] == ["2000", "3000", "321"]
    assert lines[3].split()[:2] == ["tmpfs", "3072"]


def test_containers_share_what_volumes_from_and_the_network_give(runner):
    writer = {
        "name": "writer",
        "essential": False,
        "command": ["sh", "-c", "echo shared > /data/f; httpd -f -p 8000 -h /data"],
        "stopTimeout": 2,
        "mountPoints": [{"sourceVolume": "data", "containerPath": "/data"}],
    }
    reader = {
        "dependsOn": [{"containerName": "writer", "condition": "START"}],
        "volumesFrom": [{"sourceContainer": "writer", "readOnly": True}],
        "command": [
            "sh",
            "-c",
            "until wget -qO- http://127.0.0.1:8000/f; do sleep 0.1; done; touch /data/g 2>/dev/null || echo read-only",
        ],
    }
    task = runner.to_the_end(reader, writer, volumes=[{"name": "data"}])
    assert runner.lines(task["taskArn"]) == ["shared", "read-only"]
    codes = {c["name"]: c.get("exitCode") for c in task["containers"]}
    assert codes["main"] == 0 and codes["writer"] in (137, 143)


def test_containers_start_in_the_order_of_their_dependencies(runner):
    first = {
        "name": "first",
        "command": ["sh", "-c", "sleep 1; echo there > /shared/file"],
        "essential": False,
        "mountPoints": [{"sourceVolume": "shared", "containerPath": "/shared"}],
    }
    healthy = {
        "name": "healthy",
        "command": ["sh", "-c", "sleep 1; touch /tmp/ready; sleep 600"],
        "stopTimeout": 2,
        "healthCheck": {"command": ["CMD", "test", "-f", "/tmp/ready"], "interval": 5, "retries": 3, "timeout": 2},
    }
    main = {
        "command": ["grep", "there", "/shared/file"],
        "dependsOn": [
            {"containerName": "first", "condition": "SUCCESS"},
            {"containerName": "healthy", "condition": "HEALTHY"},
        ],
        "mountPoints": [{"sourceVolume": "shared", "containerPath": "/shared"}],
    }
    task = runner.to_the_end(main, first, healthy, volumes=[{"name": "shared"}])
    codes = {c["name"]: c.get("exitCode") for c in task["containers"]}
    assert (codes["first"], codes["main"]) == (0, 0), task


def test_a_dependency_that_fails_or_takes_too_long_fails_the_task(runner):
    failing = {"name": "first", "command": ["false"], "essential": False}
    main = {"command": ["true"], "dependsOn": [{"containerName": "first", "condition": "SUCCESS"}]}
    task = runner.to_the_end(main, failing)
    assert task["stopCode"] == "TaskFailedToStart"
    assert "first" in task["stoppedReason"] and "SUCCESS" in task["stoppedReason"]
    slow = {"name": "first", "command": ["sleep", "600"], "essential": False, "startTimeout": 2}
    linux = {"linuxParameters": {"initProcessEnabled": True}}
    task = runner.to_the_end(main, {**slow, **linux})
    assert task["stopCode"] == "TaskFailedToStart"
    assert "start timeout of 2 seconds" in task["stoppedReason"]


def test_a_container_that_is_not_essential_may_end(runner):
    side = {"name": "side", "essential": False, "command": ["sh", "-c", "exit 4"]}
    arn = runner.start({"command": ["sleep", "600"], "linuxParameters": {"initProcessEnabled": True}}, side)
    runner.wait(arn, "RUNNING")

    def side_has_ended():
        task = runner.describe(arn)
        return task if any(c.get("exitCode") == 4 for c in task["containers"]) else None

    task = wait_for("the side container's end", side_has_ended, seconds=20)
    assert task["lastStatus"] == "RUNNING"
    runner.stop(arn)


def test_a_container_health_check(runner):
    healthy = {"command": ["CMD-SHELL", "exit 0"], "interval": 5, "retries": 1, "timeout": 2}
    unhealthy = {**healthy, "command": ["CMD-SHELL", "echo no; exit 1"]}
    init = {"linuxParameters": {"initProcessEnabled": True}}
    good = runner.start({"command": ["sleep", "600"], "healthCheck": healthy, **init})
    bad = runner.start({"command": ["sleep", "600"], "healthCheck": unhealthy, **init})
    wait_for("a healthy task", lambda: runner.describe(good)["healthStatus"] == "HEALTHY", seconds=30)
    wait_for("an unhealthy task", lambda: runner.describe(bad)["healthStatus"] == "UNHEALTHY", seconds=30)
    for arn in (good, bad):
        runner.stop(arn)


def test_secrets_by_key_stage_version_and_as_parameters(runner):
    secrets, ssm = runner.neargate.client("secretsmanager"), runner.neargate.client("ssm")
    made = secrets.create_secret(Name="stages", SecretString=json.dumps({"user": "old", "port": 5432}))
    arn = made["ARN"]
    secrets.put_secret_value(SecretId=arn, SecretString=json.dumps({"user": "new", "port": 5433}))
    ssm.put_parameter(Name="/app/plain", Value="p1", Type="String")
    ssm.put_parameter(Name="sealed", Value="p2", Type="SecureString")
    runner.let_execution("stages", ["secretsmanager:GetSecretValue", "ssm:GetParameters", "kms:Decrypt"], "*")
    parameter = "arn:aws:ssm:us-west-2:000000000000:parameter"
    wanted = {
        "WHOLE": arn,
        "CURRENT": f"{arn}:user::",
        "PORT": f"{arn}:port::",
        "PREVIOUS": f"{arn}:user:AWSPREVIOUS:",
        "VERSION": f"{arn}:user::{made['VersionId']}",
        "BY_NAME": "/app/plain",
        "BY_ARN": f"{parameter}/app/plain",
        "SEALED": f"{parameter}/sealed",
    }
    lines = runner.output(
        "for name in WHOLE CURRENT PORT PREVIOUS VERSION BY_NAME BY_ARN SEALED; do eval echo \\$$name; done",
        {"secrets": [{"name": name, "valueFrom": value} for name, value in wanted.items()]},
    )
    assert json.loads(lines[0])["user"] == "new"
    assert lines[1:] == ["new", "5433", "old", "old", "p1", "p1", "p2"]


def test_environment_files(runner):
    s3 = runner.neargate.client("s3")
    s3.create_bucket(Bucket="settings", CreateBucketConfiguration={"LocationConstraint": "us-west-2"})
    s3.put_object(Bucket="settings", Key="a.env", Body=b"# a comment\nA=file\nB=file b\nC=file\n")
    container = {
        "command": ["sh", "-c", "echo $A-$B-$C"],
        "environmentFiles": [{"type": "s3", "value": "arn:aws:s3:::settings/a.env"}],
        "environment": [{"name": "A", "value": "own"}],
    }
    refused = runner.to_the_end(container)
    assert refused["stoppedReason"].startswith("ResourceInitializationError: failed to download env files")
    assert "AccessDenied" in refused["stoppedReason"]
    runner.let_execution("files", ["s3:GetObject", "s3:GetBucketLocation"], "arn:aws:s3:::settings*")
    task = runner.run(
        runner.register(container),
        overrides={"containerOverrides": [{"name": "main", "environment": [{"name": "C", "value": "given"}]}]},
    )["tasks"][0]
    runner.wait(task["taskArn"], "STOPPED")
    assert runner.lines(task["taskArn"]) == ["own-file b-given"]


def test_logs_of_several_lines_and_groups_made_on_the_way(runner):
    log = {
        "logDriver": "awslogs",
        "options": {
            "awslogs-group": "/made/on/the/way",
            "awslogs-region": "us-west-2",
            "awslogs-stream-prefix": "t",
            "awslogs-create-group": "true",
            "awslogs-multiline-pattern": "^(INFO|ERROR)",
            "mode": "non-blocking",
        },
    }
    script = r"printf 'ERROR one\n  at x\n  at y\nINFO two\n'"
    refused = runner.to_the_end({"command": ["sh", "-c", script], "logConfiguration": log})
    assert "failed to create Cloudwatch log stream: AccessDeniedException" in refused["stoppedReason"]
    runner.let_execution("groups", "logs:CreateLogGroup", "*")
    task = runner.to_the_end({"command": ["sh", "-c", script], "logConfiguration": log})
    events = runner.logs.filter_log_events(logGroupName="/made/on/the/way")["events"]
    assert [e["message"] for e in events] == ["ERROR one\n  at x\n  at y", "INFO two"], task


def test_lines_that_come_fast_are_all_kept(runner):
    count = 200_000
    ended = runner.to_the_end({"command": ["sh", "-c", f"yes 'a line that is printed in no time' | head -n {count}"]})
    stream = {"logGroupName": runner.group, "logStreamName": f"t/main/{ended['taskArn'].rsplit('/', 1)[1]}"}
    kept, token = 0, {}
    while True:
        page = runner.logs.get_log_events(**stream, startFromHead=True, **token)
        kept += len(page["events"])
        if token.get("nextToken") == page["nextForwardToken"]:
            break
        token = {"nextToken": page["nextForwardToken"]}
    assert kept == count


def test_overrides_change_one_run(runner):
    definition = runner.register({"command": ["sh", "-c", "echo definition"], "cpu": 128})
    role = runner.make_role("overriding")
    answer = runner.run(
        definition,
        overrides={
            "cpu": "512",
            "memory": "1 GB",
            "taskRoleArn": role,
            "containerOverrides": [
                {
                    "name": "main",
                    "command": ["sh", "-c", "echo $X; cat /sys/fs/cgroup/memory/memory.limit_in_bytes"],
                    "environment": [{"name": "X", "value": "x"}],
                    "cpu": 256,
                    "memory": 256,
                }
            ],
        },
    )
    task = runner.wait(answer["tasks"][0]["taskArn"], "STOPPED")
    assert (task["cpu"], task["memory"]) == ("512", "1024")
    assert task["overrides"]["taskRoleArn"] == role
    assert (task["containers"][0]["cpu"], task["containers"][0]["memory"]) == ("256", "256")
    assert runner.lines(task["taskArn"])[:2] == ["x", str(256 << 20)]


def test_count_filters_pages_tags_and_failures(runner):
    ecs = runner.ecs
    init = {"linuxParameters": {"initProcessEnabled": True}}
    definition = runner.register(
        {"command": ["sleep", "600"], **init}, family="many", tags=[{"key": "from", "value": "definition"}]
    )
    asked = {
        "count": 3,
        "startedBy": "tester",
        "group": "a-group",
        "propagateTags": "TASK_DEFINITION",
        "enableECSManagedTags": True,
        "tags": [{"key": "own", "value": "o"}],
        "clientToken": "token-1",
    }
    answer = runner.run(definition, **asked)
    arns = sorted(task["taskArn"] for task in answer["tasks"])
    assert len(arns) == 3 and answer["failures"] == []
    again = runner.run(definition, **asked)
    assert sorted(task["taskArn"] for task in again["tasks"]) == arns
    with pytest.raises(ecs.exceptions.ConflictException):
        runner.run(definition, **{**asked, "startedBy": "another"})
    for arn in arns:
        runner.wait(arn, "RUNNING")
    listed = lambda **by: sorted(ecs.list_tasks(cluster=runner.cluster, **by)["taskArns"])
    assert listed(startedBy="tester") == arns
    assert listed(family="many") == arns
    assert listed(family="many", launchType="FARGATE") == arns
    assert listed(family="many", desiredStatus="PENDING") == []
    assert listed(family="many", desiredStatus="STOPPED") == []
    pages = ecs.get_paginator("list_tasks").paginate(
        cluster=runner.cluster, family="many", PaginationConfig={"PageSize": 2}
    )
    paged = [page["taskArns"] for page in pages]
    assert [len(page) for page in paged] == [2, 1] and sorted(sum(paged, [])) == arns
    shown = runner.describe(arns[0], include=["TAGS"])
    tags = {tag["key"]: tag["value"] for tag in shown["tags"]}
    assert tags == {"from": "definition", "own": "o", "aws:ecs:clusterName": runner.cluster}
    assert (shown["group"], shown["startedBy"]) == ("a-group", "tester")
    assert runner.describe(arns[0])["tags"] == []
    missing = "0" * 32
    described = ecs.describe_tasks(cluster=runner.cluster, tasks=[arns[0], missing])
    [failure] = described["failures"]
    assert failure["reason"] == "MISSING" and failure["arn"].endswith(f"task/{runner.cluster}/{missing}")
    for arn in arns:
        ecs.stop_task(cluster=runner.cluster, task=arn)
    wait_for("the tasks to be listed as stopped", lambda: listed(family="many", desiredStatus="STOPPED") == arns)
    for arn in arns:
        runner.wait(arn, "STOPPED")


def test_what_does_not_act_is_told(runner):
    arn = runner.register(
        {"command": ["true"], "pseudoTerminal": True}, family="inert", ephemeralStorage={"sizeInGiB": 30}
    )
    told = {i["field"] for i in runner.neargate.page("inert")["inert"] if i["resource"] == arn}
    assert {"ephemeralStorage", "containerDefinitions.main.pseudoTerminal"} <= told
    assert re.fullmatch(r"arn:aws:ecs:us-west-2:\d{12}:task-definition/inert:1", arn)
    assert "cpu" not in told
    large = runner.register({"command": ["true"]}, family="large", cpu="16384", memory="32768")
    fields = [i["field"] for i in runner.neargate.page("inert")["inert"] if i["resource"] == large]
    assert fields == (["cpu"] if os.cpu_count() < 16 else [])
