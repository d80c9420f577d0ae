"""terraform apply of the examples, against the waits that the provider has in itself."""

import time
from pathlib import Path

import conftest
from table import row

# What the provider sleeps by itself on a stack with a load balancer and a database,
# whatever answers it, and what the cloud may take beside that.
WAITS_SECONDS = 95
OWN_SECONDS = 5


def measure(directory):
    for example in ("dev", "prod"):
        home = Path(directory) / example
        home.mkdir()
        neargate = conftest.Neargate(home)
        neargate.start()
        try:
            stack = conftest.Terraform(neargate, f"examples/{example}", home)
            if example == "prod":
                stack.script("self-signed-certificate", stack.directory)
            try:
                apply(stack, example)
            finally:
                stack.destroy()
        finally:
            neargate.down()


def apply(stack, example):
    began = time.perf_counter()
    stack.apply()
    took = time.perf_counter() - began
    row(
        f"terraform apply of examples/{example}",
        f"{took:.0f} s",
        f"the provider's {WAITS_SECONDS} s + {OWN_SECONDS} s",
        took < WAITS_SECONDS + OWN_SECONDS,
    )
    planned = stack.run("plan", "-detailed-exitcode", codes=(0, 2))
    row("the plan after it", "empty" if planned.returncode == 0 else "not empty", "empty", planned.returncode == 0)
