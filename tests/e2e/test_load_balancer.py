"""Load balancers end to end: real listeners, rules, targets and their failures, as clients see them."""

import re
import socket
import subprocess
import time

import botocore.exceptions
import pytest
import requests

from conftest import wait_for
from vpc import Vpc, fixed, forward


class World:
    """One load balancer at port 80 with two targets that echo, and a closed one behind /dead."""

    def __init__(self, neargate):
        self.vpc = Vpc(neargate)
        self.public = self.vpc.group("public", *[(port, "anyone") for port in (80, 81, 443, 444)])
        self.private = self.vpc.group("private", (8080, self.public))
        self.hosts = [self.vpc.host(self.private, subnet=n) for n in (0, 1)]
        for name, host in zip("ab", self.hosts):
            host.serve(8080, name)
        self.group = self.vpc.target_group("both")
        self.vpc.register(self.group, *self.hosts)
        self.balancer = self.vpc.balancer("web", self.public)
        self.listener = self.balancer.listen(80, forward(self.group))
        self.vpc.wait_for_states(self.group, "healthy", "healthy")
        self.rules = 0

    def rule(self, action, *conditions):
        """A rule after all the others."""
        self.rules += 1
        return self.vpc.elb.create_rule(
            ListenerArn=self.listener, Priority=self.rules, Conditions=list(conditions), Actions=[action]
        )["Rules"][0]["RuleArn"]


@pytest.fixture(scope="module")
def world(neargate):
    world = World(neargate)
    yield world
    world.vpc.end()


def raw(address, request, port=80, seconds=10):
    """What comes back for bytes, up to the end of the connection."""
    with socket.create_connection((address, port), timeout=seconds) as connection:
        connection.sendall(request)
        answer = b""
        try:
            while part := connection.recv(65536):
                answer += part
        except TimeoutError:
            pass
    return answer.decode("latin-1")


def test_what_a_target_sees(world):
    seen = world.balancer.get("/x?y=%20", headers={"X-Mine": "1", "X-Forwarded-For": "203.0.113.7"}).json()
    headers = {name.lower(): value for name, value in seen["headers"]}
    assert (seen["method"], seen["path"]) == ("GET", "/x?y=%20")
    assert headers["x-forwarded-for"] == "203.0.113.7, 127.0.0.1"
    assert (headers["x-forwarded-proto"], headers["x-forwarded-port"]) == ("http", "80")
    assert re.fullmatch(r"Root=1-[0-9a-f]{8}-[0-9a-f]{24}", headers["x-amzn-trace-id"])
    assert headers["host"] == world.balancer.address
    assert headers["x-mine"] == "1"
    nodes = [i["PrivateIpAddress"] for i in interfaces_of(world, "ELB app/web/*")]
    assert seen["peer"] in nodes, "the load balancer's own interface is what the target sees"


def interfaces_of(world, description):
    filters = [{"Name": "description", "Values": [description]}]
    return world.vpc.ec2.describe_network_interfaces(Filters=filters)["NetworkInterfaces"]


def test_targets_take_turns(world):
    assert {world.balancer.get().json()["target"] for _ in range(6)} == {"a", "b"}


CONDITIONS = [
    ({"Field": "path-pattern", "Values": ["/img/*.png"]}, {"path": "/img/x.png"}),
    ({"Field": "host-header", "Values": ["*.example.com"]}, {"headers": {"Host": "API.example.com"}}),
    (
        {"Field": "http-header", "HttpHeaderConfig": {"HttpHeaderName": "User-Agent", "Values": ["*Chrome*"]}},
        {"headers": {"User-Agent": "a chrome b"}},
    ),
    ({"Field": "http-request-method", "HttpRequestMethodConfig": {"Values": ["PURGE"]}}, {"method": "PURGE"}),
    (
        {"Field": "query-string", "QueryStringConfig": {"Values": [{"Key": "v", "Value": "2*"}]}},
        {"path": "/?v=21"},
    ),
]


@pytest.mark.parametrize("condition, request_", CONDITIONS, ids=[c["Field"] for c, _ in CONDITIONS])
def test_a_rule_matches(world, condition, request_):
    rule = world.rule(fixed(418, condition["Field"]), condition)
    wait_for("the rule", lambda: world.balancer.get(**request_).text == condition["Field"], seconds=3)
    assert world.balancer.get("/other").status_code == 200
    world.vpc.elb.delete_rule(RuleArn=rule)
    wait_for("the rule's end", lambda: world.balancer.get(**request_).status_code == 200, seconds=3)


def test_a_rule_for_the_source_address(world):
    condition = {"Field": "source-ip", "SourceIpConfig": {"Values": ["127.0.0.0/8"]}}
    path = {"Field": "path-pattern", "Values": ["/from-here"]}
    rule = world.rule(fixed(403, "not from here"), path, condition)
    wait_for("the rule", lambda: world.balancer.get("/from-here").status_code == 403, seconds=3)
    world.vpc.elb.delete_rule(RuleArn=rule)


