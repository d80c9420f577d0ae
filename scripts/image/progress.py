"""One line on stderr for each step, and running a program so that its failure is understandable.

Standard output is kept for the one line that a caller may want: the digest of the finished image.
"""

import shlex
import subprocess
import sys


class Failed(Exception):
    """The build can't go on; the text is for the person who typed the command."""


def say(line: str) -> None:
    print(f"build-image: {line}", file=sys.stderr, flush=True)


def run(command: list, **options) -> None:
    """Runs a program quietly. If it fails, the end of what it printed becomes the reason."""
    command = [str(word) for word in command]
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options
        )
    except FileNotFoundError:
        raise Failed(f"{command[0]} is not installed") from None
    if done.returncode != 0:
        last_lines = "\n".join(done.stdout.splitlines()[-25:])
        raise Failed(f"`{shlex.join(command)}` exited with {done.returncode}:\n{last_lines}")


def succeeds(command: list, timeout_seconds: float) -> bool:
    """Whether a program exists, finishes in time, and exits with 0."""
    try:
        done = subprocess.run(
            [str(word) for word in command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=timeout_seconds,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
