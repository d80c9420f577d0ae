"""Metrics: ingest, a day's query, and alarms, held against Prometheus with the same series.

Both take 10,000 series at one value a second over HTTP: Neargate by PutMetricData, a thousand to a
call, and Prometheus by scraping one page. Both keep a day of minutes of 100 series, and are asked
for all of it.
"""

import math
import statistics
import time
from pathlib import Path

import conftest
import load
import process
import prometheus
import requests
from table import row

SERIES = 10_000
A_CALL = 1_000
SECONDS = 60
# Values change from second to second; so many different seconds are made ahead.
VARIANTS = 8
QUERIED = 100
MINUTES = 1440
ROUNDS = 5
ALARMS = 10_000
CYCLES = 5
# How much faster time passes while alarms are looked at.
FASTER = 10


def value(number, turn):
    return round(50 + 40 * math.sin(number + turn / 3), 3)


def measure(directory):
    home = Path(directory) / "metrics"
    home.mkdir()
    missing = prometheus.install()
    neargate = conftest.Neargate(home)
    neargate.start()
    try:
        fastest(neargate)
        own = ingest(neargate)
        query = day(neargate, home, missing)
        alarms(neargate)
    finally:
        neargate.down()
    if missing:
        row("Prometheus to compare with", "none", missing)
    else:
        other(home, own, query)


def put(endpoint, first, turn, count=A_CALL, **more):
    """A signed PutMetricData of `count` series from `first` on."""
    data = [
        {
            "MetricName": "bench",
            "Dimensions": [{"Name": "series", "Value": f"s{number:05}"}],
            "Value": value(number, turn),
            "StorageResolution": 1,
            **more,
        }
        for number in range(first, first + count)
    ]
    return load.cloudwatch(endpoint, "PutMetricData", {"Namespace": "Bench", "MetricData": data})


def send(session, call):
    answer = session.post(call.url, data=call.body, headers=call.headers, timeout=60)
    assert answer.ok, answer.text
    return answer


def size_mib(directory):
    return sum(file.stat().st_size for file in Path(directory).rglob("*") if file.is_file()) / 2**20


def fastest(neargate):
    seen = load.run(put(neargate.endpoint, 0, 0), 4, 5)
    row(f"PutMetricData of {A_CALL:,}, 4 connections", str(seen), f"{seen.rate * A_CALL:,.0f} values/s")


def ingest(neargate):
    """CPU, memory and disk of a minute of all series at one value a second."""
    calls = [
        [put(neargate.endpoint, first, turn) for first in range(0, SERIES, A_CALL)] for turn in range(VARIANTS)
    ]
    pid, session, slowest = neargate.process.pid, requests.Session(), []
    cpu = process.cpu_seconds(pid)
    for turn in range(SECONDS):
        began = time.monotonic()
        for call in calls[turn % VARIANTS]:
            sent = time.perf_counter()
            send(session, call)
            slowest.append((time.perf_counter() - sent) * 1000)
        time.sleep(max(0, began + 1 - time.monotonic()))
    used = (process.cpu_seconds(pid) - cpu) * 1e6 / (SERIES * SECONDS)
    p99 = statistics.quantiles(slowest, n=100)[98]
    memory, disk = process.resident_mib(pid), size_mib(neargate.data / "metrics")
    row(f"{SERIES:,} series at 1 s for {SECONDS} s, each PutMetricData of {A_CALL:,}", f"p99 {p99:.1f} ms")
    return used, memory, disk


def other(home, own, query):
    """The same of Prometheus."""
    pages = [
        "".join(f'bench{{series="s{number:05}"}} {value(number, turn)}\n' for number in range(SERIES)).encode()
        for turn in range(VARIANTS)
    ]
    exporter = prometheus.Exporter(pages)
    store = prometheus.Prometheus(home, exporter.port, history=home / "history.txt")
    try:
        pid = store.process.pid
        # Its start replays and compacts what was made for the query.
        time.sleep(5)
        times = [ask_prometheus(store) for _ in range(ROUNDS)]
        cpu = process.cpu_seconds(pid)
        time.sleep(SECONDS)
        used = (process.cpu_seconds(pid) - cpu) * 1e6 / (SERIES * SECONDS)
        memory, disk = process.resident_mib(pid), size_mib(store.data)
    finally:
        store.stop()
        exporter.stop()
    name = f"Prometheus {prometheus.version()}"
    row(f"CPU of a value, {SERIES:,} series at 1 s", f"{own[0]:.2f} µs", f"{name}: {used:.2f} µs")
    row("resident memory with them", f"{own[1]:.0f} MiB", f"{name}: {memory:.0f} MiB")
    row(f"disk after {SECONDS} s, with the day of {QUERIED}", f"{own[2]:.0f} MiB", f"{name}: {disk:.0f} MiB")
    median = statistics.median(times)
    row(f"a day of minutes of {QUERIED} series", f"{query:.0f} ms", f"{name}: {median:.0f} ms")


