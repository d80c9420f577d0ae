"""CloudTrail: calls are written down, looked up, and delivered into the trail's bucket."""

import gzip
import json
import re

from conftest import REGION, wait_for

BUCKET = "trail-files"


def bucket_for_trails(s3):
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    service = {"Service": "cloudtrail.amazonaws.com"}
    bucket = f"arn:aws:s3:::{BUCKET}"
    statements = [
        {"Effect": "Allow", "Principal": service, "Action": "s3:GetBucketAcl", "Resource": bucket},
        {"Effect": "Allow", "Principal": service, "Action": "s3:PutObject", "Resource": f"{bucket}/AWSLogs/*"},
    ]
    policy = {"Version": "2012-10-17", "Statement": statements}
    s3.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps(policy))


def delivered(s3):
    """All events that are in the trail's files, by name."""
    keys = [entry["Key"] for entry in s3.list_objects_v2(Bucket=BUCKET).get("Contents", [])]
    events = {}
    for key in (key for key in keys if key.endswith(".json.gz")):
        assert re.fullmatch(
            r"AWSLogs/000000000000/CloudTrail/us-west-2/\d{4}/\d\d/\d\d/"
            r"000000000000_CloudTrail_us-west-2_\d{8}T\d{4}Z_\w+\.json\.gz",
            key,
        ), key
        content = gzip.decompress(s3.get_object(Bucket=BUCKET, Key=key)["Body"].read())
        for event in json.loads(content)["Records"]:
            events.setdefault(event["eventName"], []).append(event)
    return events


def test_a_trail_delivers_what_was_called_and_by_whom(neargate):
    s3, trail = neargate.client("s3"), neargate.client("cloudtrail")
    bucket_for_trails(s3)
    trail.create_trail(Name="all", S3BucketName=BUCKET)
    trail.start_logging(Name="all")
    secrets = neargate.client("secretsmanager")
    secrets.create_secret(Name="written-down", SecretString="never shown")
    neargate.client("ecs").create_cluster(clusterName="written-down")

    def both():
        events = delivered(s3)
        return events if {"CreateSecret", "CreateCluster"} <= events.keys() else None

    events = wait_for("both calls to be delivered", both, seconds=60)
    [cluster] = events["CreateCluster"]
    assert cluster["eventSource"] == "ecs.amazonaws.com"
    assert cluster["requestParameters"] == {"clusterName": "written-down"}
    assert cluster["responseElements"]["cluster"]["status"] == "ACTIVE"
    assert cluster["userIdentity"]["arn"] == "arn:aws:iam::000000000000:root"
    assert cluster["readOnly"] is False and "Boto3" in cluster["userAgent"]
    assert "never shown" not in json.dumps(events)
    assert "LatestDeliveryTime" in trail.get_trail_status(Name="all")


def test_calls_are_looked_up_and_survive_a_kill(neargate):
    neargate.client("ecs").create_cluster(clusterName="looked-up")
    attributes = [{"AttributeKey": "ResourceName", "AttributeValue": "looked-up"}]

    def found():
        return neargate.client("cloudtrail").lookup_events(LookupAttributes=attributes)["Events"]

    [event] = wait_for("the call to be found", found, seconds=20)
    assert (event["EventName"], event["Username"]) == ("CreateCluster", "root")
    neargate.kill()
    neargate.start()
    assert [again["EventId"] for again in found()] == [event["EventId"]]
