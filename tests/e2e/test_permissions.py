"""A role with a narrow policy may do that and nothing else, in every service's own words."""

import json

import boto3
import botocore.exceptions
import pytest

from conftest import REGION

ACCOUNT = "000000000000"


def document(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


class Role:
    """A role that anybody in the account may assume."""

    def __init__(self, neargate, name, *statements):
        self.neargate, self.name = neargate, name
        self.iam, self.sts = neargate.client("iam"), neargate.client("sts")
        trust = {
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
            "Action": "sts:AssumeRole",
        }
        self.arn = self.iam.create_role(RoleName=name, AssumeRolePolicyDocument=document(trust))["Role"]["Arn"]
        self.grant("narrow", *statements)

    def grant(self, policy, *statements):
        self.iam.put_role_policy(RoleName=self.name, PolicyName=policy, PolicyDocument=document(*statements))

    def client(self, service, **session):
        keys = self.sts.assume_role(RoleArn=self.arn, RoleSessionName="me", **session)["Credentials"]
        return boto3.client(
            service,
            endpoint_url=self.neargate.endpoint,
            region_name=REGION,
            aws_access_key_id=keys["AccessKeyId"],
            aws_secret_access_key=keys["SecretAccessKey"],
            aws_session_token=keys["SessionToken"],
        )


@pytest.fixture(scope="module")
def role(neargate):
    secret = neargate.client("secretsmanager").create_secret(Name="mine", SecretString="x")["ARN"]
    return Role(
        neargate,
        "narrow",
        {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": secret},
    )


def refusal(call, **arguments):
    with pytest.raises(botocore.exceptions.ClientError) as error:
        call(**arguments)
    response = error.value.response
    return response["ResponseMetadata"]["HTTPStatusCode"], response["Error"]["Code"], response["Error"]["Message"]


def test_what_is_granted_is_let_through(role):
    assert role.client("secretsmanager").get_secret_value(SecretId="mine")["SecretString"] == "x"
    assert role.client("sts").get_caller_identity()["Arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/narrow/me"


REFUSALS = [
    ("ecs", "list_clusters", 400, "AccessDeniedException"),
    ("secretsmanager", "list_secrets", 400, "AccessDeniedException"),
    ("logs", "describe_log_groups", 400, "AccessDeniedException"),
    ("kms", "list_keys", 400, "AccessDeniedException"),
    ("elbv2", "describe_load_balancers", 403, "AccessDenied"),
    ("iam", "list_roles", 403, "AccessDenied"),
    ("rds", "describe_db_instances", 403, "AccessDenied"),
    ("s3", "list_buckets", 403, "AccessDenied"),
    ("sns", "list_topics", 403, "AuthorizationError"),
    ("ec2", "describe_vpcs", 403, "UnauthorizedOperation"),
]


@pytest.mark.parametrize("service, operation, status, code", REFUSALS, ids=[r[0] for r in REFUSALS])
def test_everything_else_is_refused_in_the_services_words(role, service, operation, status, code):
    client = role.client(service)
    got = refusal(getattr(client, operation))
    assert got[:2] == (status, code)
    user = f"User: arn:aws:sts::{ACCOUNT}:assumed-role/narrow/me is not authorized to perform: "
    assert user in got[2]
    assert "because no identity-based policy allows the" in got[2]


def test_ec2_says_it_in_its_own_way(role):
    assert refusal(role.client("ec2").describe_vpcs)[2] == (
        "You are not authorized to perform this operation. "
        f"User: arn:aws:sts::{ACCOUNT}:assumed-role/narrow/me is not authorized to perform: ec2:DescribeVpcs "
        "because no identity-based policy allows the ec2:DescribeVpcs action"
    )


def test_a_deny_wins_and_ends_with_its_policy(role):
    secrets = role.client("secretsmanager")
    role.grant("deny", {"Effect": "Deny", "Action": "secretsmanager:*", "Resource": "*"})
    assert "with an explicit deny in an identity-based policy" in refusal(secrets.get_secret_value, SecretId="mine")[2]
    role.iam.delete_role_policy(RoleName="narrow", PolicyName="deny")
    secrets.get_secret_value(SecretId="mine")


def test_a_session_policy_and_a_boundary_limit(role):
    nothing = document({"Effect": "Allow", "Action": "s3:*", "Resource": "*"})
    limited = role.client("secretsmanager", Policy=nothing)
    assert "because no session policy allows" in refusal(limited.get_secret_value, SecretId="mine")[2]
    boundary = role.iam.create_policy(PolicyName="boundary", PolicyDocument=nothing)["Policy"]["Arn"]
    role.iam.put_role_permissions_boundary(RoleName="narrow", PermissionsBoundary=boundary)
    message = refusal(role.client("secretsmanager").get_secret_value, SecretId="mine")[2]
    assert "because no permissions boundary allows" in message
    role.iam.delete_role_permissions_boundary(RoleName="narrow")


def test_a_secrets_own_policy_decides_too(neargate, role):
    owner = neargate.client("secretsmanager")
    other = owner.create_secret(Name="other", SecretString="y")["ARN"]
    reader = role.client("secretsmanager")
    assert refusal(reader.get_secret_value, SecretId=other)[1] == "AccessDeniedException"
    statement = {"Principal": {"AWS": role.arn}, "Action": "secretsmanager:GetSecretValue", "Resource": "*"}
    owner.put_resource_policy(SecretId=other, ResourcePolicy=document({"Effect": "Allow", **statement}))
    assert reader.get_secret_value(SecretId=other)["SecretString"] == "y"
    owner.put_resource_policy(SecretId="mine", ResourcePolicy=document({"Effect": "Deny", **statement}))
    assert "explicit deny in a resource-based policy" in refusal(reader.get_secret_value, SecretId="mine")[2]
    owner.delete_resource_policy(SecretId="mine")


def test_who_may_not_assume_a_role(neargate, role):
    locked = neargate.client("iam").create_role(
        RoleName="locked",
        AssumeRolePolicyDocument=document(
            {"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ),
    )["Role"]["Arn"]
    arguments = {"RoleArn": locked, "RoleSessionName": "me"}
    status, code, message = refusal(neargate.client("sts").assume_role, **arguments)
    assert (status, code) == (403, "AccessDenied")
    assert message.endswith(f"is not authorized to perform: sts:AssumeRole on resource: {locked}")
    assert refusal(role.client("sts").assume_role, **arguments)[1] == "AccessDenied"


def test_sessions_end_with_their_role(neargate):
    gone = Role(neargate, "gone", {"Effect": "Allow", "Action": "*", "Resource": "*"})
    client = gone.client("ecs")
    client.list_clusters()
    gone.iam.delete_role_policy(RoleName="gone", PolicyName="narrow")
    gone.iam.delete_role(RoleName="gone")
    assert refusal(client.list_clusters)[1] == "UnrecognizedClientException"