def test_the_smallest_priority_wins_and_priorities_can_be_swapped(world):
    path = {"Field": "path-pattern", "Values": ["/swap"]}
    first, second = world.rule(fixed(201), path), world.rule(fixed(202), path)
    wait_for("the first", lambda: world.balancer.get("/swap").status_code == 201, seconds=3)
    world.vpc.elb.set_rule_priorities(
        RulePriorities=[{"RuleArn": first, "Priority": 900}, {"RuleArn": second, "Priority": 1}]
    )
    wait_for("the second", lambda: world.balancer.get("/swap").status_code == 202, seconds=3)
    for rule in (first, second):
        world.vpc.elb.delete_rule(RuleArn=rule)


def test_a_redirect_fills_its_placeholders(world):
    redirect = {
        "Type": "redirect",
        "RedirectConfig": {
            "Protocol": "HTTPS",
            "Port": "443",
            "Host": "new.#{host}",
            "Path": "/v2/#{path}",
            "Query": "#{query}&x=1",
            "StatusCode": "HTTP_301",
        },
    }
    rule = world.rule(redirect, {"Field": "path-pattern", "Values": ["/old*"]})
    wait_for("the redirect", lambda: world.balancer.get("/old").status_code == 301, seconds=3)
    answer = world.balancer.get("/old/a?b=c", headers={"Host": "example.com"})
    assert answer.headers["Location"] == "https://new.example.com:443/v2/old/a?b=c&x=1"
    world.vpc.elb.delete_rule(RuleArn=rule)


def test_weights_and_group_stickiness(world):
    one, other = world.vpc.target_group("one"), world.vpc.target_group("other")
    world.vpc.register(one, world.hosts[0])
    world.vpc.register(other, world.hosts[1])
    groups = [{"TargetGroupArn": one, "Weight": 1}, {"TargetGroupArn": other, "Weight": 0}]
    action = {"Type": "forward", "ForwardConfig": {"TargetGroups": groups}}
    path = {"Field": "path-pattern", "Values": ["/weights"]}
    rule = world.rule(action, path)
    world.vpc.wait_for_states(one, "healthy")
    world.vpc.wait_for_states(other, "healthy")
    assert {world.balancer.get("/weights").json()["target"] for _ in range(8)} == {"a"}
    for group in groups:
        group["Weight"] = 50
    action["ForwardConfig"]["TargetGroupStickinessConfig"] = {"Enabled": True, "DurationSeconds": 60}
    world.vpc.elb.modify_rule(RuleArn=rule, Actions=[action])
    wait_for(
        "both groups", lambda: len({world.balancer.get("/weights").json()["target"] for _ in range(8)}) == 2, seconds=3
    )
    session = requests.Session()
    url = f"http://{world.balancer.address}/weights"
    stuck = {session.get(url).json()["target"] for _ in range(8)}
    assert "AWSALBTG" in session.cookies and len(stuck) == 1
    world.vpc.elb.delete_rule(RuleArn=rule)
    for group in (one, other):
        world.vpc.elb.delete_target_group(TargetGroupArn=group)


def test_target_stickiness_by_cookie(world):
    def set_stickiness(enabled):
        pairs = [{"Key": "stickiness.enabled", "Value": enabled}, {"Key": "stickiness.type", "Value": "lb_cookie"}]
        world.vpc.elb.modify_target_group_attributes(TargetGroupArn=world.group, Attributes=pairs)

    set_stickiness("true")
    wait_for("the cookie", lambda: "AWSALB" in world.balancer.get().cookies, seconds=3)
    session = requests.Session()
    assert len({session.get(f"http://{world.balancer.address}/").json()["target"] for _ in range(8)}) == 1
    set_stickiness("false")


def test_errors_of_targets(world):
    assert world.balancer.get("/reset").status_code == 502
    assert world.balancer.get("/garbage").status_code == 502
    assert world.balancer.get("/huge-head").status_code == 502
    assert world.balancer.get("/status?code=503").status_code == 503
    world.balancer.set(idle_timeout__timeout_seconds="1")
    wait_for("the idle timeout", lambda: world.balancer.get("/slow?s=3").status_code == 504, seconds=10)
    world.balancer.set(idle_timeout__timeout_seconds="60")


def test_errors_of_clients(world):
    address = world.balancer.address
    assert world.balancer.get(method="TRACE").status_code == 405
    assert world.balancer.get("/" + "x" * 17000).status_code in (400, 414)
    assert world.balancer.get(headers={"X-Big": "x" * 17000}).status_code == 400
    assert world.balancer.get(headers={"X-Forwarded-For": ", ".join(["10.0.0.1"] * 31)}).status_code == 463
    assert raw(address, b"garbage\r\n\r\n").startswith("HTTP/1.1 400")
    assert raw(address, b"GET / HTTP/1.1\r\n\r\n").startswith("HTTP/1.1 400")
    unknown = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: rot13\r\n\r\n"
    assert raw(address, unknown).startswith("HTTP/1.1 501")


