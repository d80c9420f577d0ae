"""Logs Insights and live tails, through boto3 and the AWS CLI."""

import subprocess
import threading
import time

import boto3
import botocore.exceptions
import pytest
from botocore.config import Config

from conftest import REGION, wait_for

GROUP = "/insights"


@pytest.fixture(scope="module")
def logs(neargate):
    """A group with a thousand JSON lines of the last minutes."""
    logs = neargate.client("logs")
    logs.create_log_group(logGroupName=GROUP)
    start = int(time.time() * 1000) - 600_000
    for stream in ("a", "b"):
        logs.create_log_stream(logGroupName=GROUP, logStreamName=stream)
        events = [
            {
                "timestamp": start + n * 1000,
                "message": f'{{"level": "{"ERROR" if n % 10 == 0 else "INFO"}", "ms": {n}, "path": "/{n % 3}"}}',
            }
            for n in range(500)
        ]
        logs.put_log_events(logGroupName=GROUP, logStreamName=stream, logEvents=events)
    return logs


def ask(logs, text, **more):
    now = int(time.time())
    started = logs.start_query(
        logGroupNames=[GROUP], startTime=now - 3600, endTime=now + 60, queryString=text, **more
    )
    ended = ("Complete", "Failed", "Cancelled")

    def results():
        answer = logs.get_query_results(queryId=started["queryId"])
        return answer if answer["status"] in ended else None

    answer = wait_for("the results", results)
    assert answer["status"] == "Complete", answer
    rows = [{cell["field"]: cell["value"] for cell in row} for row in answer["results"]]
    return started["queryId"], rows, answer["statistics"]


def test_a_query_counts_by_fields_of_json(logs):
    _, rows, seen = ask(logs, "filter ms >= 100 | stats count(*) as n, max(ms) as slowest by level | sort n desc")
    assert rows == [
        {"level": "INFO", "n": "720", "slowest": "499"},
        {"level": "ERROR", "n": "80", "slowest": "490"},
    ]
    assert (seen["recordsScanned"], seen["recordsMatched"]) == (1000.0, 800.0)
    assert seen["bytesScanned"] > 0


def test_rows_are_the_latest_and_lead_to_their_events(logs):
    _, rows, _ = ask(logs, "fields @timestamp, path, ms | filter level like /ERR/ | limit 3")
    assert [row["ms"] for row in rows] == ["490", "490", "480"]
    record = logs.get_log_record(logRecordPointer=rows[0]["@ptr"])["logRecord"]
    assert (record["level"], record["ms"]) == ("ERROR", "490")
    assert record["@log"].endswith(f":{GROUP}")


def test_a_query_survives_a_kill(neargate, logs):
    query, rows, _ = ask(logs, "stats avg(ms) by path | sort path")
    neargate.kill()
    neargate.start()
    again = lambda: logs.get_query_results(queryId=query)
    wait_for("the results again", lambda: again()["status"] == "Complete")
    assert [{cell["field"]: cell["value"] for cell in row} for row in again()["results"]] == rows
    assert query in [known["queryId"] for known in logs.describe_queries(logGroupName=GROUP)["queries"]]


def test_the_cli_is_told_where_a_query_is_wrong(neargate, logs):
    with pytest.raises(botocore.exceptions.ClientError) as refused:
        ask(logs, "fields @message | sortt ms")
    assert refused.value.response["Error"]["Code"] == "MalformedQueryException"
    assert refused.value.response["queryCompileError"]["location"] == {"startCharOffset": 18, "endCharOffset": 23}
    now = int(time.time())
    started = neargate.aws(
        *("logs", "start-query", "--log-group-name", GROUP, "--start-time", str(now - 3600)),
        *("--end-time", str(now), "--query-string", "stats count(*)"),
    )
    answer = lambda: neargate.aws("logs", "get-query-results", "--query-id", started["queryId"])
    wait_for("the results", lambda: answer()["status"] == "Complete")
    assert answer()["results"] == [[{"field": "count(*)", "value": "1000"}]]


def test_a_live_tail_has_what_comes_from_now_on(neargate, logs):
    tailing = boto3.client(
        "logs",
        endpoint_url=neargate.endpoint,
        region_name=REGION,
        aws_access_key_id="test",
        aws_secret_access_key="test",
        # An address has no `stream-` before it.
        config=Config(inject_host_prefix=False),
    )
    arn = logs.describe_log_groups(logGroupNamePrefix=GROUP)["logGroups"][0]["logGroupArn"]
    answer = tailing.start_live_tail(
        logGroupIdentifiers=[arn], logStreamNamePrefixes=["a"], logEventFilterPattern="{ $.ms > 5 }"
    )
    events = iter(answer["responseStream"])
    assert next(events)["sessionStart"]["logStreamNamePrefixes"] == ["a"]
    now = int(time.time() * 1000)
    for stream in ("a", "b"):
        lines = [{"timestamp": now, "message": f'{{"ms": {ms}, "from": "{stream}"}}'} for ms in (1, 6, 7)]
        logs.put_log_events(logGroupName=GROUP, logStreamName=stream, logEvents=lines)
    found = []
    for event in events:
        found += event["sessionUpdate"]["sessionResults"]
        assert event["sessionUpdate"]["sessionMetadata"] == {"sampled": False}
        if len(found) == 2:
            break
    answer["responseStream"].close()
    assert [event["message"] for event in found] == ['{"ms": 6, "from": "a"}', '{"ms": 7, "from": "a"}']
    assert found[0]["logGroupIdentifier"].endswith(f":{GROUP}")


def test_the_cli_tails(neargate, logs):
    arn = logs.describe_log_groups(logGroupNamePrefix=GROUP)["logGroups"][0]["logGroupArn"]
    env = {**neargate.environment(), "PYTHONUNBUFFERED": "1"}
    command = ["aws", "logs", "start-live-tail", "--log-group-identifiers", arn]
    tail = subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    lines = []
    reader = threading.Thread(target=lambda: lines.extend(iter(tail.stdout.readline, "")), daemon=True)
    reader.start()

    def seen():
        now = int(time.time() * 1000)
        event = {"timestamp": now, "message": "hello, tail"}
        logs.put_log_events(logGroupName=GROUP, logStreamName="a", logEvents=[event])
        assert tail.poll() is None, lines
        return any("hello, tail" in line for line in lines)

    try:
        wait_for("the line in the CLI's output", seen, pause=1)
    finally:
        tail.terminate()
        tail.wait(timeout=20)


def test_a_session_of_a_group_that_is_not_there_is_refused(neargate):
    arn = "arn:aws:logs:us-west-2:000000000000:log-group:/nobody"
    command = ["aws", "logs", "start-live-tail", "--log-group-identifiers", arn]
    done = subprocess.run(command, env=neargate.environment(), capture_output=True, text=True, timeout=60)
    assert "ResourceNotFoundException" in done.stderr + done.stdout
