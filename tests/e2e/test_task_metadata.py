"""What a task finds at 169.254.170.2: itself, its role's rights, AWS, and nothing else."""

import hashlib
import json
import shutil

import pytest
import requests

from conftest import image
from runner import Runner, allow


@pytest.fixture(scope="module")
def runner(neargate):
    return Runner(neargate, cluster="metadata", cidr="10.10")


def test_metadata_version_4(runner):
    pages = ["", "/task", "/taskWithTags", "/stats", "/task/stats"]
    # The container runs before Neargate has noted that it does.
    script = "sleep 1; " + "; ".join(f'wget -qO- "$ECS_CONTAINER_METADATA_URI_V4{page}"; echo' for page in pages)
    definition = runner.register({"command": ["sh", "-c", script], "dockerLabels": {"a": "b"}, "memory": 128})
    started = runner.run(definition, tags=[{"key": "k", "value": "v"}])["tasks"][0]
    task = runner.wait(started["taskArn"], "STOPPED")
    container, of_task, with_tags, stats, task_stats = map(json.loads, runner.lines(task["taskArn"]))

    shown = task["containers"][0]
    address = next(d["value"] for d in task["attachments"][0]["details"] if d["name"] == "privateIPv4Address")
    assert container["DockerId"] == shown["runtimeId"]
    assert container["ContainerARN"] == shown["containerArn"]
    assert container["ImageID"] == shown["imageDigest"]
    assert (container["Name"], container["Image"], container["Type"]) == ("main", runner.image, "NORMAL")
    assert (container["DesiredStatus"], container["KnownStatus"]) == ("RUNNING", "RUNNING")
    assert container["Limits"] == {"CPU": 2, "Memory": 128}
    assert container["Labels"]["a"] == "b"
    assert container["Labels"]["com.amazonaws.ecs.task-arn"] == task["taskArn"]
    assert container["LogDriver"] == "awslogs" and container["LogOptions"]["awslogs-group"] == runner.group
    assert container["CreatedAt"] <= container["StartedAt"]
    [network] = container["Networks"]
    assert network.pop("MACAddress").count(":") == 5
    assert network == {
        "NetworkMode": "awsvpc",
        "IPv4Addresses": [address],
        "AttachmentIndex": 0,
        "IPv4SubnetCIDRBlock": "10.10.1.0/24",
        "SubnetGatewayIpv4Address": "10.10.1.1/24",
        "PrivateDNSName": f"ip-{address.replace('.', '-')}.us-west-2.compute.internal",
        "DomainNameServers": ["169.254.169.253"],
        "DomainNameSearchList": ["us-west-2.compute.internal"],
    }
    assert of_task["TaskARN"] == task["taskArn"] and of_task["Cluster"] == task["clusterArn"]
    assert (of_task["Family"], of_task["Revision"]) == ("task", definition.rsplit(":", 1)[1])
    assert of_task["Limits"] == {"CPU": 0.25, "Memory": 512}
    assert of_task["LaunchType"] == "FARGATE" and of_task["AvailabilityZone"].startswith("us-west-2")
    assert [c["Name"] for c in of_task["Containers"]] == ["main"]
    assert "TaskTags" not in of_task and with_tags["TaskTags"] == {"k": "v"}
    assert stats["id"] == shown["runtimeId"] and stats["memory_stats"]["limit"] == 128 << 20
    assert stats["cpu_stats"]["cpu_usage"]["total_usage"] > 0
    assert stats["cpu_stats"]["system_cpu_usage"] > stats["cpu_stats"]["cpu_usage"]["total_usage"]
    assert stats["networks"]["eth0"]["rx_bytes"] > 0
    assert list(task_stats) == [shown["runtimeId"]]


def test_credentials_are_those_of_the_own_role_alone(runner):
    role = runner.make_role("metadata-task", allow("s3:ListAllMyBuckets", "*"))
    sleeper = {"command": ["sleep", "600"], "linuxParameters": {"initProcessEnabled": True}}
    other = runner.start(sleeper, taskRoleArn=role)
    runner.wait(other, "RUNNING")
    other_id = other.rsplit("/", 1)[1]
    runtime_id = runner.describe(other)["containers"][0]["runtimeId"]
    script = f"""
        base=http://169.254.170.2
        wget -qO- $base$AWS_CONTAINER_CREDENTIALS_RELATIVE_URI; echo
        for path in /v2/credentials/{other_id} /v4/{runtime_id} /v4/{runtime_id}/task /v2/credentials; do
            wget -qO- $base$path >/dev/null 2>&1 && echo "got $path" || echo refused
        done
    """
    task = runner.to_the_end({"command": ["sh", "-c", script]}, taskRoleArn=role)
    credentials, *others = runner.lines(task["taskArn"])
    credentials = json.loads(credentials)
    assert set(credentials) == {"RoleArn", "AccessKeyId", "SecretAccessKey", "Token", "Expiration"}
    assert credentials["RoleArn"] == role and credentials["AccessKeyId"].startswith("ASIA")
    assert others == ["refused"] * 4
    without = runner.output("echo ${AWS_CONTAINER_CREDENTIALS_RELATIVE_URI-none}")
    assert without == ["none"]
    runner.stop(other)


