"""S3 through boto3: objects, parts, presigned URLs, and policies that act."""

import io
import json
import os
import time

import boto3.s3.transfer
import botocore.config
import botocore.exceptions
import pytest
import requests

from conftest import REGION


@pytest.fixture(scope="module")
def s3(neargate):
    client = neargate.client("s3")
    client.create_bucket(Bucket="things", CreateBucketConfiguration={"LocationConstraint": REGION})
    client.put_object(Bucket="things", Key="a/b c+ü", Body=b"hello", Metadata={"x": "y"})
    return client


def code(call, **arguments):
    with pytest.raises(botocore.exceptions.ClientError) as error:
        call(**arguments)
    return error.value.response["Error"]["Code"]


def policy(s3, *statements):
    document = {"Version": "2012-10-17", "Statement": list(statements)}
    s3.put_bucket_policy(Bucket="things", Policy=json.dumps(document))


def test_objects_come_back_as_they_went(s3):
    got = s3.get_object(Bucket="things", Key="a/b c+ü")
    assert (got["Body"].read(), got["Metadata"]) == (b"hello", {"x": "y"})
    assert s3.get_object(Bucket="things", Key="a/b c+ü", Range="bytes=1-2")["Body"].read() == b"el"
    assert code(s3.get_object, Bucket="things", Key="a/b c+ü", Range="bytes=9-") == "InvalidRange"
    assert code(s3.get_object, Bucket="things", Key="none") == "NoSuchKey"
    assert code(s3.list_objects_v2, Bucket="none") == "NoSuchBucket"
    assert code(s3.put_object, Bucket="things", Key="a/b c+ü", Body=b"", IfNoneMatch="*") == "PreconditionFailed"
    with pytest.raises(s3.exceptions.BucketAlreadyOwnedByYou):
        s3.create_bucket(Bucket="things", CreateBucketConfiguration={"LocationConstraint": REGION})
    assert code(s3.delete_bucket, Bucket="things") == "BucketNotEmpty"


def test_large_objects_go_in_parts(s3):
    data = os.urandom(11 << 20)
    config = boto3.s3.transfer.TransferConfig(multipart_threshold=5 << 20, multipart_chunksize=5 << 20)
    s3.upload_fileobj(io.BytesIO(data), "things", "large", Config=config)
    assert s3.head_object(Bucket="things", Key="large")["ETag"].endswith('-3"')
    back = io.BytesIO()
    s3.download_fileobj("things", "large", back)
    assert back.getvalue() == data


def test_listings_go_by_pages(s3):
    for number in range(5):
        s3.put_object(Bucket="things", Key=f"page/{number}", Body=b"")
    paginator = s3.get_paginator("list_objects_v2")
    pages = paginator.paginate(Bucket="things", Prefix="page/", PaginationConfig={"PageSize": 2})
    assert [len(page["Contents"]) for page in pages] == [2, 2, 1]
    top = s3.list_objects_v2(Bucket="things", Delimiter="/")
    assert [entry["Prefix"] for entry in top["CommonPrefixes"]] == ["a/", "page/"]


def presigner(neargate, version):
    return boto3.client(
        "s3",
        endpoint_url=neargate.endpoint,
        region_name=REGION,
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=botocore.config.Config(signature_version=version),
    )


@pytest.mark.parametrize("version", ["s3v4", "s3"])
def test_a_presigned_url_needs_no_key_until_it_expires(neargate, s3, version):
    """`s3` is what boto3 does unless it is told otherwise."""
    signer = presigner(neargate, version)
    object_ = {"Bucket": "things", "Key": f"presigned é {version}"}
    put = signer.generate_presigned_url("put_object", Params={**object_, "ContentType": "text/plain"})
    assert requests.put(put, data=b"z", headers={"Content-Type": "text/plain"}, timeout=5).status_code == 200
    named = {**object_, "ResponseContentDisposition": "attachment; filename=x"}
    got = requests.get(signer.generate_presigned_url("get_object", Params=named), timeout=5)
    assert (got.status_code, got.text) == (200, "z")
    assert got.headers["Content-Disposition"] == "attachment; filename=x"
    forged = requests.get(signer.generate_presigned_url("get_object", Params=object_).replace("presigned", "a"), timeout=5)
    assert forged.status_code == 403 and "SignatureDoesNotMatch" in forged.text
    short = signer.generate_presigned_url("get_object", Params=object_, ExpiresIn=1)
    time.sleep(2.1)
    expired = requests.get(short, timeout=5)
    assert expired.status_code == 403 and "Request has expired" in expired.text


def test_a_policys_deny_holds_for_the_owner_who_can_mend_it(s3):
    deny = {"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::things/*"}
    policy(s3, deny)
    with pytest.raises(botocore.exceptions.ClientError, match="with an explicit deny in a resource-based policy"):
        s3.put_object(Bucket="things", Key="denied", Body=b"")
    policy(s3, {**deny, "Action": "s3:*", "Resource": ["arn:aws:s3:::things", "arn:aws:s3:::things/*"]})
    assert code(s3.list_objects_v2, Bucket="things") == "AccessDenied"
    s3.delete_bucket_policy(Bucket="things")
    s3.list_objects_v2(Bucket="things")


def test_a_policy_that_wants_tls_keeps_nobody_out(s3):
    """The port stands for AWS's HTTPS endpoint."""
    deny = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::things/*"}
    policy(s3, {**deny, "Condition": {"Bool": {"aws:SecureTransport": "false"}}})
    s3.put_object(Bucket="things", Key="over-tls", Body=b"")
    s3.delete_bucket_policy(Bucket="things")


def test_policies_that_are_refused(s3):
    allow = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::things/*"}
    for wrong, why in (
        ({"Resource": "arn:aws:s3:::other/*"}, "Policy has invalid resource"),
        ({"Action": "ec2:RunInstances"}, "Policy has invalid action"),
    ):
        with pytest.raises(botocore.exceptions.ClientError, match=why) as error:
            policy(s3, {**allow, **wrong})
        assert error.value.response["Error"]["Code"] == "MalformedPolicy"
    with pytest.raises(botocore.exceptions.ClientError, match="BlockPublicPolicy") as error:
        policy(s3, allow)
    assert error.value.response["Error"]["Code"] == "AccessDenied"


def test_a_public_policy_is_told_as_inert(neargate, s3):
    s3.create_bucket(Bucket="public", CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.delete_public_access_block(Bucket="public")
    allow = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::public/*"}
    document = {"Version": "2012-10-17", "Statement": [allow]}
    s3.put_bucket_policy(Bucket="public", Policy=json.dumps(document))
    told = neargate.page("inert")["inert"]
    assert ("arn:aws:s3:::public", "Policy") in [(entry["resource"], entry["field"]) for entry in told]
