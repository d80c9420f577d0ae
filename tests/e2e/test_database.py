"""RDS: a PostgreSQL server in the VPC, filtered by its groups, found again after a kill, gone after its delete."""

import datetime
import json
import os
import shutil
import subprocess
from pathlib import Path

import botocore.exceptions
import pytest

import traces
from conftest import wait_for
from vpc import Vpc


class World:
    """A database, and a host whose group it admits."""

    def __init__(self, neargate):
        self.neargate = neargate
        self.vpc = Vpc(neargate, "10.39")
        self.rds = neargate.client("rds")
        self.application = self.vpc.group("application")
        self.group = self.vpc.group("database", (5432, self.application))
        self.rds.create_db_subnet_group(
            DBSubnetGroupName="db", DBSubnetGroupDescription="d", SubnetIds=self.vpc.subnets
        )
        made = self.rds.create_db_instance(
            DBInstanceIdentifier="main",
            DBInstanceClass="db.t3.micro",
            Engine="postgres",
            AllocatedStorage=20,
            MasterUsername="root1",
            MasterUserPassword="first-password",
            DBName="app",
            DBSubnetGroupName="db",
            VpcSecurityGroupIds=[self.group],
            BackupRetentionPeriod=0,
            Tags=[{"Key": "a", "Value": "b"}],
        )["DBInstance"]
        assert made["DBInstanceStatus"] == "creating"
        self.host = self.vpc.host(self.application)
        self.wait()
        self.endpoint = self.describe()["Endpoint"]

    def wait(self):
        waiter = self.rds.get_waiter("db_instance_available")
        waiter.wait(DBInstanceIdentifier="main", WaiterConfig={"Delay": 1, "MaxAttempts": 90})

    def describe(self):
        return self.rds.describe_db_instances(DBInstanceIdentifier="main")["DBInstances"][0]

    def address(self):
        """Where the endpoint's name leads to in the VPC, whose resolver the host asks."""
        interfaces = self.vpc.ec2.describe_network_interfaces(
            Filters=[{"Name": "group-id", "Values": [self.group]}]
        )["NetworkInterfaces"]
        return interfaces[0]["PrivateIpAddress"]

    def psql(self, sql, password="first-password", host=None):
        done = subprocess.run(
            (host or self.host).command(
                *("psql", "-At", "-h", self.address(), "-U", "root1", "-d", "app", "-c", sql)
            ),
            env={**os.environ, "PGPASSWORD": password, "PGCONNECT_TIMEOUT": "2"},
            capture_output=True,
            text=True,
            timeout=30,
        )
        return done.stdout.strip() if done.returncode == 0 else f"failed: {done.stderr}"


@pytest.fixture(scope="module")
def world(neargate):
    if not shutil.which("psql"):
        pytest.skip("no psql on this machine")
    world = World(neargate)
    yield world
    world.vpc.end()


def test_it_answers_those_whom_its_group_admits(world):
    assert world.psql("select 1") == "1"
    assert "password" in world.psql("select 1", password="wrong")
    stranger = world.vpc.host(world.vpc.group("stranger"))
    assert not stranger.connects(world.address(), 5432)


def test_what_is_shown(world):
    shown = world.describe()
    assert shown["Endpoint"]["Port"] == 5432
    assert shown["DBSubnetGroup"]["VpcId"] == world.vpc.id
    assert shown["TagList"] == [{"Key": "a", "Value": "b"}]
    assert "MasterUserPassword" not in shown
    assert shown["DBInstanceArn"].endswith(":db:main")


def test_what_it_uses_is_measured(world):
    cloudwatch = world.neargate.client("cloudwatch")
    dimensions = [{"Name": "DBInstanceIdentifier", "Value": "main"}]

    def values(name):
        now = datetime.datetime.fromisoformat(json.loads(world.neargate.command("clock", "show", "--json"))["now"])
        points = cloudwatch.get_metric_statistics(
            Namespace="AWS/RDS",
            MetricName=name,
            Dimensions=dimensions,
            StartTime=now - datetime.timedelta(hours=1),
            EndTime=now + datetime.timedelta(minutes=1),
            Period=60,
            Statistics=["Maximum"],
        )["Datapoints"]
        return [point["Maximum"] for point in points]

    busy = "select count(*) from generate_series(1, 100000000)"
    arguments = ("psql", "-At", "-h", world.address(), "-U", "root1", "-d", "app", "-c", busy)
    world.neargate.command("clock", "rate", "20x")
    with subprocess.Popen(
        world.host.command(*arguments), env={**os.environ, "PGPASSWORD": "first-password"}, stdout=subprocess.DEVNULL
    ) as asking:
        try:
            wait_for("its connection", lambda: 1 in values("DatabaseConnections"))
            wait_for("its work", lambda: any(value > 10 for value in values("CPUUtilization")))
        finally:
            asking.kill()
            world.neargate.command("clock", "rate", "1x")
    free = values("FreeStorageSpace")
    assert free and all(19 * 2**30 < value < 20 * 2**30 for value in free)


