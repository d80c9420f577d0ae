"""Web ACLs in front of a load balancer: what their rules say happens to real requests."""

import pytest
from botocore.exceptions import ClientError

from conftest import wait_for
from vpc import Vpc, fixed

VISIBLE = {"SampledRequestsEnabled": False, "CloudWatchMetricsEnabled": False, "MetricName": "test"}


@pytest.fixture(scope="module")
def balancer(neargate):
    vpc = Vpc(neargate, "10.48")
    balancer = vpc.balancer("guarded", vpc.group("public", (80, "anyone")))
    balancer.listen(80, fixed(200, "behind"))
    yield balancer
    vpc.end()


def rule(name, priority, statement, action):
    return {
        "Name": name,
        "Priority": priority,
        "Statement": statement,
        "Action": action,
        "VisibilityConfig": VISIBLE,
    }


def path_begins_with(text):
    return {
        "ByteMatchStatement": {
            "SearchString": text,
            "FieldToMatch": {"UriPath": {}},
            "TextTransformations": [{"Priority": 0, "Type": "NONE"}],
            "PositionalConstraint": "STARTS_WITH",
        }
    }


def test_its_rules_act_on_requests_until_it_is_taken_away(neargate, balancer):
    waf = neargate.client("wafv2")
    teapot = {"Block": {"CustomResponse": {"ResponseCode": 418}}}
    scope = {"Name": "guard", "Scope": "REGIONAL"}
    acl = waf.create_web_acl(
        **scope,
        DefaultAction={"Allow": {}},
        Rules=[
            rule("admin", 1, path_begins_with(b"/admin"), {"Block": {}}),
            rule("tea", 2, path_begins_with(b"/tea"), teapot),
            rule("counted", 3, path_begins_with(b"/counted"), {"Count": {}}),
        ],
        VisibilityConfig=VISIBLE,
    )["Summary"]
    assert balancer.get("/admin").status_code == 200
    waf.associate_web_acl(WebACLArn=acl["ARN"], ResourceArn=balancer.arn)
    wait_for("the rules to act", lambda: balancer.get("/admin").status_code == 403, seconds=20)
    assert balancer.get("/tea").status_code == 418
    assert [balancer.get(path).status_code for path in ("/", "/counted")] == [200, 200]

    token = waf.get_web_acl(**scope, Id=acl["Id"])["LockToken"]
    with pytest.raises(waf.exceptions.WAFAssociatedItemException):
        waf.delete_web_acl(**scope, Id=acl["Id"], LockToken=token)
    waf.disassociate_web_acl(ResourceArn=balancer.arn)
    wait_for("the rules to act no more", lambda: balancer.get("/admin").status_code == 200, seconds=20)
    waf.delete_web_acl(**scope, Id=acl["Id"], LockToken=token)


def test_addresses_of_a_set_are_shut_out(neargate, balancer):
    waf = neargate.client("wafv2")
    everybody = waf.create_ip_set(
        Name="everybody", Scope="REGIONAL", IPAddressVersion="IPV4", Addresses=["127.0.0.0/8"]
    )["Summary"]
    acl = waf.create_web_acl(
        Name="closed",
        Scope="REGIONAL",
        DefaultAction={"Allow": {}},
        Rules=[rule("all", 1, {"IPSetReferenceStatement": {"ARN": everybody["ARN"]}}, {"Block": {}})],
        VisibilityConfig=VISIBLE,
    )["Summary"]
    waf.associate_web_acl(WebACLArn=acl["ARN"], ResourceArn=balancer.arn)
    wait_for("everybody to be shut out", lambda: balancer.get().status_code == 403, seconds=20)
    token = waf.get_ip_set(Name="everybody", Scope="REGIONAL", Id=everybody["Id"])["LockToken"]
    waf.update_ip_set(
        Name="everybody", Scope="REGIONAL", Id=everybody["Id"], LockToken=token, Addresses=["192.0.2.0/24"]
    )
    wait_for("the set's change to act", lambda: balancer.get().status_code == 200, seconds=20)
    waf.disassociate_web_acl(ResourceArn=balancer.arn)


def test_what_is_not_there_is_told(neargate, balancer):
    with pytest.raises(ClientError) as error:
        neargate.client("wafv2").associate_web_acl(
            WebACLArn="arn:aws:wafv2:us-west-2:000000000000:regional/webacl/none/1234", ResourceArn=balancer.arn
        )
    assert error.value.response["Error"]["Code"] == "WAFNonexistentItemException"
