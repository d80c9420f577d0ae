"""A world: everything that the Describe, List and Get calls of a Neargate's services return, and how two
worlds are compared whose ids, addresses and times differ.

What is made up by the cloud is a *token*. Each is renamed after what it stands for: the kind of its id, the
name of the object that has it, and, where there are several of those, what else is told of it. So equal
worlds read the same, and where two are not, a diff of their lines shows what is not.
"""

import collections
import datetime
import hashlib
import json
import re

from botocore.exceptions import ClientError

# What the cloud makes up, by the forms that its ids have.
TOKENS = re.compile(
    "|".join(
        [
            r"\b(?:vpc-cidr-assoc|ela-attach|eni-attach|eipassoc|eipalloc|rtbassoc|aclassoc|subnet|vpce|dopt|vpc|"
            r"igw|rtb|nat|sgr|eni|acl|sg|fl)-[0-9a-f]{8,17}\b",
            r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b",
            r"\b(?:[0-9a-f]{64}|[0-9a-f]{32})\b",
            r"(?<=/)[0-9a-f]{16}\b",
            r"\b[0-9a-f]{26}\b",  # what follows a name_prefix
            r"\b(?:AROA|AIDA|ANPA|AKIA)[A-Z0-9]{12,}\b",
            r"\bdb-(?![0-9]{18})[A-Z0-9]{26}\b",
            r"(?<=-)[0-9a-f]{6,20}(?=\.[a-z0-9-]+\.elb\.)",
            r"(?<=\.)[a-z0-9]{12}(?=\.[a-z0-9-]+\.rds\.)",
            r"(?<=ecs-svc/)[0-9]{19}\b",
            r"\b(?!127\.|0\.)(?:[0-9]{1,3}\.){3}[0-9]{1,3}\b(?!/)",
            r"(?<=-)[a-z0-9]{8}(?=[.-][a-z0-9.-]*\.vpce\.amazonaws)",
            r"\bZ[0-9A-F]{17,18}\b",
            r"\b(?:ip|ec2)(?:-[0-9]{1,3}){4}\b",
            r"(?<!:)\b(?:[0-9a-f]{2}:){5}[0-9a-f]{2}\b(?!:)",
            r"(?<=scalable-target/)[0-9a-z]{36}\b",
        ]
    )
)
SECRET = re.compile(r"(:secret:[\w/+=.@-]+-)[A-Za-z0-9]{6}\b")

# Lists whose order means something.
ORDERED = {"containerDefinitions", "command", "entryPoint", "Actions", "DefaultActions"}

# What is told of the cloud's own doings, and depends on when one looks.
PASSING = {
    "events", "ResponseMetadata", "NextToken", "nextToken", "StateReason", "StateReasonData", "StateValue",
    "StateTransitionedTimestamp", "storedBytes", "deployments", "EvaluationState", "LatestRestorableTime",
    "taskSets", "LatestDeliveryTime", "EvaluatedPredictedCapacity",
}  # fmt: skip


def describe(neargate):
    """The world: lists of objects, by what they are."""
    world = collections.defaultdict(list)
    for part in PARTS:
        for kind, found in part(neargate.client):
            world[kind].append(_plain(found))
    text = json.dumps(world, sort_keys=True).replace(f":{neargate.port}", ":PORT")
    return json.loads(SECRET.sub(r"\1SECRET", text))


def lines(world):
    """The lines of a world, with every token renamed: equal for equal worlds."""
    names = _names(world)
    told = []
    for kind, objects in sorted(world.items()):
        for found in sorted((_renamed(found, names) for found in objects), key=_text):
            told += [f"# {kind}", *json.dumps(found, indent=1, sort_keys=True).splitlines()]
    return told


def _text(value):
    return json.dumps(value, sort_keys=True)


def _plain(value, key=None):
    """As JSON: times without their value, lists in an order of their own, documents read."""
    if isinstance(value, dict):
        return {k: _plain(v, k) for k, v in value.items() if k not in PASSING}
    if isinstance(value, list):
        return [_plain(v, key) for v in value]
    if isinstance(value, datetime.datetime):
        return "TIME"
    if isinstance(value, str) and value[:1] in "{[":
        try:
            return _plain(json.loads(value), key)
        except json.JSONDecodeError:
            return value
    if isinstance(value, int) and not isinstance(value, bool) and value > 1_500_000_000_000:
        return "TIME"
    if isinstance(value, str):
        return re.sub(r"\b20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00|\+0000)", "TIME", value)
    return value


