"""boto3's own paginators and waiters against metrics, alarms, logs and notifications."""

from datetime import datetime, timedelta, timezone

import pytest
from botocore.exceptions import WaiterError

NOW = datetime.now(timezone.utc).replace(microsecond=0)


@pytest.fixture(scope="module")
def world(neargate):
    """At least two of everything that comes in pages."""
    cloudwatch, logs, sns = neargate.client("cloudwatch"), neargate.client("logs"), neargate.client("sns")
    topics = [sns.create_topic(Name=name)["TopicArn"] for name in ("pages-one", "pages-two")]
    for address in ("one@example.com", "two@example.com"):
        sns.subscribe(TopicArn=topics[0], Protocol="email", Endpoint=address)
    for till in ("1", "2"):
        dimensions = [{"Name": "Till", "Value": till}]
        sold = {"MetricName": "Sold", "Dimensions": dimensions}
        data = [{**sold, "Value": n, "Timestamp": NOW - timedelta(minutes=n)} for n in range(1, 4)]
        cloudwatch.put_metric_data(Namespace="Pages", MetricData=data)
        cloudwatch.put_metric_alarm(
            AlarmName=f"pages-{till}",
            Namespace="Pages",
            **sold,
            Statistic="Sum",
            Period=60,
            EvaluationPeriods=1,
            Threshold=1000,
            ComparisonOperator="GreaterThanThreshold",
        )
        cloudwatch.put_composite_alarm(AlarmName=f"pages-both-{till}", AlarmRule='ALARM("pages-1")')
        text = '{"widgets":[{"type":"text","width":6,"height":2,"properties":{"markdown":"hello"}}]}'
        cloudwatch.put_dashboard(DashboardName=f"pages-{till}", DashboardBody=text)
        detected = {"Namespace": "Pages", **sold, "Stat": "Average"}
        cloudwatch.put_anomaly_detector(SingleMetricAnomalyDetector=detected)
        logs.create_log_group(logGroupName=f"/pages/{till}")
        logs.create_log_stream(logGroupName="/pages/1", logStreamName=f"stream-{till}")
        event = {"timestamp": int(NOW.timestamp() * 1000), "message": f"line {till}"}
        logs.put_log_events(logGroupName="/pages/1", logStreamName=f"stream-{till}", logEvents=[event, event])
        counted = {"metricName": "Lines", "metricNamespace": "Pages/Logs", "metricValue": "1"}
        logs.put_metric_filter(
            logGroupName="/pages/1", filterName=f"lines-{till}", filterPattern="", metricTransformations=[counted]
        )
        span = {"startTime": int(NOW.timestamp()) - 60, "endTime": int(NOW.timestamp()) + 60}
        logs.start_query(logGroupName="/pages/1", queryString="fields @message", **span)
    return neargate


QUERIES = [
    {"Id": f"till{till}", "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Sum"}}
    for till, metric in (
        (till, {"Namespace": "Pages", "MetricName": "Sold", "Dimensions": [{"Name": "Till", "Value": till}]})
        for till in ("1", "2")
    )
]
SPAN = {"StartTime": NOW - timedelta(minutes=10), "EndTime": NOW + timedelta(minutes=1)}

# Where a call gives no page size, AWS's own pages have a hundred.
PAGED = [
    ("cloudwatch", "describe_alarms", "MetricAlarms", {"AlarmNamePrefix": "pages"}, 2),
    ("cloudwatch", "describe_alarm_history", "AlarmHistoryItems", {"AlarmName": "pages-1"}, 1),
    ("cloudwatch", "describe_anomaly_detectors", "AnomalyDetectors", {"Namespace": "Pages"}, 2),
    ("cloudwatch", "list_dashboards", "DashboardEntries", {"DashboardNamePrefix": "pages"}, 2),
    ("cloudwatch", "list_metrics", "Metrics", {"Namespace": "Pages"}, 2),
    ("cloudwatch", "get_metric_data", "MetricDataResults", {"MetricDataQueries": QUERIES, **SPAN}, 2),
    ("logs", "describe_log_groups", "logGroups", {"logGroupNamePrefix": "/pages"}, 2),
    ("logs", "describe_log_streams", "logStreams", {"logGroupName": "/pages/1"}, 2),
    ("logs", "describe_metric_filters", "metricFilters", {"logGroupName": "/pages/1"}, 2),
    ("logs", "describe_queries", "queries", {"logGroupName": "/pages/1"}, 2),
    ("logs", "filter_log_events", "events", {"logGroupName": "/pages/1"}, 4),
    ("sns", "list_topics", "Topics", {}, 2),
    ("sns", "list_subscriptions", "Subscriptions", {}, 2),
]


@pytest.mark.parametrize(("service", "operation", "key", "asked", "least"), PAGED, ids=[p[1] for p in PAGED])
def test_pages_of_one_hold_what_one_page_holds(world, service, operation, key, asked, least):
    client = world.client(service)
    whole = getattr(client, operation)(**asked)[key]
    assert len(whole) >= least
    paginator = client.get_paginator(operation)
    sized = {"PageSize": 1} if paginator._pagination_cfg.get("limit_key") else {}
    found = [item for page in paginator.paginate(**asked, PaginationConfig=sized) for item in page.get(key, [])]
    if operation == "get_metric_data":
        # A page of one holds one value, and a metric goes on over pages.
        values = {}
        for result in found:
            values.setdefault(result["Id"], []).extend(result["Values"])
        assert values == {result["Id"]: result["Values"] for result in whole}
    else:
        assert found == whole


def test_waiters_end(world):
    cloudwatch = world.client("cloudwatch")
    cloudwatch.get_waiter("alarm_exists").wait(AlarmNames=["pages-1"])
    cloudwatch.get_waiter("composite_alarm_exists").wait(AlarmNames=["pages-both-1"], AlarmTypes=["CompositeAlarm"])
    with pytest.raises(WaiterError, match="Max attempts exceeded"):
        once = {"Delay": 1, "MaxAttempts": 1}
        cloudwatch.get_waiter("alarm_exists").wait(AlarmNames=["pages-none"], WaiterConfig=once)
