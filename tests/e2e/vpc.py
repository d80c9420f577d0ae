"""A VPC with what a test puts into it: groups, hosts (tasks that sleep, in whose namespaces the
test's own programs run), targets and load balancers."""

import subprocess
import sys
from pathlib import Path

import requests

from conftest import image, wait_for

TARGET = Path(__file__).with_name("target.py")


class Host:
    """A running task and its place in the network."""

    def __init__(self, vpc, arn, interface):
        self.vpc, self.arn = vpc, arn
        self.interface, self.ip = interface["NetworkInterfaceId"], interface["PrivateIpAddress"]
        self.programs = []

    def command(self, *command):
        """The command line that runs `command` with this host's network."""
        pin = self.vpc.neargate.data / "netns/eni" / self.interface
        return ["nsenter", f"--net={pin}", *map(str, command)]

    def serve(self, port, name):
        """Starts target.py here."""
        program = subprocess.Popen(
            self.command(sys.executable, TARGET, port, name), stdout=subprocess.PIPE, text=True
        )
        assert program.stdout.readline() == "listening\n"
        self.programs.append(program)
        return program

    def connects(self, ip, port):
        """Whether a TCP connection from here to there comes about within a second."""
        code = f"import socket; socket.create_connection(({ip!r}, {port}), timeout=1)"
        return subprocess.run(self.command(sys.executable, "-c", code), capture_output=True).returncode == 0

    def end(self):
        for program in self.programs:
            program.kill()
            program.wait()


class Vpc:
    def __init__(self, neargate, network="10.9"):
        self.neargate = neargate
        self.ec2, self.ecs, self.elb = (neargate.client(s) for s in ("ec2", "ecs", "elbv2"))
        self.id = self.ec2.create_vpc(CidrBlock=f"{network}.0.0/16")["Vpc"]["VpcId"]
        self.subnets = [
            self.ec2.create_subnet(VpcId=self.id, CidrBlock=f"{network}.{number}.0/24", AvailabilityZone=zone)[
                "Subnet"
            ]["SubnetId"]
            for number, zone in ((1, "us-west-2a"), (2, "us-west-2b"))
        ]
        gateway = self.ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
        self.ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=self.id)
        self.route_everything_to(gateway)
        self.cluster = f"hosts-{network.replace('.', '-')}"
        self.ecs.create_cluster(clusterName=self.cluster)
        self.definition = None
        self.hosts = []

    def route_everything_to(self, gateway):
        [table] = self.ec2.describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [self.id]}])["RouteTables"]
        self.ec2.create_route(
            RouteTableId=table["RouteTableId"], DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway
        )

    def group(self, name, *rules):
        """A security group that admits (port, "anyone" or a group)."""
        group = self.ec2.create_security_group(GroupName=name, Description=name, VpcId=self.id)["GroupId"]
        for port, peer in rules:
            self.admit(group, port, peer)
        return group

    def permission(self, port, peer):
        who = (
            {"IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
            if peer == "anyone"
            else {"UserIdGroupPairs": [{"GroupId": peer}]}
        )
        return [{"IpProtocol": "tcp", "FromPort": port, "ToPort": port, **who}]

    def admit(self, group, port, peer):
        self.ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=self.permission(port, peer))

    def refuse(self, group, port, peer):
        self.ec2.revoke_security_group_ingress(GroupId=group, IpPermissions=self.permission(port, peer))

    def sleeper(self):
        """The task definition of a container that only sleeps."""
        if not self.definition:
            ecr = self.neargate.client("ecr")
            name = f"sleeper-{self.cluster}"
            url = ecr.create_repository(repositoryName=name)["repository"]["repositoryUri"]
            self.neargate.push(image("busybox"), url)
            self.definition = self.ecs.register_task_definition(
                family=name,
                requiresCompatibilities=["FARGATE"],
                networkMode="awsvpc",
                cpu="256",
                memory="512",
                executionRoleArn=self.execution_role(name),
                containerDefinitions=[{"name": "main", "image": f"{url}:latest", "command": ["sleep", "3600"]}],
            )["taskDefinition"]["taskDefinitionArn"]
        return self.definition

    def execution_role(self, name):
        iam = self.neargate.client("iam")
        role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
        policy = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
        iam.attach_role_policy(RoleName=name, PolicyArn=policy)
        return role

    def host(self, *groups, subnet=0):
        """A new host with these security groups."""
        arn = self.ecs.run_task(
            cluster=self.cluster,
            taskDefinition=self.sleeper(),
            launchType="FARGATE",
            networkConfiguration={
                "awsvpcConfiguration": {"subnets": [self.subnets[subnet]], "securityGroups": list(groups)}
            },
        )["tasks"][0]["taskArn"]

        def running():
            task = self.ecs.describe_tasks(cluster=self.cluster, tasks=[arn])["tasks"][0]
            assert task["lastStatus"] != "STOPPED", task
            return task if task["lastStatus"] == "RUNNING" else None

        task = wait_for("the host to run", running, seconds=60, pause=0.05)
        details = {d["name"]: d["value"] for d in task["attachments"][0]["details"]}
        [interface] = self.ec2.describe_network_interfaces(
            NetworkInterfaceIds=[details["networkInterfaceId"]]
        )["NetworkInterfaces"]
        host = Host(self, arn, interface)
        self.hosts.append(host)
        return host

    def target_group(self, name, port=8080, **more):
        check = {"HealthCheckPath": "/health", "HealthCheckIntervalSeconds": 5, "HealthCheckTimeoutSeconds": 2}
        arguments = {"Protocol": "HTTP", "VpcId": self.id, "TargetType": "ip", **check, **more}
        return self.elb.create_target_group(Name=name, Port=port, **arguments)["TargetGroups"][0]["TargetGroupArn"]

    def register(self, group, *hosts):
        self.elb.register_targets(TargetGroupArn=group, Targets=[{"Id": host.ip} for host in hosts])

    def states(self, group):
        described = self.elb.describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"]
        return {d["Target"]["Id"]: d["TargetHealth"]["State"] for d in described}

    def wait_for_states(self, group, *states, seconds=30):
        wait_for(
            f"targets to be {states}",
            lambda: sorted(self.states(group).values()) == sorted(states),
            seconds=seconds,
            pause=0.05,
        )

    def balancer(self, name, *groups):
        made = self.elb.create_load_balancer(Name=name, Subnets=self.subnets, SecurityGroups=list(groups))
        return Balancer(self, made["LoadBalancers"][0])

    def end(self):
        for host in self.hosts:
            host.end()


