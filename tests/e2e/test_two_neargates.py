"""Two Neargates on one machine: each has its own load balancers at addresses of their own."""

import shutil

import pytest
import requests

from conftest import Neargate, wait_for
from vpc import Vpc, fixed


@pytest.fixture
def other(tmp_path):
    other = Neargate(tmp_path)
    other.start()
    yield other
    other.down()
    shutil.rmtree(tmp_path, ignore_errors=True)


def serve(neargate, text):
    vpc = Vpc(neargate, "10.59")
    balancer = vpc.balancer("same-name", vpc.group("public", (80, "anyone")))
    balancer.listen(80, fixed(200, text))
    return balancer


def test_neither_takes_the_others_addresses(neargate, other):
    mine, theirs = serve(neargate, "mine"), serve(other, "theirs")
    assert mine.address != theirs.address
    assert (mine.get().text, theirs.get().text) == ("mine", "theirs")
    # 127.0.0.1 is everybody's: one of them has port 80 there at most, and the other tells who.
    shared = [wait_for("127.0.0.1 to be tried", lambda b=b: tried(b), seconds=10) for b in (mine, theirs)]
    assert shared.count("bound") <= 1
    neargate.kill()
    assert theirs.get().text == "theirs"
    neargate.start()
    mine.wait_until_bound(80)
    wait_for("mine again", lambda: answer(mine) == "mine", seconds=10)
    assert answer(theirs) == "theirs"


def tried(balancer):
    """Whether port 80 of 127.0.0.1 is bound or held by somebody else; nothing while that is not known."""
    [listener] = balancer.status()["listeners"]
    if "127.0.0.1:80" in listener["bound"]:
        return "bound"
    return "127.0.0.1:80 is held by" in " ".join(listener["problems"]) and "held"


def answer(balancer):
    return requests.get(f"http://{balancer.address}/", timeout=5).text
