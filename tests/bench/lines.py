"""Log lines of a container that prints as fast as it can, held against an ordinary pipe."""

from runner import Runner
from table import row

LINES = 500_000
# The same program twice: into a pipe inside of the container, and to where its log is taken.
SCRIPT = f"""
at() {{ cut -d' ' -f1 /proc/uptime; }}
print() {{ yes 'GET /articles?tag=dragons 200 in 12 ms, for somebody who reads a good deal of them every day' | head -n {LINES}; }}
a=$(at); print | cat >/dev/null; b=$(at); print; c=$(at)
echo "took $a $b $c"
"""


def measure(neargate):
    runner = Runner(neargate, cluster="lines", cidr="10.42")
    task = runner.to_the_end({"command": ["sh", "-c", SCRIPT]}, cpu="1024", memory="2048")
    stream = f"t/main/{task['taskArn'].rsplit('/', 1)[1]}"
    lines, token = [], {}
    while True:
        page = runner.logs.get_log_events(
            logGroupName=runner.group, logStreamName=stream, startFromHead=True, limit=10_000, **token
        )
        lines += [event["message"] for event in page["events"]]
        if token and page["nextForwardToken"] == token["nextToken"]:
            break
        token = {"nextToken": page["nextForwardToken"]}
    kept = sum(line.startswith("GET ") for line in lines)
    a, b, c = map(float, next(line for line in lines if line.startswith("took ")).split()[1:])
    pipe, own = LINES / max(b - a, 0.01), LINES / max(c - b, 0.01)
    row("lines of a container, as fast as it prints", f"{own:,.0f}/s", f"into a pipe of its own: {pipe:,.0f}/s")
    row(f"of {LINES:,} lines kept", f"{kept:,}", "all", kept == LINES)
