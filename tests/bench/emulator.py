"""An existing emulator for comparison: moto's server, in a Python environment of its own.

It keeps everything in memory and runs nothing, so that it is compared on its API alone.
"""

import shutil
import subprocess
import sys
import time
from pathlib import Path

import boto3
import requests

import apis
import conftest
from table import ROOT

HOME = ROOT / "target/bench-venv"
REQUIREMENTS = Path(__file__).with_name("requirements.txt")


class Moto:
    def __init__(self, directory):
        self.port = conftest.free_port()
        self.endpoint = f"http://127.0.0.1:{self.port}"
        self.log = Path(directory) / "moto.log"
        with open(self.log, "w") as log:
            command = [HOME / "bin/moto_server", "-p", str(self.port)]
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        conftest.wait_for("moto", lambda: requests.get(f"{self.endpoint}/moto-api/data.json", timeout=5).ok)
        self.populate()

    def __str__(self):
        version = next(HOME.glob("lib/python*/site-packages/moto-*.dist-info")).name
        return f"moto {version.removeprefix('moto-').removesuffix('.dist-info')}"

    def client(self, service):
        return boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name=conftest.REGION,
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )

    def populate(self):
        ec2 = self.client("ec2")
        vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
        subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.9.0.0/20")["Subnet"]["SubnetId"]
        group = ec2.create_security_group(GroupName="bench", Description="bench", VpcId=vpc)["GroupId"]
        apis.service(self.client("ecs"), subnet, [group])

    def stop(self):
        self.process.kill()
        self.process.wait()


def install():
    """Installs it, once. Gives why it could not be; None when it is there."""
    if (HOME / "bin/moto_server").exists():
        return None
    made = subprocess.run([sys.executable, "-m", "venv", HOME], capture_output=True, text=True)
    if made.returncode == 0:
        print("installing moto to compare with", flush=True)
        pip = [HOME / "bin/pip", "install", "-q", "--disable-pip-version-check", "-r", REQUIREMENTS]
        made = subprocess.run(pip, capture_output=True, text=True)
    if made.returncode == 0:
        return None
    shutil.rmtree(HOME, ignore_errors=True)
    return (made.stderr or made.stdout).strip().splitlines()[-1]