def test_a_group_without_targets_is_503(world):
    empty = world.vpc.target_group("empty")
    rule = world.rule(forward(empty), {"Field": "path-pattern", "Values": ["/empty"]})
    wait_for("503", lambda: world.balancer.get("/empty").status_code == 503, seconds=3)
    world.vpc.elb.delete_rule(RuleArn=rule)
    world.vpc.elb.delete_target_group(TargetGroupArn=empty)


def test_a_sick_target_gets_nothing_and_says_why(world):
    host = world.hosts[0]
    subprocess.run(host.command("curl", "-s", f"http://{host.ip}:8080/sick"), check=True)
    world.vpc.wait_for_states(world.group, "unhealthy", "healthy")
    described = world.vpc.elb.describe_target_health(TargetGroupArn=world.group, Targets=[{"Id": host.ip}])
    health = described["TargetHealthDescriptions"][0]["TargetHealth"]
    assert health["Reason"] == "Target.ResponseCodeMismatch"
    assert health["Description"] == "Health checks failed with these codes: [500]"
    assert {world.balancer.get().json()["target"] for _ in range(6)} == {"b"}
    subprocess.run(host.command("curl", "-s", f"http://{host.ip}:8080/well"), check=True)
    world.vpc.elb.modify_target_group(TargetGroupArn=world.group, HealthyThresholdCount=2)
    world.vpc.wait_for_states(world.group, "healthy", "healthy")


def test_a_deregistered_target_ends_what_it_has_begun(world):
    group = world.vpc.target_group("draining")
    pairs = [{"Key": "deregistration_delay.timeout_seconds", "Value": "20"}]
    world.vpc.elb.modify_target_group_attributes(TargetGroupArn=group, Attributes=pairs)
    world.vpc.register(group, world.hosts[0])
    rule = world.rule(forward(group), {"Field": "path-pattern", "Values": ["/slow"]})
    world.vpc.wait_for_states(group, "healthy")
    with socket.create_connection((world.balancer.address, 80), timeout=20) as connection:
        connection.sendall(b"GET /slow?s=2 HTTP/1.1\r\nHost: a\r\n\r\n")
        time.sleep(0.3)
        world.vpc.elb.deregister_targets(TargetGroupArn=group, Targets=[{"Id": world.hosts[0].ip}])
        assert world.vpc.states(group)[world.hosts[0].ip] == "draining"
        wait_for("503 for new requests", lambda: world.balancer.get("/slow?s=0").status_code == 503, seconds=3)
        assert connection.recv(65536).startswith(b"HTTP/1.1 200")
    wait_for("the target's end", lambda: world.vpc.states(group) == {}, seconds=25)
    world.vpc.elb.delete_rule(RuleArn=rule)
    world.vpc.elb.delete_target_group(TargetGroupArn=group)


def test_its_name_resolves_as_curl_does_it(world):
    """curl takes any name under localhost for this machine, without a resolver."""
    status = world.balancer.status()
    assert world.balancer.dns_name == status["dnsName"]
    assert re.fullmatch(r"web-\d+\.us-west-2\.elb\.localhost", world.balancer.dns_name)
    curl = subprocess.run(
        ["curl", "-s", "-o", "/dev/null", "-w", "%{remote_ip}", f"http://{world.balancer.dns_name}/"],
        capture_output=True,
        text=True,
    )
    assert curl.stdout in ("127.0.0.1", "::1")


def test_attributes_are_checked(world):
    def refused(key, value, group=False):
        with pytest.raises(botocore.exceptions.ClientError) as error:
            pairs = [{"Key": key, "Value": value}]
            if group:
                world.vpc.elb.modify_target_group_attributes(TargetGroupArn=world.group, Attributes=pairs)
            else:
                world.vpc.elb.modify_load_balancer_attributes(LoadBalancerArn=world.balancer.arn, Attributes=pairs)
        return error.value.response["Error"]["Code"]

    assert refused("idle_timeout.timeout_seconds", "0") == "ValidationError"
    assert refused("idle_timeout.timeout_seconds", "4001") == "ValidationError"
    assert refused("routing.http.desync_mitigation_mode", "none") == "ValidationError"
    assert refused("no.such.attribute", "true") == "ValidationError"
    assert refused("deregistration_delay.timeout_seconds", "3601", group=True) == "ValidationError"
    assert refused("slow_start.duration_seconds", "5", group=True) == "ValidationError"


def test_a_load_balancer_in_use_is_not_deleted_by_halves(world):
    elb = world.vpc.elb
    with pytest.raises(elb.exceptions.ResourceInUseException):
        elb.delete_target_group(TargetGroupArn=world.group)
    with pytest.raises(botocore.exceptions.ClientError) as refused:
        world.vpc.ec2.delete_security_group(GroupId=world.public)
    assert refused.value.response["Error"]["Code"] == "DependencyViolation"
    with pytest.raises(elb.exceptions.DuplicateListenerException):
        world.balancer.listen(80, fixed(200))


def test_a_killed_neargate_binds_the_same_address_again(world):
    address = world.balancer.address
    world.vpc.neargate.kill()
    world.vpc.neargate.start()
    world.balancer.wait_until_bound(80)
    assert world.balancer.address == address
    wait_for("the targets", lambda: world.balancer.get().status_code == 200, seconds=20)