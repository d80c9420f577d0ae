"""From what is measured to who is told: alarms of one metric, of metric math and of other alarms, topics, an endpoint
that confirms and checks signatures, and a picture of it all."""

import base64
import http.server
import json
import struct
import subprocess
import threading
from datetime import datetime, timedelta, timezone

import pytest
import requests

from conftest import wait_for

SIGNED = {
    "SubscriptionConfirmation": ["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"],
    "Notification": ["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"],
}


class Endpoint:
    """An application that is subscribed: it confirms what it is asked, and keeps what it is told."""

    def __init__(self):
        self.heard = []
        heard = self.heard

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"])).decode()
                heard.append((dict(self.headers), body))
                self.send_response(200)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/alarms"

    def messages(self, kind):
        parsed = [json.loads(body) for headers, body in self.heard if "x-amz-sns-rawdelivery" not in headers]
        return [message for message in parsed if message["Type"] == kind]

    def alarms(self, name, state):
        told = [json.loads(message["Message"]) for message in self.messages("Notification")]
        return [alarm for alarm in told if (alarm["AlarmName"], alarm["NewStateValue"]) == (name, state)]


def verify(message, directory):
    """Checks a signature as AWS tells its subscribers to, with the certificate that the message points to."""
    signed = "".join(f"{name}\n{message[name]}\n" for name in SIGNED[message["Type"]] if name in message)
    certificate, key, signature = (directory / name for name in ("cert.pem", "key.pem", "signature"))
    certificate.write_text(requests.get(message["SigningCertURL"], timeout=20).text)
    asked = ["openssl", "x509", "-in", certificate, "-pubkey", "-noout"]
    key.write_bytes(subprocess.run(asked, check=True, capture_output=True).stdout)
    signature.write_bytes(base64.b64decode(message["Signature"]))
    digest = {"1": "-sha1", "2": "-sha256"}[message["SignatureVersion"]]
    checked = ["openssl", "dgst", digest, "-verify", key, "-signature", signature]
    subprocess.run(checked, input=signed.encode(), check=True, capture_output=True)


@pytest.fixture(scope="module")
def endpoint():
    endpoint = Endpoint()
    yield endpoint
    endpoint.server.shutdown()


@pytest.fixture(scope="module")
def topic(neargate, endpoint, tmp_path_factory):
    """A topic with the endpoint subscribed, which has confirmed by its link."""
    sns = neargate.client("sns")
    topic = sns.create_topic(Name="alarms", Attributes={"SignatureVersion": "2"})["TopicArn"]
    answer = sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=endpoint.url)
    assert answer["SubscriptionArn"] == "pending confirmation"
    [question] = wait_for("the question", lambda: endpoint.messages("SubscriptionConfirmation"))
    verify(question, tmp_path_factory.mktemp("question"))
    assert requests.get(question["SubscribeURL"].replace(question["Token"], "0"), timeout=5).status_code == 400
    assert topic in requests.get(question["SubscribeURL"], timeout=5).text
    [subscription] = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    assert subscription["SubscriptionArn"].startswith(topic)
    return topic


@pytest.fixture(scope="module")
def cloudwatch(neargate):
    return neargate.client("cloudwatch")


def put(cloudwatch, name, value):
    now = datetime.now(timezone.utc)
    data = [{"MetricName": name, "Value": value, "Timestamp": now - timedelta(minutes=minutes)} for minutes in range(4)]
    cloudwatch.put_metric_data(Namespace="Shop", MetricData=data)


WHEN = {"EvaluationPeriods": 1, "ComparisonOperator": "GreaterThanThreshold", "TreatMissingData": "ignore"}


