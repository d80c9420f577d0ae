"""Security groups: who gets to whom, at once when a rule changes; and what stands in a delete's way."""

import botocore.exceptions
import pytest

from conftest import wait_for
from vpc import Vpc, forward


@pytest.fixture(scope="module")
def vpc(neargate):
    vpc = Vpc(neargate, "10.29")
    yield vpc
    vpc.end()


@pytest.fixture(scope="module")
def pair(vpc):
    """A client and a server, each in a group of its own that admits nobody."""
    client, server = vpc.group("client"), vpc.group("server")
    hosts = vpc.host(client), vpc.host(server, subnet=1)
    hosts[1].serve(8080, "server")
    return client, server, *hosts


def test_a_rule_opens_and_closes_at_once(vpc, pair):
    client_group, server_group, client, server = pair
    assert not client.connects(server.ip, 8080)
    for peer in (client_group, "anyone"):
        vpc.admit(server_group, 8080, peer)
        wait_for("the way in", lambda: client.connects(server.ip, 8080), seconds=5)
        assert not client.connects(server.ip, 8081)
        vpc.refuse(server_group, 8080, peer)
        wait_for("the way to be closed", lambda: not client.connects(server.ip, 8080), seconds=5)


def test_egress_filters_too(vpc, pair):
    client_group, server_group, client, server = pair
    vpc.admit(server_group, 8080, client_group)
    wait_for("the way in", lambda: client.connects(server.ip, 8080), seconds=5)
    everything = [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
    vpc.ec2.revoke_security_group_egress(GroupId=client_group, IpPermissions=everything)
    wait_for("the way out to be closed", lambda: not client.connects(server.ip, 8080), seconds=5)
    out = [{"IpProtocol": "tcp", "FromPort": 8080, "ToPort": 8080, "UserIdGroupPairs": [{"GroupId": server_group}]}]
    vpc.ec2.authorize_security_group_egress(GroupId=client_group, IpPermissions=out)
    wait_for("the way out", lambda: client.connects(server.ip, 8080), seconds=5)
    vpc.refuse(server_group, 8080, client_group)


def test_a_load_balancer_reaches_its_targets_by_their_groups_rules_only(vpc, pair):
    _, server_group, _, server = pair
    public = vpc.group("public", (80, "anyone"))
    group = vpc.target_group("filtered", HealthCheckTimeoutSeconds=2)
    vpc.register(group, server)
    balancer = vpc.balancer("filtered", public)
    balancer.listen(80, forward(group))
    vpc.wait_for_states(group, "unhealthy")
    [described] = vpc.elb.describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"]
    assert described["TargetHealth"]["Reason"] == "Target.Timeout"
    vpc.admit(server_group, 8080, public)
    vpc.elb.modify_target_group(TargetGroupArn=group, HealthyThresholdCount=2)
    vpc.wait_for_states(group, "healthy")
    assert balancer.get().json()["target"] == "server"
    vpc.refuse(public, 80, "anyone")
    wait_for("the listener's end", lambda: is_closed(balancer), seconds=5)
    assert "no rule of the load balancer's security groups" in balancer.status()["listeners"][0]["problems"][0]


def is_closed(balancer):
    try:
        balancer.get()
    except OSError:
        return True
    return False


def code(call, **arguments):
    with pytest.raises(botocore.exceptions.ClientError) as error:
        call(**arguments)
    return error.value.response["Error"]["Code"]


def test_what_is_in_use_is_not_deleted(vpc, pair):
    client_group, server_group, client, _ = pair
    ec2 = vpc.ec2
    assert code(ec2.delete_security_group, GroupId=client_group) == "DependencyViolation"
    named, naming = vpc.group("named"), vpc.group("naming")
    vpc.admit(naming, 1, named)
    assert code(ec2.delete_security_group, GroupId=named) == "DependencyViolation"
    ec2.delete_security_group(GroupId=naming)
    ec2.delete_security_group(GroupId=named)
    assert code(ec2.delete_subnet, SubnetId=vpc.subnets[0]) == "DependencyViolation"
    assert code(ec2.delete_vpc, VpcId=vpc.id) == "DependencyViolation"
    assert code(ec2.delete_network_interface, NetworkInterfaceId=client.interface) == "InvalidParameterValue"
    [default] = ec2.describe_security_groups(
        Filters=[{"Name": "vpc-id", "Values": [vpc.id]}, {"Name": "group-name", "Values": ["default"]}]
    )["SecurityGroups"]
    assert code(ec2.delete_security_group, GroupId=default["GroupId"]) == "CannotDelete"


def test_duplicates_and_wrong_references(vpc, pair):
    client_group = pair[0]
    ec2 = vpc.ec2
    duplicate = {"GroupName": "client", "Description": "d", "VpcId": vpc.id}
    assert code(ec2.create_security_group, **duplicate) == "InvalidGroup.Duplicate"
    vpc.admit(client_group, 7, "anyone")
    again = {"GroupId": client_group, "IpPermissions": vpc.permission(7, "anyone")}
    assert code(ec2.authorize_security_group_ingress, **again) == "InvalidPermission.Duplicate"
    ec2.revoke_security_group_ingress(**again)
    assert code(ec2.revoke_security_group_ingress, **again) == "InvalidPermission.NotFound"
    nobody = {"GroupId": client_group, "IpPermissions": vpc.permission(7, "sg-0123456789abcdef0")}
    assert code(ec2.authorize_security_group_ingress, **nobody) == "InvalidGroup.NotFound"
    backwards = [{"IpProtocol": "tcp", "FromPort": 9, "ToPort": 8, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
    arguments = {"GroupId": client_group, "IpPermissions": backwards}
    assert code(ec2.authorize_security_group_ingress, **arguments) == "InvalidParameterValue"


def test_interfaces_are_found_by_filters(vpc, pair):
    client_group, _, client, server = pair

    def found(**filters):
        filters = [{"Name": name.replace("__", "-").replace("_", "."), "Values": [v]} for name, v in filters.items()]
        listed = vpc.ec2.get_paginator("describe_network_interfaces").paginate(Filters=filters).build_full_result()
        return [interface["NetworkInterfaceId"] for interface in listed["NetworkInterfaces"]]

    assert found(group__id=client_group) == [client.interface]
    assert found(addresses_private__ip__address=client.ip) == [client.interface]
    assert found(private__ip__address=server.ip) == [server.interface]
    assert client.interface in found(vpc__id=vpc.id, status="in-use", subnet__id=vpc.subnets[0])
    assert found(group__id="sg-0123456789abcdef0") == []
    wrong = [{"Name": "no-such-filter", "Values": ["x"]}]
    assert code(vpc.ec2.describe_network_interfaces, Filters=wrong) == "InvalidParameterValue"
