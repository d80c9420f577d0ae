"""What a stack has made, imported again: by the IDs that the documentation of Terraform's provider gives."""

import json


def _joined(separator, *names):
    return lambda found: separator.join(str(found[name]) for name in names)


def _rule(found):
    """`sg-…_ingress_tcp_80_80_10.0.0.0/8`."""
    sources = [*(found["cidr_blocks"] or []), *(found["ipv6_cidr_blocks"] or []), *(found["prefix_list_ids"] or [])]
    if found["source_security_group_id"]:
        sources.append(found["source_security_group_id"])
    if found["self"]:
        sources.append("self")
    ports = [str(found[name]) for name in ("from_port", "to_port")]
    return "_".join([found["security_group_id"], found["type"], found["protocol"], *ports, *sources])


def _service(found):
    return f"{found['cluster'].rsplit('/', 1)[-1]}/{found['name']}"


# The types whose ID is not that of the state.
IDS = {
    "aws_appautoscaling_policy": _joined("/", "service_namespace", "resource_id", "scalable_dimension", "name"),
    "aws_appautoscaling_target": _joined("/", "service_namespace", "resource_id", "scalable_dimension"),
    "aws_cloudwatch_event_target": _joined("/", "event_bus_name", "rule", "target_id"),
    "aws_cloudwatch_log_metric_filter": _joined(":", "log_group_name", "name"),
    "aws_codedeploy_app": _joined("", "name"),
    "aws_codedeploy_deployment_group": _joined(":", "app_name", "deployment_group_name"),
    "aws_ecs_cluster": _joined("", "name"),
    "aws_ecs_service": _service,
    "aws_ecs_task_definition": _joined("", "arn"),
    "aws_db_instance": _joined("", "identifier"),
    "aws_iam_role_policy_attachment": _joined("/", "role", "policy_arn"),
    "aws_lb_listener_certificate": _joined("_", "listener_arn", "certificate_arn"),
    "aws_route": _joined("_", "route_table_id", "destination_cidr_block"),
    "aws_route_table_association": _joined("/", "subnet_id", "route_table_id"),
    "aws_security_group_rule": _rule,
}

# The types that Terraform does not import.
NEVER = ["aws_acm_certificate_validation", "aws_appautoscaling_scheduled_action", "aws_lb_target_group_attachment"]


class Found:
    """A resource of a state: where, of which type, and by which ID it is imported."""

    def __init__(self, resource, instance):
        key = f"[{json.dumps(instance['index_key'])}]" if "index_key" in instance else ""
        parts = [resource.get("module"), resource["type"], resource["name"] + key]
        self.address = ".".join(filter(None, parts))
        self.type = resource["type"]
        self.id = IDS.get(self.type, _joined("", "id"))(instance["attributes"])

    def block(self):
        return f"import {{\n  to = {self.address}\n  id = {json.dumps(self.id)}\n}}\n"


def of_state(state):
    """All managed resources."""
    managed = [resource for resource in state["resources"] if resource["mode"] == "managed"]
    return [Found(resource, instance) for resource in managed for instance in resource["instances"]]