def _renamed(value, names, key=None):
    if isinstance(value, dict):
        return {_rename(k, names): _renamed(v, names, k) for k, v in value.items()}
    if isinstance(value, list):
        renamed = [_renamed(v, names, key) for v in value]
        return renamed if key in ORDERED else sorted(renamed, key=_text)
    return _rename(value, names) if isinstance(value, str) else value


def _rename(text, names):
    return TOKENS.sub(lambda token: names.get(token[0], token[0]), text)


def _kind(token):
    if re.fullmatch(r"(\d+\.){3}\d+|(ip|ec2)-[\d-]+", token):
        return "address"
    head = re.match(r"(vpc-cidr-assoc|ela-attach|eni-attach|[a-z]+)-", token)
    return head[1] if head and not re.fullmatch(r"[0-9a-f-]{36}", token) else "id"


def _names(world):
    """A name for each token: what people call it, or else a number by what is told where it occurs."""
    objects = [(kind, found) for kind, all_of in sorted(world.items()) for found in all_of]
    places = collections.defaultdict(set)
    for index, (_, found) in enumerate(objects):
        for token in TOKENS.findall(_text(found)):
            places[token].add(index)
    shown = {token: f"{_kind(token)} {_shown(token, places[token], objects)}".strip() for token in places}
    alike = collections.Counter(shown.values())
    names = {token: f"<{name}>" for token, name in shown.items()}
    unclear = [token for token in places if alike[shown[token]] > 1]
    # Those of one name are told from each other by what is told of them, with the others' names so far.
    for _ in range(4):
        told = {}
        for token in unclear:
            around = {**names, token: "THIS"}
            told[token] = sorted(objects[i][0] + _text(_renamed(objects[i][1], around)) for i in places[token])
        for token in unclear:
            digest = hashlib.sha256("\n".join(told[token]).encode()).hexdigest()
            names[token] = f"<{shown[token]} {digest[:8]}>"
    # Those that are alike in all take numbers: which has which does not matter.
    number = collections.Counter()
    final = dict(names)
    for token in sorted(unclear, key=lambda token: names[token]):
        number[shown[token]] += 1
        final[token] = f"<{shown[token]} {number[shown[token]]}>"
    return final


def _shown(token, indexes, objects):
    """What people call the object whose id this is."""
    for kind, found in (objects[index] for index in indexes):
        if found.get(OWN.get(kind)) == token:
            tags = {tag["Key"]: tag["Value"] for tag in found.get("Tags") or []}
            return tags.get("Name") or found.get("GroupName") or ""
    if _kind(token) != "id":
        return ""
    # What stands before it: the name of a load balancer in its ARN, for one.
    before = {
        TOKENS.sub("*", text).rsplit(":", 1)[-1]
        for index in indexes
        for text in re.findall(rf'"([^"]*?){re.escape(token)}', _text(objects[index][1]))
    }
    return min(before - {""}, default="", key=lambda text: (len(text), text))


# Where an object's own id is.
OWN = {
    "ec2.Vpcs": "VpcId",
    "ec2.Subnets": "SubnetId",
    "ec2.RouteTables": "RouteTableId",
    "ec2.InternetGateways": "InternetGatewayId",
    "ec2.NatGateways": "NatGatewayId",
    "ec2.Addresses": "AllocationId",
    "ec2.SecurityGroups": "GroupId",
    "ec2.VpcEndpoints": "VpcEndpointId",
    "ec2.FlowLogs": "FlowLogId",
}


def _pages(client, operation, key, **arguments):
    """All that a call lists, page by page where it has pages."""
    if client.can_paginate(operation):
        for page in client.get_paginator(operation).paginate(**arguments):
            yield from page.get(key, [])
    else:
        yield from getattr(client, operation)(**arguments).get(key, [])


def _asked(client, operation, **arguments):
    """A call's answer, or the code of its error: that there is none is told too."""
    try:
        answer = getattr(client, operation)(**arguments)
        return {key: value for key, value in answer.items() if key != "ResponseMetadata"}
    except ClientError as error:
        return {"none": error.response["Error"]["Code"]}


