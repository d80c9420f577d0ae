"""The service scheduler: what a look costs and how that grows, what a plan that starts or stops tasks costs with its
write, and a deployment without real containers. Each is a median, as the program gives it."""

import os
import re
import subprocess
from pathlib import Path

from table import row

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = ROOT / "target/release/examples/scheduler"


def number(text):
    return float(re.match(r"[\d.]+", text)[0])


def measure():
    program = os.environ.get("NEARGATE_BENCH_SCHEDULER", PROGRAM)
    printed = subprocess.run([program], check=True, capture_output=True, text=True).stdout
    found = dict(line.split("\t") for line in printed.splitlines())
    alone = number(found["look after a change of one of 1"])
    for what, value in found.items():
        if what == "look after a change of one of 1000":
            growth = number(value) / alone
            row(what, f"{value}, {growth:.1f} times as of one", "under 10 times", growth < 10)
        elif what == "look at 1000 services with 10000 tasks":
            growth = number(value) / number(found["look at 100 services with 1000 tasks"])
            row(what, f"{value}, {growth:.1f} times as of 100", "under 15 times", growth < 15)
        else:
            row(what, value)
