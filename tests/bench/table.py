"""The table that a run fills: printed as it grows, and kept in docs/benchmarks.md."""

import datetime
import os
import platform
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

ROWS = []


def row(what, value, goal="", met=None):
    """One measurement. `met` is None where nothing is promised."""
    ROWS.append((what, value, goal, {True: "yes", False: "no", None: ""}[met]))
    print(f"{what:62} {value:>26}  {goal}", flush=True)


def keep(path, left_out):
    """Writes the table; `left_out` are the parts that this run did not measure."""
    cpu = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    lines = [
        "# Benchmarks",
        "",
        "Written by `make bench`: one run on one machine, with the load on the same cores as what it",
        "loads, so that ratios hold and absolute numbers drift. Rates and ratios are medians of",
        "rounds in which everything that is compared takes its turn.",
        "",
        f"- {datetime.date.today()}, {os.cpu_count()} cores, {cpu[1] if cpu else platform.machine()}, Linux {platform.release()}",
    ]
    lines += [f"- not measured in this run: {part}" for part in left_out]
    lines += ["", "| what | measured | goal | met |", "| --- | --- | --- | --- |"]
    lines += [f"| {what} | {value} | {goal} | {met} |" for what, value, goal, met in ROWS]
    path.write_text("\n".join(lines) + "\n")