def _ec2(client):
    ec2 = client("ec2")
    for operation, key in [
        ("describe_vpcs", "Vpcs"),
        ("describe_subnets", "Subnets"),
        ("describe_route_tables", "RouteTables"),
        ("describe_internet_gateways", "InternetGateways"),
        ("describe_nat_gateways", "NatGateways"),
        ("describe_addresses", "Addresses"),
        ("describe_security_groups", "SecurityGroups"),
        ("describe_security_group_rules", "SecurityGroupRules"),
        ("describe_vpc_endpoints", "VpcEndpoints"),
        ("describe_flow_logs", "FlowLogs"),
        ("describe_network_interfaces", "NetworkInterfaces"),
        ("describe_network_acls", "NetworkAcls"),
        ("describe_dhcp_options", "DhcpOptions"),
    ]:
        for found in _pages(ec2, operation, key):
            if key == "Vpcs":
                for name in ("enableDnsSupport", "enableDnsHostnames", "enableNetworkAddressUsageMetrics"):
                    found[name] = _asked(ec2, "describe_vpc_attribute", VpcId=found["VpcId"], Attribute=name)
                    found[name].pop("VpcId", None)
            if key == "Subnets":
                del found["AvailableIpAddressCount"]  # it depends on the zone of a database, too
            if key == "NatGateways" and found["State"] == "deleted":
                continue
            yield f"ec2.{key}", _anywhere(found) if found.get("RequesterId") == "amazon-rds" else found


# What depends on the zone of a database: which of its subnets it is in is for AWS to choose.
OF_A_ZONE = {
    "AvailabilityZone",
    "AvailabilityZoneId",
    "MacAddress",
    "PrivateDnsName",
    "PrivateIpAddress",
    "PrivateIpAddresses",
    "SecondaryAvailabilityZone",
    "SubnetId",
}


def _anywhere(found):
    return {name: value for name, value in found.items() if name not in OF_A_ZONE}


def _elbv2(client):
    elb = client("elbv2")

    def tags(arn):
        return elb.describe_tags(ResourceArns=[arn])["TagDescriptions"][0]["Tags"]

    for group in _pages(elb, "describe_target_groups", "TargetGroups"):
        arn = group["TargetGroupArn"]
        attributes = elb.describe_target_group_attributes(TargetGroupArn=arn)["Attributes"]
        health = elb.describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"]
        # The zone is what a target's subnet was known to be when it came.
        targets = [{k: v for k, v in entry["Target"].items() if k != "AvailabilityZone"} for entry in health]
        yield "elbv2.TargetGroups", {**group, "Attributes": attributes, "Tags": tags(arn), "Targets": targets}
    for balancer in _pages(elb, "describe_load_balancers", "LoadBalancers"):
        arn = balancer["LoadBalancerArn"]
        attributes = elb.describe_load_balancer_attributes(LoadBalancerArn=arn)["Attributes"]
        yield "elbv2.LoadBalancers", {**balancer, "Attributes": attributes, "Tags": tags(arn)}
        for listener in _pages(elb, "describe_listeners", "Listeners", LoadBalancerArn=arn):
            of = {"ListenerArn": listener["ListenerArn"]}
            listener["Attributes"] = elb.describe_listener_attributes(**of)["Attributes"]
            listener["AllCertificates"] = list(_pages(elb, "describe_listener_certificates", "Certificates", **of))
            yield "elbv2.Listeners", {**listener, "Tags": tags(listener["ListenerArn"])}
            for rule in _pages(elb, "describe_rules", "Rules", **of):
                yield "elbv2.Rules", {**rule, "Tags": tags(rule["RuleArn"])}


def _ecs(client):
    ecs = client("ecs")
    for arn in _pages(ecs, "list_clusters", "clusterArns"):
        include = ["ATTACHMENTS", "SETTINGS", "CONFIGURATIONS", "TAGS"]
        yield from (("ecs.clusters", c) for c in ecs.describe_clusters(clusters=[arn], include=include)["clusters"])
        for service in _pages(ecs, "list_services", "serviceArns", cluster=arn):
            described = ecs.describe_services(cluster=arn, services=[service], include=["TAGS"])
            yield from (("ecs.services", s) for s in described["services"])
    for status in ("ACTIVE", "INACTIVE"):
        for arn in _pages(ecs, "list_task_definitions", "taskDefinitionArns", status=status):
            yield "ecs.taskDefinitions", _asked(ecs, "describe_task_definition", taskDefinition=arn, include=["TAGS"])


