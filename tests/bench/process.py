"""What a process uses, out of /proc."""

import os
import re
import time
from pathlib import Path


def resident_mib(pid):
    status = Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024


def cpu_seconds(pid):
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def wakeups(pid):
    """Context switches so far, by thread: what a loop that spins shows by."""
    found = {}
    for thread in Path(f"/proc/{pid}/task").iterdir():
        try:
            found[thread.name] = sum(map(int, re.findall(r"ctxt_switches:\s+(\d+)", (thread / "status").read_text())))
        except OSError:
            pass  # It has ended meanwhile.
    return found


def idle(pid, seconds):
    """Percent of a core, and wake-ups per second, while nothing is asked of it."""
    cpu, before = cpu_seconds(pid), wakeups(pid)
    time.sleep(seconds)
    woken = sum(count - before.get(thread, 0) for thread, count in wakeups(pid).items())
    return (cpu_seconds(pid) - cpu) * 100 / seconds, woken / seconds
