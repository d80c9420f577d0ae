"""Access logs: files of a load balancer's requests in the bucket, where its policy lets them in."""

import re
import shlex

import botocore.exceptions
import pytest

from access_log import allow, bucket, keys, lines, switch_on
from conftest import wait_for
from vpc import Vpc, fixed


@pytest.fixture(scope="module")
def balancer(neargate):
    vpc = Vpc(neargate, "10.49")
    balancer = vpc.balancer("logged", vpc.group("public", (80, "anyone")))
    balancer.listen(80, fixed(404, "nothing"))
    yield balancer
    vpc.end()


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
    [first, second] = [shlex.split(line) for line in lines(s3, name)]
    assert len(first) == len(second) == 29
    assert first[12] == f"GET http://{balancer.address}:80/one?a=b HTTP/1.1"
    assert first[8] == "404" and "fixed-response" in first
    balancer.set(access_logs__s3__enabled="false")


def test_nothing_of_it_is_told_as_inert(neargate, balancer):
    told = [entry["field"] for entry in neargate.page("inert")["inert"]]
    assert "access_logs.s3.enabled" not in told
