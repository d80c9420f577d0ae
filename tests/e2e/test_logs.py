"""CloudWatch Logs through boto3 as its readers use it: paging both ways, filters over streams."""

import time

import pytest


@pytest.fixture(scope="module")
def logs(neargate):
    """A group with two streams whose hundred lines each interleave."""
    logs = neargate.client("logs")
    logs.create_log_group(logGroupName="/two")
    start = int(time.time() * 1000) - 1000
    for offset, stream in enumerate("ab"):
        logs.create_log_stream(logGroupName="/two", logStreamName=stream)
        events = [
            {"timestamp": start + 2 * n + offset, "message": f"{'ERROR' if n % 5 == 0 else 'INFO'} {stream} {n}"}
            for n in range(100)
        ]
        logs.put_log_events(logGroupName="/two", logStreamName=stream, logEvents=events)
    return logs


def test_a_stream_is_read_forwards_to_its_end_and_on(logs):
    where = {"logGroupName": "/two", "logStreamName": "a", "startFromHead": True, "limit": 30}
    messages, token = [], {}
    while True:
        page = logs.get_log_events(**where, **token)
        messages += [event["message"] for event in page["events"]]
        if page["nextForwardToken"] == token.get("nextToken"):
            break
        token = {"nextToken": page["nextForwardToken"]}
    assert messages == [f"{'ERROR' if n % 5 == 0 else 'INFO'} a {n}" for n in range(100)]
    now = int(time.time() * 1000)
    logs.put_log_events(logGroupName="/two", logStreamName="a", logEvents=[{"timestamp": now, "message": "late"}])
    assert [event["message"] for event in logs.get_log_events(**where, **token)["events"]] == ["late"]


def test_a_stream_is_read_backwards_from_its_end(logs):
    where = {"logGroupName": "/two", "logStreamName": "b", "limit": 10}
    last = logs.get_log_events(**where)
    assert [event["message"] for event in last["events"]][-1] == "INFO b 99"
    before = logs.get_log_events(**where, nextToken=last["nextBackwardToken"])
    assert [event["message"][-2:] for event in before["events"]] == [f"{n}" for n in range(80, 90)]


def events(logs, **more):
    pages = logs.get_paginator("filter_log_events").paginate(logGroupName="/two", **more)
    return [event for page in pages for event in page["events"]]


def test_streams_interleave_by_time_over_pages(logs):
    found = events(logs, PaginationConfig={"PageSize": 7})
    assert len(found) >= 200
    times = [event["timestamp"] for event in found]
    assert times == sorted(times)
    assert len({event["eventId"] for event in found}) == len(found)


@pytest.mark.parametrize(
    "pattern, count",
    [
        ("ERROR", 40),
        ('?"a 3" ?"b 4"', 22),
        ('ERROR "a 5"', 3),
        ("INFO -b", 80),
        (r"%b\s[12]$%", 2),
        ("[level = ERROR, stream = b, number > 50]", 9),
    ],
)
def test_patterns_choose_lines(logs, pattern, count):
    assert len(events(logs, filterPattern=pattern)) == count


def test_tailing_from_the_last_time_misses_and_repeats_nothing(logs):
    """What `aws logs tail --follow` does: again and again from one after the last timestamp."""
    last = events(logs)[-1]["timestamp"]
    assert events(logs, startTime=last + 1) == []
    now = max(int(time.time() * 1000), last + 1)
    logs.put_log_events(logGroupName="/two", logStreamName="b", logEvents=[{"timestamp": now, "message": "new"}])
    assert [event["message"] for event in events(logs, startTime=last + 1)] == ["new"]