def test_a_measured_value_comes_to_the_endpoint_signed(neargate, cloudwatch, topic, endpoint, tmp_path):
    put(cloudwatch, "Waiting", 9)
    cloudwatch.put_metric_alarm(
        AlarmName="waiting",
        AlarmDescription="Too many wait.",
        Namespace="Shop",
        MetricName="Waiting",
        Statistic="Maximum",
        Period=60,
        Threshold=5,
        AlarmActions=[topic],
        **WHEN,
    )
    cloudwatch.put_composite_alarm(AlarmName="shop", AlarmRule="ALARM(waiting)", AlarmActions=[topic])
    [alarm] = wait_for("the alarm", lambda: endpoint.alarms("waiting", "ALARM"), seconds=120)
    assert (alarm["Region"], alarm["Trigger"]["Statistic"], alarm["Trigger"]["Threshold"]) == ("US West (Oregon)", "MAXIMUM", 5.0)
    assert alarm["NewStateReason"].startswith("Threshold Crossed: 1 out of the last 1 datapoints [9.0 (")
    # Messages of one topic come in no order of their own: that of the alarm above may be here already.
    told = {message["Subject"]: message for message in endpoint.messages("Notification")}
    notification = told['ALARM: "waiting" in US West (Oregon)']
    verify(notification, tmp_path)
    with pytest.raises(subprocess.CalledProcessError):
        verify({**notification, "Message": "{}"}, tmp_path)

    def actions():
        items = cloudwatch.describe_alarm_history(AlarmName="waiting", HistoryItemType="Action")["AlarmHistoryItems"]
        return [item["HistorySummary"] for item in items]

    assert wait_for("the history", actions) == [f"Successfully executed action {topic}"]
    [above] = wait_for("the composite alarm", lambda: endpoint.alarms("shop", "ALARM"))
    assert "alarm:waiting transitioned to ALARM at" in above["NewStateReason"]
    told = neargate.command("notifications", "--topic", "alarms")
    assert 'ALARM: "waiting" in US West (Oregon)' in told and f"delivered     {endpoint.url}" in told
    assert not [one for one in neargate.page("inert")["inert"] if "alarm" in one["resource"]]


def test_metric_math_is_watched_and_drawn(cloudwatch, topic, endpoint):
    put(cloudwatch, "Sold", 20)
    put(cloudwatch, "Returned", 15)

    def metric(name, called):
        stat = {"Metric": {"Namespace": "Shop", "MetricName": called}, "Period": 60, "Stat": "Sum"}
        return {"Id": name, "MetricStat": stat, "ReturnData": False}

    metrics = [metric("sold", "Sold"), metric("back", "Returned")]
    share = {"Id": "share", "Expression": "100 * back / sold", "Label": "Returned", "ReturnData": True}
    cloudwatch.put_metric_alarm(AlarmName="returns", Metrics=[*metrics, share], Threshold=50, AlarmActions=[topic], **WHEN)
    [alarm] = wait_for("the alarm", lambda: endpoint.alarms("returns", "ALARM"), seconds=120)
    assert [metric["Id"] for metric in alarm["Trigger"]["Metrics"]] == ["sold", "back", "share"]
    now = datetime.now(timezone.utc)
    answer = cloudwatch.get_metric_data(
        MetricDataQueries=[*metrics, share], StartTime=now - timedelta(minutes=10), EndTime=now + timedelta(minutes=1)
    )
    [result] = answer["MetricDataResults"]
    assert (result["Label"], set(result["Values"])) == ("Returned", {75.0})
    widget = {
        "width": 500,
        "height": 300,
        "title": "Sales",
        "period": 60,
        "stat": "Sum",
        "start": "-PT15M",
        "metrics": [["Shop", "Sold"], [".", "Returned"]],
        "annotations": {"horizontal": [{"value": 18, "label": "goal"}]},
    }
    picture = cloudwatch.get_metric_widget_image(MetricWidget=json.dumps(widget))["MetricWidgetImage"]
    assert picture.startswith(b"\x89PNG\r\n\x1a\n") and struct.unpack(">II", picture[16:24]) == (500, 300)


def test_filters_and_raw_delivery(neargate, topic, endpoint):
    sns = neargate.client("sns")
    news = sns.create_topic(Name="news")["TopicArn"]
    wanted = {"FilterPolicy": json.dumps({"kind": ["sale"]}), "RawMessageDelivery": "true"}
    asked = len(endpoint.messages("SubscriptionConfirmation"))
    sns.subscribe(TopicArn=news, Protocol="http", Endpoint=endpoint.url, Attributes=wanted)
    wait_for("the question", lambda: len(endpoint.messages("SubscriptionConfirmation")) > asked)
    token = endpoint.messages("SubscriptionConfirmation")[-1]["Token"]
    subscription = sns.confirm_subscription(TopicArn=news, Token=token)["SubscriptionArn"]
    for kind in ("sale", "gossip"):
        attributes = {"kind": {"DataType": "String", "StringValue": kind}}
        sns.publish(TopicArn=news, Message=f"a {kind}", MessageAttributes=attributes)

    def raw():
        return [body for headers, body in endpoint.heard if "x-amz-sns-rawdelivery" in headers]

    assert wait_for("the message", raw) == ["a sale"]
    assert "filtered out" in neargate.command("notifications", "--topic", "news")
    unsubscribe = f"{neargate.endpoint}/?Action=Unsubscribe&SubscriptionArn={subscription}"
    assert requests.get(unsubscribe, timeout=5).ok
    assert sns.list_subscriptions_by_topic(TopicArn=news)["Subscriptions"] == []
