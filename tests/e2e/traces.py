"""What a Neargate leaves on the machine: for tests that it leaves nothing."""

import os
import subprocess
import time
from pathlib import Path


def assert_none(neargate, seconds=30):
    """Nothing is left, or will be in a moment: interfaces are taken down in the background."""
    deadline = time.monotonic() + seconds
    while left := of(neargate):
        assert time.monotonic() < deadline, f"left on the machine: {left}"
        time.sleep(0.2)


def of(neargate):
    """Everything on this machine that belongs to this Neargate's tasks and networks."""
    data = str(neargate.data)
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if data in command and " up " not in command:
            found.append(f"process {process.name}: {command[:200]}")
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        if data in line:
            found.append(f"mount {line.split()[4]}")
    tag = instance_tag(neargate)
    # Others' groups come and go meanwhile, which only os.walk passes over.
    for group, within, _ in os.walk("/sys/fs/cgroup"):
        if group.endswith(f"/neargate-{tag}"):
            found += [f"cgroup {group}/{name}" for name in within if name != ".shims"]
            within.clear()
    ruleset = subprocess.run(["nft", "list", "tables"], capture_output=True, text=True).stdout
    found += [f"nft {line}" for line in ruleset.splitlines() if tag in line]
    links = subprocess.run(["ip", "-o", "link"], capture_output=True, text=True).stdout
    found += [f"link {line.split()[1]}" for line in links.splitlines() if f"ng{tag}" in line]
    return found


def instance_tag(neargate):
    """The short hash that names everything of this data directory on the machine."""
    return (neargate.data / "instance").read_text().strip()


def of_tasks(neargate):
    """What belongs to tasks alone: networks and the resolvers of VPCs may go on."""
    found = [entry for entry in of(neargate) if entry.startswith(("process", "cgroup"))]
    found += [entry for entry in of(neargate) if entry.startswith("mount") and "/tasks/" in entry]
    found += [f"task directory {path.name}" for path in (neargate.data / "tasks").glob("*")]
    interfaces = neargate.client("ec2").describe_network_interfaces()["NetworkInterfaces"]
    found += [f"interface {i['NetworkInterfaceId']} {i['Description']}" for i in interfaces if "task/" in i["Description"]]
    return found