def day(neargate, home, missing):
    """A day of minutes of some series, put afterwards, and asked for."""
    end = int(time.time()) // 60 * 60 - 7200
    begin = end - MINUTES * 60
    session = requests.Session()
    # The journal's rest belongs to what came before.
    for minute in range(0, MINUTES, A_CALL // QUERIED):
        minutes = range(minute, min(minute + A_CALL // QUERIED, MINUTES))
        data = [
            {
                "MetricName": "day",
                "Dimensions": [{"Name": "series", "Value": f"d{number:03}"}],
                "Value": value(number, at),
                "Timestamp": begin + at * 60,
            }
            for at in minutes
            for number in range(QUERIED)
        ]
        body = {"Namespace": "Bench", "MetricData": data}
        send(session, load.cloudwatch(neargate.endpoint, "PutMetricData", body))
    if not missing:
        history(home / "history.txt", begin)
    return statistics.median(ask(neargate, session, begin, end) for _ in range(ROUNDS))


def history(path, begin):
    with open(path, "w") as file:
        file.write("# TYPE day gauge\n")
        for number in range(QUERIED):
            for at in range(MINUTES):
                file.write(f'day{{series="d{number:03}"}} {value(number, at)} {begin + at * 60}\n')
        file.write("# EOF\n")


def ask(neargate, session, begin, end):
    """All of it by GetMetricData, in milliseconds."""
    queries = [
        {
            "Id": f"m{number}",
            "MetricStat": {
                "Metric": {
                    "Namespace": "Bench",
                    "MetricName": "day",
                    "Dimensions": [{"Name": "series", "Value": f"d{number:03}"}],
                },
                "Period": 60,
                "Stat": "Average",
            },
        }
        for number in range(QUERIED)
    ]
    body = {"MetricDataQueries": queries, "StartTime": begin, "EndTime": end}
    spent, points, token = 0.0, 0, {}
    while token is not None:
        call = load.cloudwatch(neargate.endpoint, "GetMetricData", {**body, **token})
        sent = time.perf_counter()
        answer = send(session, call)
        spent += time.perf_counter() - sent
        page = answer.json()
        points += sum(len(result["Values"]) for result in page["MetricDataResults"])
        token = {"NextToken": page["NextToken"]} if page.get("NextToken") else None
    assert points == QUERIED * MINUTES, points
    return spent * 1000


def ask_prometheus(store):
    lines = (store.data.parent / "history.txt").read_text().splitlines()
    begin = int(lines[1].rsplit(" ", 1)[1])
    asked = {"query": "day", "start": begin, "end": begin + (MINUTES - 1) * 60, "step": 60}
    sent = time.perf_counter()
    answer = requests.get(f"{store.endpoint}/api/v1/query_range", params=asked, timeout=60)
    spent = time.perf_counter() - sent
    points = sum(len(series["values"]) for series in answer.json()["data"]["result"])
    assert points == QUERIED * MINUTES, points
    return spent * 1000


def alarms(neargate):
    """What looking at all alarms once costs, beside what a minute costs without them."""
    pid, client = neargate.process.pid, neargate.client("cloudwatch")
    before = per_minute(neargate, pid)
    for number in range(ALARMS):
        client.put_metric_alarm(
            AlarmName=f"bench-{number:05}",
            Namespace="Bench",
            MetricName="bench",
            Dimensions=[{"Name": "series", "Value": f"s{number % SERIES:05}"}],
            Statistic="Average",
            Period=60,
            EvaluationPeriods=3,
            Threshold=1e9,
            ComparisonOperator="GreaterThanThreshold",
        )
    # The first look tells each its state.
    per_minute(neargate, pid)
    cost = per_minute(neargate, pid) - before
    row(f"evaluation of {ALARMS:,} alarms, CPU of a cycle", f"{cost * 1000:.0f} ms", f"{cost * 1e6 / ALARMS:.1f} µs each")


def per_minute(neargate, pid):
    """CPU seconds of a minute of the cloud's time."""
    neargate.command("clock", "rate", f"{FASTER}x")
    cpu = process.cpu_seconds(pid)
    time.sleep(CYCLES * 60 / FASTER)
    used = process.cpu_seconds(pid) - cpu
    neargate.command("clock", "rate", "1x")
    return used / CYCLES
