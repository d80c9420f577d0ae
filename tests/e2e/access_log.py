"""Access logs of load balancers: a bucket that lets them in, and what comes there."""

import gzip
import json

from conftest import REGION

DELIVERY = {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"}


def bucket(neargate, name, *statements):
    s3 = neargate.client("s3")
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    if statements:
        policy = {"Version": "2012-10-17", "Statement": list(statements)}
        s3.put_bucket_policy(Bucket=name, Policy=json.dumps(policy))
    return s3


def allow(name, principal, path="*"):
    resource = f"arn:aws:s3:::{name}/{path}"
    return {"Effect": "Allow", "Principal": principal, "Action": "s3:PutObject", "Resource": resource}


def switch_on(balancer, name, prefix=""):
    more = {"access_logs__s3__prefix": prefix} if prefix else {}
    balancer.set(access_logs__s3__enabled="true", access_logs__s3__bucket=name, **more)


def keys(s3, name):
    return sorted(entry["Key"] for entry in s3.list_objects_v2(Bucket=name).get("Contents", []))


def lines(s3, name):
    """The lines of all files that have come."""
    files = [key for key in keys(s3, name) if key.endswith(".log.gz")]
    bodies = [s3.get_object(Bucket=name, Key=key)["Body"].read() for key in files]
    return "".join(gzip.decompress(body).decode() for body in bodies).splitlines()


def targets(s3, name):
    """By the URL of a request, the address and port of the target that had it."""
    fields = [line.split(" ", 14) for line in lines(s3, name)]
    return {field[13]: field[4] for field in fields}
