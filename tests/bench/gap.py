"""How long requests through a load balancer fail when Neargate is killed and started again."""

import statistics
import time

from conftest import wait_for
from table import row
from web_service import Load, WebService

KILLS = 5


def measure(neargate):
    service = WebService(neargate, "gap", "10.40", count=2)
    median = statistics.median(one(neargate, service) for _ in range(KILLS))
    row(f"requests fail after kill -9 of Neargate and a start at once, median of {KILLS}", f"{median:.0f} ms")
    service.end()


def one(neargate, service):
    """From the kill to the first answer after it, in milliseconds."""
    with Load(f"http://{service.balancer.address}/") as asked:
        began = time.monotonic()
        neargate.kill()
        killed = time.monotonic()
        neargate.start()
        since = lambda: [answer.ended for answer in asked.answers if answer.ok and answer.sent > killed]
        return (min(wait_for("an answer", since, pause=0.01)) - began) * 1000
