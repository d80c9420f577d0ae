"""Starting: how soon it answers, how much it is, and what it does while nobody asks."""

import socket
import statistics
import subprocess
import time
from pathlib import Path

import conftest
import process
from table import row

STARTS = 11
IDLE_SECONDS = 15


def until_ready(neargate):
    """Starts it, and gives the milliseconds until it answers."""
    with open(neargate.log, "a") as log:
        began = time.perf_counter()
        neargate.process = subprocess.Popen(
            [neargate.binary, "up", "--port", str(neargate.port), "--data", str(neargate.data)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    while True:
        try:
            with socket.create_connection(("127.0.0.1", neargate.port), timeout=30) as probe:
                probe.sendall(b"GET /_neargate/health HTTP/1.0\r\n\r\n")
                if b" 200 " in probe.recv(64):
                    return (time.perf_counter() - began) * 1000
        except OSError:
            assert neargate.process.poll() is None, neargate.log.read_text()[-2000:]
            time.sleep(0.001)


def measure(directory):
    times = []
    for index in range(STARTS):
        home = Path(directory) / f"start-{index}"
        home.mkdir()
        neargate = conftest.Neargate(home)
        times.append(until_ready(neargate))
        if index < STARTS - 1:
            neargate.down()
    median = statistics.median(times)
    row(f"up to ready on an empty directory, median of {STARTS}", f"{median:.0f} ms", "under 100 ms", median < 100)
    cpu, woken = process.idle(neargate.process.pid, IDLE_SECONDS)
    memory = process.resident_mib(neargate.process.pid)
    neargate.down()
    row("idle resident memory", f"{memory:.1f} MiB", "under 30 MiB", memory < 30)
    row("idle, no tasks", f"{cpu:.2f}% of a core, {woken:.0f} wake-ups/s", "under 1%", cpu < 1)
    size = Path(neargate.binary).stat().st_size / 2**20
    row("size of the binary", f"{size:.1f} MiB", "under 60 MiB", size < 60)
