"""What EventBridge tells, seen in a log group."""

import json

GROUP = "/aws/events/all"
SERVICES = ["events.amazonaws.com", "delivery.logs.amazonaws.com"]


class Watch:
    """A log group that rules send their events to, and what has come there."""

    def __init__(self, neargate):
        self.neargate = neargate
        self.events = neargate.client("events")
        self.logs = neargate.client("logs")
        self.logs.create_log_group(logGroupName=GROUP)
        self.arn = f"arn:aws:logs:us-west-2:000000000000:log-group:{GROUP}"
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": SERVICES},
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": f"{self.arn}:*",
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        self.logs.put_resource_policy(policyName="events", policyDocument=policy)

    def rule(self, name, pattern, **target):
        self.events.put_rule(Name=name, EventPattern=json.dumps(pattern))
        self.target(name, **target)

    def target(self, rule, **target):
        put = self.events.put_targets(Rule=rule, Targets=[{"Id": "watch", "Arn": self.arn, **target}])
        assert put["FailedEntryCount"] == 0

    def lines(self):
        pages = self.logs.get_paginator("filter_log_events").paginate(logGroupName=GROUP)
        return [event["message"] for page in pages for event in page["events"]]

    def told(self, detail_type, **detail):
        """The events of a type, in their order, whose detail has these members."""
        events = [json.loads(line) for line in self.lines() if line.startswith('{"version":"0"')]
        return [
            event
            for event in events
            if event["detail-type"] == detail_type and detail.items() <= event["detail"].items()
        ]