def test_data_survive_a_kill(world):
    assert world.psql("create table t as select 42 as n") == "SELECT 1"
    pid = world.psql("select pg_backend_pid() > 0, pg_postmaster_start_time()")
    world.neargate.kill()
    world.neargate.start()
    assert world.psql("select n from t") == "42"
    assert world.psql("select pg_backend_pid() > 0, pg_postmaster_start_time()") == pid, "it was adopted"
    wait_for("the database to be available", lambda: world.describe()["DBInstanceStatus"] == "available", seconds=20)


def test_a_changed_password_acts(world):
    world.rds.modify_db_instance(
        DBInstanceIdentifier="main", MasterUserPassword="second-password", ApplyImmediately=True
    )
    wait_for("the new password", lambda: world.psql("select 1", "second-password") == "1", seconds=20)
    assert "password" in world.psql("select 1")


def test_changes_that_are_shown_and_act(world):
    world.wait()
    other = world.vpc.group("other", (5432, "anyone"))
    world.rds.modify_db_instance(
        DBInstanceIdentifier="main", VpcSecurityGroupIds=[other], AllocatedStorage=30, ApplyImmediately=True
    )
    stranger = world.vpc.hosts[-1]
    world.group = other
    wait_for("the new group", lambda: stranger.connects(world.address(), 5432), seconds=10)
    world.wait()
    assert world.describe()["AllocatedStorage"] == 30


def test_a_stop_and_a_start(world):
    world.rds.stop_db_instance(DBInstanceIdentifier="main")
    wait_for("the stop", lambda: world.describe()["DBInstanceStatus"] == "stopped", seconds=30)
    assert "failed" in world.psql("select 1", "second-password")
    world.rds.start_db_instance(DBInstanceIdentifier="main")
    world.wait()
    assert world.psql("select n from t", "second-password") == "42"


def test_refusals(world):
    rds = world.rds
    with pytest.raises(rds.exceptions.DBInstanceAlreadyExistsFault):
        rds.create_db_instance(
            DBInstanceIdentifier="main",
            DBInstanceClass="db.t3.micro",
            Engine="postgres",
            AllocatedStorage=20,
            MasterUsername="root1",
            MasterUserPassword="first-password",
        )
    with pytest.raises(rds.exceptions.InvalidDBSubnetGroupStateFault):
        rds.delete_db_subnet_group(DBSubnetGroupName="db")
    with pytest.raises(rds.exceptions.DBInstanceNotFoundFault):
        rds.describe_db_instances(DBInstanceIdentifier="none")
    with pytest.raises(botocore.exceptions.ClientError, match="FinalDBSnapshotIdentifier"):
        rds.delete_db_instance(DBInstanceIdentifier="main")
    with pytest.raises(botocore.exceptions.ClientError) as refused:
        world.vpc.ec2.delete_security_group(GroupId=world.group)
    assert refused.value.response["Error"]["Code"] == "DependencyViolation"


def test_a_delete_leaves_nothing(world):
    world.rds.modify_db_instance(DBInstanceIdentifier="main", DeletionProtection=True, ApplyImmediately=True)
    with pytest.raises(botocore.exceptions.ClientError, match="deletion protection"):
        world.rds.delete_db_instance(DBInstanceIdentifier="main", SkipFinalSnapshot=True)
    world.rds.modify_db_instance(DBInstanceIdentifier="main", DeletionProtection=False, ApplyImmediately=True)
    deleted = world.rds.delete_db_instance(DBInstanceIdentifier="main", SkipFinalSnapshot=True)["DBInstance"]
    assert deleted["DBInstanceStatus"] == "deleting"
    waiter = world.rds.get_waiter("db_instance_deleted")
    waiter.wait(DBInstanceIdentifier="main", WaiterConfig={"Delay": 1, "MaxAttempts": 60})
    world.rds.delete_db_subnet_group(DBSubnetGroupName="db")
    assert not [line for line in traces.of(world.neargate) if "postgres" in line]
    # The templates are what `initdb` makes for any instance: kept for the next one.
    clusters = Path(world.neargate.data).rglob("PG_VERSION")
    left = [path for path in clusters if "templates" not in path.parts]
    assert not left, left
