"""What is wrong gets AWS's own error, and hurts nobody else."""

import socket

import botocore.exceptions
import pytest
import requests


def test_errors_raise_botocores_own_exceptions(neargate):
    ecs = neargate.client("ecs")
    with pytest.raises(ecs.exceptions.ClusterNotFoundException, match="Cluster not found"):
        ecs.describe_services(cluster="nothing", services=["s"])
    with pytest.raises(ecs.exceptions.ClientException, match="Unable to describe task definition"):
        ecs.describe_task_definition(taskDefinition="nothing")
    ecs.create_cluster(clusterName="c")
    with pytest.raises(ecs.exceptions.ServiceNotFoundException):
        ecs.update_service(cluster="c", service="nothing")
    with pytest.raises(ecs.exceptions.ClientException, match="No Fargate configuration"):
        ecs.register_task_definition(
            family="f",
            requiresCompatibilities=["FARGATE"],
            networkMode="awsvpc",
            cpu="256",
            memory="8192",
            containerDefinitions=[{"name": "c", "image": "i"}],
        )


def test_deletes_in_the_wrong_order(neargate):
    ec2 = neargate.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.5.0.0/16")["Vpc"]["VpcId"]
    ec2.create_subnet(VpcId=vpc, CidrBlock="10.5.1.0/24")
    with pytest.raises(botocore.exceptions.ClientError) as refused:
        ec2.delete_vpc(VpcId=vpc)
    assert refused.value.response["Error"]["Code"] == "DependencyViolation"
    with pytest.raises(botocore.exceptions.ClientError) as refused:
        ec2.create_subnet(VpcId=vpc, CidrBlock="10.5.1.128/25")
    assert refused.value.response["Error"]["Code"] == "InvalidSubnet.Conflict"


def test_an_operation_that_is_not_there_is_named(neargate):
    ecs = neargate.client("ecs")
    with pytest.raises(botocore.exceptions.ClientError, match="ecs:CreateTaskSet"):
        ecs.create_task_set(cluster="c", service="s", taskDefinition="f")


def test_an_unknown_key_and_a_wrong_signature(neargate):
    import boto3

    arguments = {"endpoint_url": neargate.endpoint, "region_name": "us-west-2"}
    unknown = boto3.client("sts", aws_access_key_id="nobody", aws_secret_access_key="x", **arguments)
    with pytest.raises(botocore.exceptions.ClientError) as refused:
        unknown.get_caller_identity()
    assert refused.value.response["Error"]["Code"] == "InvalidClientTokenId"
    wrong = boto3.client("ecs", aws_access_key_id="test", aws_secret_access_key="wrong", **arguments)
    with pytest.raises(botocore.exceptions.ClientError) as refused:
        wrong.list_clusters()
    assert refused.value.response["Error"]["Code"] == "InvalidSignatureException"


def test_garbage_half_open_and_slow_clients_hurt_nobody(neargate):
    headers = {"X-Amz-Target": "AmazonEC2ContainerServiceV20141113.ListClusters"}

    def garbage():
        for _ in range(100):
            yield b"\xff" * (1 << 20)

    try:
        answer = requests.post(neargate.endpoint, data=garbage(), headers=headers, timeout=60)
        assert answer.status_code == 413
    except requests.ConnectionError:
        pass  # The answer comes before the body has ended; some kernels reset then.
    malformed = requests.post(neargate.endpoint, data=b"{", headers=headers, timeout=5)
    assert malformed.status_code in (400, 403)
    idle = [socket.create_connection(("127.0.0.1", neargate.port)) for _ in range(50)]
    for connection in idle[:25]:
        connection.sendall(b"POST / HTTP/1.1\r\nContent-Length: 100\r\n")
    assert neargate.client("ecs").list_clusters()["ResponseMetadata"]["HTTPStatusCode"] == 200
    for connection in idle:
        connection.close()
