"""Secrets Manager through boto3: versions, stages, deletion and its recovery, passwords."""

import string

import botocore.exceptions
import pytest


@pytest.fixture
def secrets(neargate):
    return neargate.client("secretsmanager")


def test_stages_move_from_version_to_version(secrets):
    secrets.create_secret(Name="staged", SecretString="one")
    second = secrets.put_secret_value(SecretId="staged", SecretString="two")["VersionId"]
    values = {
        stage: secrets.get_secret_value(SecretId="staged", VersionStage=stage)["SecretString"]
        for stage in ("AWSCURRENT", "AWSPREVIOUS")
    }
    assert values == {"AWSCURRENT": "two", "AWSPREVIOUS": "one"}
    third = secrets.put_secret_value(SecretId="staged", SecretString="three", VersionStages=["CANDIDATE"])["VersionId"]
    assert secrets.get_secret_value(SecretId="staged")["SecretString"] == "two"
    move = {"SecretId": "staged", "VersionStage": "AWSCURRENT", "MoveToVersionId": third}
    with pytest.raises(secrets.exceptions.InvalidParameterException, match="RemoveFromVersionId"):
        secrets.update_secret_version_stage(**move)
    secrets.update_secret_version_stage(**move, RemoveFromVersionId=second)
    assert secrets.get_secret_value(SecretId="staged")["SecretString"] == "three"
    listed = secrets.list_secret_version_ids(SecretId="staged")["Versions"]
    stages = {version["VersionId"]: sorted(version["VersionStages"]) for version in listed}
    assert stages == {third: ["AWSCURRENT", "CANDIDATE"], second: ["AWSPREVIOUS"]}


def test_what_is_not_there(secrets):
    secrets.create_secret(Name="empty")
    missing = secrets.exceptions.ResourceNotFoundException
    with pytest.raises(missing, match="secret value for staging label: AWSCURRENT"):
        secrets.get_secret_value(SecretId="empty")
    with pytest.raises(missing, match="can't find the specified secret"):
        secrets.get_secret_value(SecretId="none")
    with pytest.raises(secrets.exceptions.ResourceExistsException):
        secrets.create_secret(Name="empty")


def test_a_deleted_secret_can_be_restored_within_its_window(secrets):
    secrets.create_secret(Name="deleted", SecretString="x")
    with pytest.raises(secrets.exceptions.InvalidParameterException, match="between 7 and 30 days"):
        secrets.delete_secret(SecretId="deleted", RecoveryWindowInDays=3)
    secrets.delete_secret(SecretId="deleted", RecoveryWindowInDays=7)
    for call, arguments in (
        (secrets.get_secret_value, {"SecretId": "deleted"}),
        (secrets.create_secret, {"Name": "deleted", "SecretString": "y"}),
    ):
        with pytest.raises(secrets.exceptions.InvalidRequestException, match="deletion"):
            call(**arguments)
    assert "deleted" not in names(secrets) and "deleted" in names(secrets, IncludePlannedDeletion=True)
    secrets.restore_secret(SecretId="deleted")
    assert secrets.get_secret_value(SecretId="deleted")["SecretString"] == "x"
    secrets.delete_secret(SecretId="deleted", ForceDeleteWithoutRecovery=True)
    secrets.create_secret(Name="deleted", SecretString="z")


def names(secrets, **more):
    pages = secrets.get_paginator("list_secrets").paginate(PaginationConfig={"PageSize": 2}, **more)
    return [secret["Name"] for page in pages for secret in page["SecretList"]]


def test_passwords_are_made_as_they_are_asked_for(secrets):
    password = secrets.get_random_password(PasswordLength=64, ExcludePunctuation=True)["RandomPassword"]
    assert len(password) == 64 and not set(password) & set(string.punctuation)
    assert {bool(set(password) & set(kind)) for kind in (string.ascii_lowercase, string.digits)} == {True}
    with pytest.raises(secrets.exceptions.InvalidParameterException):
        secrets.get_random_password(PasswordLength=3)


def test_a_rotation_without_its_function_is_refused(secrets):
    secrets.create_secret(Name="rotated", SecretString="x")
    with pytest.raises(secrets.exceptions.InvalidRequestException, match="No Lambda rotation function"):
        secrets.rotate_secret(SecretId="rotated")
    function = "arn:aws:lambda:us-west-2:000000000000:function:f"
    with pytest.raises(botocore.exceptions.ClientError, match="cannot invoke the specified Lambda function"):
        secrets.rotate_secret(SecretId="rotated", RotationLambdaARN=function)
    assert "RotationEnabled" not in secrets.describe_secret(SecretId="rotated")
