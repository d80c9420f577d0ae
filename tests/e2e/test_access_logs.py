"""Access logs: files of a load balancer's requests in the bucket, where its policy lets them in."""

import gzip
import json
import re
import shlex

import botocore.exceptions
import pytest

from conftest import REGION, wait_for
from vpc import Vpc, fixed


@pytest.fixture(scope="module")
def balancer(neargate):
    vpc = Vpc(neargate, "10.49")
    balancer = vpc.balancer("logged", vpc.group("public", (80, "anyone")))
    balancer.listen(80, fixed(404, "nothing"))
    yield balancer
    vpc.end()


def bucket(neargate, name, *statements):
    s3 = neargate.client("s3")
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    if statements:
        policy = {"Version": "2012-10-17", "Statement": list(statements)}
        s3.put_bucket_policy(Bucket=name, Policy=json.dumps(policy))
    return s3


def allow(name, principal, path="*"):
    resource = f"arn:aws:s3:::{name}/{path}"
    return {"Effect": "Allow", "Principal": principal, "Action": "s3:PutObject", "Resource": resource}


def switch_on(balancer, name, prefix=""):
    more = {"access_logs__s3__prefix": prefix} if prefix else {}
    balancer.set(access_logs__s3__enabled="true", access_logs__s3__bucket=name, **more)


def refusal(balancer, name, prefix=""):
    with pytest.raises(botocore.exceptions.ClientError) as error:
        switch_on(balancer, name, prefix)
    assert error.value.response["Error"]["Code"] == "InvalidConfigurationRequest"
    return error.value.response["Error"]["Message"]


def test_a_bucket_that_does_not_let_them_in_is_refused(neargate, balancer):
    assert "does not exist" in refusal(balancer, "no-such-bucket")
    bucket(neargate, "closed")
    denied = "Access Denied for bucket: {}. Please check S3bucket permission"
    assert refusal(balancer, "closed") == denied.format("closed")
    service = {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"}
    bucket(neargate, "narrow", allow("narrow", service, "right/AWSLogs/000000000000/*"))
    assert refusal(balancer, "narrow", "wrong") == denied.format("narrow")


@pytest.mark.parametrize(
    "name, principal",
    [
        ("by-service", {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"}),
        ("by-account", {"AWS": "arn:aws:iam::797873946194:root"}),
    ],
)
def test_a_line_for_each_request_is_delivered(neargate, balancer, name, principal):
    only_tls = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [f"arn:aws:s3:::{name}", f"arn:aws:s3:::{name}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    s3 = bucket(neargate, name, allow(name, principal), only_tls)
    switch_on(balancer, name, "web")
    wait_for("the log to be on", lambda: keys(s3, name), seconds=20)
    assert keys(s3, name) == ["web/AWSLogs/000000000000/ELBAccessLogTestFile"]
    for path in ("/one?a=b", "/two"):
        balancer.get(path, headers={"User-Agent": 'say "hi"'})
    files = wait_for("the file", lambda: [k for k in keys(s3, name) if k.endswith(".log.gz")], seconds=20)
    assert re.fullmatch(
        r"web/AWSLogs/000000000000/elasticloadbalancing/us-west-2/\d{4}/\d\d/\d\d/"
        r"000000000000_elasticloadbalancing_us-west-2_app\.logged\.[0-9a-f]{16}_\d{8}T\d{4}Z_10\.49\.\d+\.\d+_\w+\.log\.gz",
        files[0],
    )
    text = "".join(gzip.decompress(s3.get_object(Bucket=name, Key=k)["Body"].read()).decode() for k in files)
    lines = [shlex.split(line) for line in text.splitlines()]
    assert [len(line) for line in lines] == [29, 29]
    requests = [line[12] for line in lines]
    assert requests[0] == f"GET http://{balancer.address}:80/one?a=b HTTP/1.1"
    assert lines[0][8] == "404" and "fixed-response" in lines[0]
    balancer.set(access_logs__s3__enabled="false")


def keys(s3, name):
    return sorted(entry["Key"] for entry in s3.list_objects_v2(Bucket=name).get("Contents", []))


def test_nothing_of_it_is_told_as_inert(neargate, balancer):
    told = [entry["field"] for entry in neargate.page("inert")["inert"]]
    assert "access_logs.s3.enabled" not in told