def _ecr(client):
    ecr = client("ecr")
    for repository in _pages(ecr, "describe_repositories", "repositories"):
        name = repository["repositoryName"]
        repository["lifecycle"] = _asked(ecr, "get_lifecycle_policy", repositoryName=name)
        repository["policy"] = _asked(ecr, "get_repository_policy", repositoryName=name)
        repository["tags"] = ecr.list_tags_for_resource(resourceArn=repository["repositoryArn"])["tags"]
        yield "ecr.repositories", repository


def _iam(client):
    iam = client("iam")
    for role in _pages(iam, "list_roles", "Roles"):
        name = role["RoleName"]
        role = iam.get_role(RoleName=name)["Role"]
        role.pop("RoleLastUsed", None)
        role["Attached"] = list(_pages(iam, "list_attached_role_policies", "AttachedPolicies", RoleName=name))
        inline = _pages(iam, "list_role_policies", "PolicyNames", RoleName=name)
        role["Inline"] = {p: iam.get_role_policy(RoleName=name, PolicyName=p)["PolicyDocument"] for p in inline}
        yield "iam.Roles", role
    for policy in _pages(iam, "list_policies", "Policies", Scope="Local"):
        arn = policy["Arn"]
        policy = iam.get_policy(PolicyArn=arn)["Policy"]
        version = policy["DefaultVersionId"]
        policy["Document"] = iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]
        policy["Versions"] = list(_pages(iam, "list_policy_versions", "Versions", PolicyArn=arn))
        yield "iam.Policies", policy


def _secrets(client):
    manager = client("secretsmanager")
    for secret in _pages(manager, "list_secrets", "SecretList"):
        arn = secret["ARN"]
        described = _asked(manager, "describe_secret", SecretId=arn)
        described["VersionIdsToStages"] = sorted(described.get("VersionIdsToStages", {}).values())
        described["policy"] = _asked(manager, "get_resource_policy", SecretId=arn)
        value = _asked(manager, "get_secret_value", SecretId=arn)
        value = re.sub(r'("password": ?)"[^"]*"', r'\1"PASSWORD"', value.get("SecretString", value.get("none", "")))
        yield "secretsmanager.Secrets", {**described, "value": value}


def _rds(client):
    rds = client("rds")

    def tags(arn):
        return rds.list_tags_for_resource(ResourceName=arn)["TagList"]

    for database in _pages(rds, "describe_db_instances", "DBInstances"):
        yield "rds.DBInstances", _anywhere(database)
    for group in _pages(rds, "describe_db_subnet_groups", "DBSubnetGroups"):
        yield "rds.DBSubnetGroups", {**group, "Tags": tags(group["DBSubnetGroupArn"])}
    for group in _pages(rds, "describe_db_parameter_groups", "DBParameterGroups"):
        of = {"DBParameterGroupName": group["DBParameterGroupName"], "Source": "user"}
        group["Parameters"] = list(_pages(rds, "describe_db_parameters", "Parameters", **of))
        yield "rds.DBParameterGroups", {**group, "Tags": tags(group["DBParameterGroupArn"])}


def _monitoring(client):
    cloudwatch, logs = client("cloudwatch"), client("logs")
    answer = cloudwatch.describe_alarms(AlarmTypes=["MetricAlarm", "CompositeAlarm"])
    for kind in ("MetricAlarms", "CompositeAlarms"):
        for alarm in answer[kind]:
            alarm["Tags"] = cloudwatch.list_tags_for_resource(ResourceARN=alarm["AlarmArn"])["Tags"]
            yield f"cloudwatch.{kind}", alarm
    for entry in _pages(cloudwatch, "list_dashboards", "DashboardEntries"):
        dashboard = _asked(cloudwatch, "get_dashboard", DashboardName=entry["DashboardName"])
        yield "cloudwatch.Dashboards", dashboard
    for group in _pages(logs, "describe_log_groups", "logGroups"):
        group["tags"] = logs.list_tags_for_resource(resourceArn=group["logGroupArn"])["tags"]
        yield "logs.logGroups", group
    for found in _pages(logs, "describe_metric_filters", "metricFilters"):
        yield "logs.metricFilters", found