TRUST = (
    '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",'
    ' "Principal": {"Service": "ecs-tasks.amazonaws.com"}}]}'
)


class Balancer:
    """A load balancer and its address on this machine."""

    def __init__(self, vpc, made):
        self.vpc = vpc
        self.arn, self.name, self.dns_name = made["LoadBalancerArn"], made["LoadBalancerName"], made["DNSName"]

    def status(self):
        [mine] = [b for b in self.vpc.neargate.page("load-balancers")["loadBalancers"] if b["name"] == self.name]
        return mine

    @property
    def address(self):
        return self.status()["address"]

    def listen(self, port, *actions, protocol="HTTP", **more):
        listener = self.vpc.elb.create_listener(
            LoadBalancerArn=self.arn, Port=port, Protocol=protocol, DefaultActions=list(actions), **more
        )["Listeners"][0]["ListenerArn"]
        self.wait_until_bound(port)
        return listener

    def wait_until_bound(self, port):
        def bound():
            listeners = [listener for listener in self.status()["listeners"] if listener["port"] == port]
            return listeners and f"{self.address}:{port}" in listeners[0]["bound"]

        wait_for(f"port {port} to be bound", bound, seconds=10, pause=0.02)

    def set(self, **attributes):
        """Sets attributes, `_` for `.` in their names where needed is written `__`."""
        pairs = [{"Key": key.replace("__", "."), "Value": value} for key, value in attributes.items()]
        self.vpc.elb.modify_load_balancer_attributes(LoadBalancerArn=self.arn, Attributes=pairs)

    def get(self, path="/", port=80, method="GET", **more):
        more.setdefault("allow_redirects", False)
        more.setdefault("timeout", 20)
        return requests.request(method, f"http://{self.address}:{port}{path}", **more)


def forward(group):
    return {"Type": "forward", "TargetGroupArn": group}


def fixed(status, body=""):
    fixed = {"StatusCode": str(status), "ContentType": "text/plain", "MessageBody": body}
    return {"Type": "fixed-response", "FixedResponseConfig": fixed}