def test_boto3_in_a_task_has_the_rights_of_the_task_role(runner):
    runner.neargate.push(image("flask-api"), runner.repository, tag="python")
    secrets = runner.neargate.client("secretsmanager")
    own, other = (secrets.create_secret(Name=name, SecretString=name)["ARN"] for name in ("own", "other"))
    role = runner.make_role("reader", allow("secretsmanager:GetSecretValue", own))
    program = f"""
import boto3, botocore.exceptions
print(boto3.client("sts").get_caller_identity()["Arn"])
client = boto3.client("secretsmanager")
print(client.get_secret_value(SecretId="{own}")["SecretString"])
def refused(call):
    try:
        print("allowed", call())
    except botocore.exceptions.ClientError as error:
        print(error.response["Error"]["Code"])
refused(lambda: client.get_secret_value(SecretId="{other}"))
refused(lambda: boto3.client("ecs").list_clusters())
operator = dict(aws_access_key_id="test", aws_secret_access_key="test")
refused(lambda: boto3.client("ecs", **operator).list_clusters())
refused(lambda: boto3.client("s3", **operator).list_buckets())
"""
    container = {"image": f"{runner.repository}:python", "entryPoint": [], "command": ["python3", "-c", program]}
    ended = runner.to_the_end(container, taskRoleArn=role, cpu="1024", memory="2048")
    task_id = ended["taskArn"].rsplit("/", 1)[1]
    assert runner.lines(ended["taskArn"]) == [
        f"arn:aws:sts::000000000000:assumed-role/reader/{task_id}",
        "own",
        "AccessDeniedException",
        "AccessDeniedException",
        "UnrecognizedClientException",
        "InvalidAccessKeyId",
    ]


def test_neargates_own_pages_are_not_for_tasks(runner):
    pages = ["health", "inert", "loops", "load-balancers", "images"]
    script = "".join(
        f"wget -qO- $AWS_ENDPOINT_URL/_neargate/{page} >/dev/null 2>&1 && echo got {page} || echo refused\n"
        for page in pages
    )
    script += """
        wget -qO- --header 'Content-Type: application/json' --post-data '{"path": "/etc"}' \\
            $AWS_ENDPOINT_URL/_neargate/images >/dev/null 2>&1 && echo loaded || echo refused
    """
    assert runner.output(script) == ["refused"] * (len(pages) + 1)


def test_images_are_loaded_by_the_operator_alone(runner):
    neargate = runner.neargate
    url = f"{neargate.endpoint}/_neargate/images"
    body = {"path": str(image("busybox")), "name": "example.com/loaded:1"}
    assert requests.post(url, json=body, timeout=10).status_code == 403
    wrong = {"Authorization": f"Bearer {'0' * 64}"}
    assert requests.post(url, json=body, headers=wrong, timeout=10).status_code == 403
    token = neargate.data / "operator.token"
    assert token.stat().st_mode & 0o777 == 0o600
    neargate.command("image", "load", body["path"], "--tag", body["name"])
    task = runner.to_the_end({"image": body["name"], "command": ["true"]})
    assert task["containers"][0]["exitCode"] == 0


def test_an_image_that_cannot_run_here_is_not_loaded(runner, tmp_path):
    """The layout of busybox, for another processor."""
    shutil.copytree(image("busybox"), tmp_path / "layout")
    blobs, index = tmp_path / "layout/blobs/sha256", tmp_path / "layout/index.json"

    def change(descriptor, how):
        document = json.loads((blobs / descriptor["digest"].split(":")[1]).read_text())
        how(document)
        data = json.dumps(document).encode()
        descriptor.update(digest=f"sha256:{hashlib.sha256(data).hexdigest()}", size=len(data))
        (blobs / descriptor["digest"].split(":")[1]).write_bytes(data)

    document = json.loads(index.read_text())
    (manifest,) = document["manifests"]
    change(manifest, lambda of: change(of["config"], lambda config: config.update(architecture="s390x")))
    index.write_text(json.dumps(document))
    with pytest.raises(AssertionError, match="does not contain descriptor matching platform 'linux/"):
        runner.neargate.command("image", "load", str(tmp_path / "layout"), "--tag", "example.com/other:1")
    assert "example.com/other" not in runner.neargate.command("image", "list")


def test_names_in_the_vpc(runner):
    lines = runner.output(
        "cat /etc/resolv.conf; hostname; nslookup $(hostname) | grep -c Address; "
        "nslookup no-such-name.us-west-2.compute.internal >/dev/null 2>&1 || echo no such name"
    )
    assert lines[:2] == ["search us-west-2.compute.internal", "nameserver 169.254.169.253"]
    assert lines[2].startswith("ip-10-10-1-")
    assert int(lines[3]) >= 2 and lines[4] == "no such name"