def _notifications(client):
    sns, events = client("sns"), client("events")
    for topic in _pages(sns, "list_topics", "Topics"):
        arn = topic["TopicArn"]
        topic = sns.get_topic_attributes(TopicArn=arn)["Attributes"]
        yield "sns.Topics", {**topic, "Tags": sns.list_tags_for_resource(ResourceArn=arn)["Tags"]}
    for found in _pages(sns, "list_subscriptions", "Subscriptions"):
        arn = found["SubscriptionArn"]
        yield "sns.Subscriptions", {**found, **_asked(sns, "get_subscription_attributes", SubscriptionArn=arn)}
    for rule in _pages(events, "list_rules", "Rules"):
        rule["Targets"] = list(_pages(events, "list_targets_by_rule", "Targets", Rule=rule["Name"]))
        rule["Tags"] = events.list_tags_for_resource(ResourceARN=rule["Arn"])["Tags"]
        yield "events.Rules", rule


def _scaling(client):
    scaling = client("application-autoscaling")
    for operation, key in [
        ("describe_scalable_targets", "ScalableTargets"),
        ("describe_scaling_policies", "ScalingPolicies"),
        ("describe_scheduled_actions", "ScheduledActions"),
    ]:
        for found in _pages(scaling, operation, key, ServiceNamespace="ecs"):
            if key == "ScalableTargets":
                found["Tags"] = scaling.list_tags_for_resource(ResourceARN=found["ScalableTargetARN"])["Tags"]
            yield f"autoscaling.{key}", found


def _certificates(client):
    acm = client("acm")
    for entry in _pages(acm, "list_certificates", "CertificateSummaryList"):
        arn = entry["CertificateArn"]
        certificate = acm.describe_certificate(CertificateArn=arn)["Certificate"]
        yield "acm.Certificates", {**certificate, "Tags": acm.list_tags_for_certificate(CertificateArn=arn)["Tags"]}


def _buckets(client):
    s3 = client("s3")
    for bucket in s3.list_buckets()["Buckets"]:
        for operation in BUCKET:
            bucket[operation] = _asked(s3, operation, Bucket=bucket["Name"])
        yield "s3.Buckets", bucket


BUCKET = [
    "get_bucket_versioning",
    "get_bucket_encryption",
    "get_bucket_lifecycle_configuration",
    "get_bucket_policy",
    "get_public_access_block",
    "get_bucket_tagging",
    "get_bucket_acl",
    "get_bucket_ownership_controls",
    "get_bucket_logging",
    "get_bucket_cors",
]


def _delivery(client):
    deploy, trail, ssm, waf, kms = (client(s) for s in ("codedeploy", "cloudtrail", "ssm", "wafv2", "kms"))
    for name in _pages(deploy, "list_applications", "applications"):
        yield "codedeploy.applications", deploy.get_application(applicationName=name)["application"]
        for group in _pages(deploy, "list_deployment_groups", "deploymentGroups", applicationName=name):
            of = {"applicationName": name, "deploymentGroupName": group}
            yield "codedeploy.deploymentGroups", deploy.get_deployment_group(**of)["deploymentGroupInfo"]
    for found in trail.describe_trails()["trailList"]:
        arn = found["TrailARN"]
        found["IsLogging"] = trail.get_trail_status(Name=arn)["IsLogging"]
        found["Selectors"] = _asked(trail, "get_event_selectors", TrailName=arn)
        found["Tags"] = trail.list_tags(ResourceIdList=[arn])["ResourceTagList"]
        yield "cloudtrail.Trails", found
    for found in _pages(ssm, "describe_parameters", "Parameters"):
        name = found["Name"]
        found["Value"] = ssm.get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"]
        found["Tags"] = ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId=name)["TagList"]
        yield "ssm.Parameters", found
    for found in waf.list_web_acls(Scope="REGIONAL")["WebACLs"]:
        acl = waf.get_web_acl(Name=found["Name"], Id=found["Id"], Scope="REGIONAL")["WebACL"]
        acl["Resources"] = waf.list_resources_for_web_acl(WebACLArn=found["ARN"])["ResourceArns"]
        yield "wafv2.WebACLs", acl
    for key in _pages(kms, "list_keys", "Keys"):
        yield "kms.Keys", kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]
    for alias in _pages(kms, "list_aliases", "Aliases"):
        yield "kms.Aliases", alias


PARTS = [
    _ec2, _elbv2, _ecs, _ecr, _iam, _secrets, _rds, _monitoring, _notifications, _scaling, _certificates,
    _buckets, _delivery,
]  # fmt: skip
