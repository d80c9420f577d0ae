"""One attribute at a time: what each engine plans for a change of every attribute of every resource of a state.

The state's resources are written down as a configuration of their own, without modules, references or
default tags, once for each change: a copy of a resource has one attribute changed, and no change touches
another. Both engines plan all the copies at once, without looking at the cloud, and the actions are
compared. A value that Terraform's provider refuses is left out: that it is refused is not compared.
"""

import collections
import copy
import json
import re
import subprocess

# Changed values, where what the kind of value suggests would be refused.
VALUES = {
    "availability_zone": ["us-west-2c"],
    "domain": ["standard"],
    "launch_type": ["EC2"],
    "protocol": ["HTTPS", "TCP", "sqs"],
    "ip_protocol": ["udp"],
    "type": ["egress", "StringList", "fixed-response"],
    "image_tag_mutability": ["IMMUTABLE", "MUTABLE"],
    "retention_in_days": [90],
    "log_group_class": ["INFREQUENT_ACCESS"],
    "comparison_operator": ["LessThanOrEqualToThreshold"],
    "statistic": ["Maximum"],
    "treat_missing_data": ["breaching"],
    "traffic_type": ["ACCEPT", "ALL"],
    "max_aggregation_interval": [600, 60],
    "connectivity_type": ["private", "public"],
    "target_type": ["instance", "ip"],
    "protocol_version": ["GRPC", "HTTP1"],
    "load_balancer_type": ["network"],
    "ip_address_type": ["dualstack", "ipv4"],
    "load_balancing_algorithm_type": ["weighted_random", "round_robin"],
    "instance_tenancy": ["dedicated"],
    "network_mode": ["bridge"],
    "vpc_endpoint_type": ["GatewayLoadBalancer"],
    "status": ["Suspended", "Enabled", "Disabled"],
    "schedule": ["rate(2 days)"],
    "timezone": ["Asia/Tokyo"],
    "propagate_tags": ["TASK_DEFINITION", "NONE"],
    "scheduling_strategy": ["DAEMON"],
    "cpu": ["2048"],
    "memory": ["8192"],
    "policy_type": ["StepScaling"],
    "compute_platform": ["Server"],
    "deployment_config_name": ["CodeDeployDefault.ECSLinear10PercentEvery1Minutes"],
    "tier": ["Advanced"],
    "unit": ["Bytes"],
    "engine": ["mysql"],
    "storage_type": ["gp3", "io1"],
    "instance_class": ["db.t4g.large"],
    "family": ["postgres15"],
    "backup_window": ["05:00-06:00"],
    "maintenance_window": ["mon:07:00-mon:08:00"],
    "apply_method": ["pending-reboot", "immediate"],
    "ssl_policy": ["ELBSecurityPolicy-2016-08"],
    "key_usage": ["SIGN_VERIFY"],
    "endpoint": ["other@example.com"],
    "period": [300],
    "filter_policy_scope": ["MessageBody"],
    "private_dns_hostname_type_on_launch": ["resource-name"],
}

PROVIDER = 'provider "aws" {\n  region = "us-west-2"\n}\n'

LEFT_OUT = {"id", "tags_all", "timeouts"}

# Computed attributes that a configuration has to give all the same.
NEEDED = {
    "aws_acm_certificate": ["certificate_body"],
    "aws_ssm_parameter": ["value"],
    "aws_vpc": ["cidr_block"],
    "aws_vpc_ipv4_cidr_block_association": ["cidr_block"],
    "aws_db_instance": ["allocated_storage", "engine", "username", "password"],
    "aws_eip": ["domain"],
    "aws_secretsmanager_secret": ["recovery_window_in_days"],
}

# Where an attribute that is false or computed is told all the same: what stands for it is another value.
TOLD = {"aws_lb_target_group": {"enabled"}, "aws_s3_bucket_lifecycle_configuration": {"prefix", "days"}}


def perturb(differ, say=print):
    """Plans every change with both engines; gives the differences, and how much was compared."""
    directory = differ.directory.with_name(f"{differ.directory.name}-perturbed")
    directory.mkdir(exist_ok=True)
    (directory / ".terraform").symlink_to(differ.directory / ".terraform")
    (directory / ".terraform.lock.hcl").write_text((differ.directory / ".terraform.lock.hcl").read_text())
    schemas = _schemas(differ, directory)
    copies = {}
    for name, found in _resources(differ.directory / "terraform.tfstate", schemas).items():
        changes = [None, *_changes(found, schemas[found["type"]])]
        copies.update({f"{name}{number}_": (found, change) for number, change in enumerate(changes)})
    return _Planner(differ, directory, copies, schemas).compare(say)


class _Planner:
    """Plans for the copies of resources, each with a change of its own: all in one plan, of either engine."""

    def __init__(self, differ, directory, copies, schemas):
        self.differ, self.directory, self.copies, self.schemas = differ, directory, copies, schemas

    def compare(self, say):
        chosen, plans, problems = set(self.copies), 0, ["not planned yet"]
        # What is refused as it is read keeps the rest from being planned; what is refused as it is planned does not.
        actions = {}
        while problems and not actions:
            plans += 1
            self._write(chosen)
            actions, problems = self._run(self._terraform())
            named = chosen & {name for problem in problems for name in re.findall(r"\w+_\d+_\d+_", problem)}
            assert named or not problems, problems
            chosen -= named
        refused = len(self.copies) - len(chosen)
        say(f"{len(chosen)} changes compared, {refused} were refused by Terraform, in {plans} plans")
        # A change beside one that is planned in any case would not show.
        touched = [name for name in sorted(chosen) if self.copies[name][1] is None and name in actions]
        assert not touched, f"unchanged, and yet planned by Terraform: {touched}"
        self._write(chosen)
        others, problems = self._run(self._neargate())
        differences = [("refused by neargate", problem) for problem in problems]
        for name in sorted(chosen):
            if actions.get(name) != others.get(name) and not problems:
                told = f"terraform {actions.get(name)}, neargate {others.get(name)}"
                differences.append((self._what(name), told))
        return differences, len(chosen)

    def _what(self, name):
        found, change = self.copies[name]
        path, was, value = change or ("nothing", None, None)
        return f"{name} {found['type']}.{path}: {was!r} -> {value!r}"

    def _write(self, chosen):
        text = [PROVIDER]
        for name, (found, change) in self.copies.items():
            if name not in chosen:
                continue
            config = copy.deepcopy(found["config"])
            if change:
                _set(config, change[0].split("."), change[2])
            body = _body(config, self.schemas[found["type"]], 1)
            text.append(f'resource "{found["type"]}" "{name}" {{\n{body}}}\n')
        (self.directory / "main.tf").write_text("\n".join(text))
        _write_state(self.directory / "terraform.tfstate", {name: self.copies[name][0] for name in sorted(chosen)})

    def _terraform(self):
        command = ["terraform", f"-chdir={self.directory}", "plan", "-json", "-refresh=false", "-lock=false"]
        return command, self.differ.clouds["terraform"].environment()

    def _neargate(self):
        running = self.differ.clouds["terraform"]
        command = [running.binary, "plan", str(self.directory), "--json", "--refresh=false", f"--port={running.port}"]
        return command, running.environment()

    def _run(self, call):
        command, env = call
        done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=300)
        actions, problems = {}, []
        for line in done.stdout.splitlines():
            told = json.loads(line)
            if told["type"] == "planned_change":
                actions[told["change"]["resource"]["resource_name"]] = told["change"]["action"]
            if told["type"] == "diagnostic" and told["diagnostic"]["severity"] == "error":
                problem = told["diagnostic"]
                where = (problem.get("snippet") or {}).get("context") or ""
                parts = (problem["summary"], problem.get("detail"), problem.get("address"), where)
                problems.append(" ".join(part for part in parts if part))
        if done.returncode not in (0, 2) and not problems:
            problems.append(done.stderr or done.stdout)
        return actions, problems


def _schemas(differ, directory):
    (directory / "main.tf").write_text(PROVIDER)
    command = ["terraform", f"-chdir={directory}", "providers", "schema", "-json"]
    done = subprocess.run(command, env=differ.terraform.env, capture_output=True, text=True, timeout=300, check=True)
    [provider] = [v for k, v in json.loads(done.stdout)["provider_schemas"].items() if k.endswith("/aws")]
    return {name: schema["block"] for name, schema in provider["resource_schemas"].items()}


def _resources(state, schemas):
    """The first of each shape of a type, up to four, by names of their own."""
    found = {}
    shapes = collections.defaultdict(list)
    for resource in json.loads(state.read_text())["resources"]:
        if resource["mode"] != "managed" or not resource["type"].startswith("aws_"):
            continue
        for instance in resource["instances"]:
            of_type = resource["type"]
            config = _config(instance["attributes"], schemas[of_type], TOLD.get(of_type, ()))
            own = [key for key in ("name", "bucket") if schemas[of_type]["attributes"].get(key, {}).get("optional")]
            for key in [*NEEDED.get(of_type, []), *own]:
                if instance["attributes"].get(key) is not None:
                    config[key] = instance["attributes"][key]
            shape = _shape(config)
            if shape in shapes[of_type] or len(shapes[of_type]) == 4:
                continue
            shapes[of_type].append(shape)
            name = f"{of_type}_{len(shapes[of_type])}_"
            found[name] = {"type": of_type, "instance": instance, "config": config}
    return found


def _shape(config, name=None):
    """A configuration without the values that only tell one object from another of its kind."""
    if isinstance(config, dict):
        return {key: _shape(value, key) for key, value in config.items()}
    if isinstance(config, list):
        return [_shape(value, name) for value in config if isinstance(value, (dict, list))]
    return config if name in VALUES or isinstance(config, bool) else None


def _write_state(path, resources):
    told = []
    for name, found in resources.items():
        instance = {k: v for k, v in found["instance"].items() if k not in ("index_key", "dependencies")}
        attributes = dict(instance["attributes"])
        if "tags_all" in attributes:
            attributes["tags_all"] = attributes["tags"] or {}  # as there are no default tags
        instance["attributes"] = attributes
        provider = 'provider["registry.terraform.io/hashicorp/aws"]'
        of = {"mode": "managed", "type": found["type"], "name": name, "provider": provider}
        told.append({**of, "instances": [instance]})
    state = {"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "perturbed", "outputs": {}}
    path.write_text(json.dumps({**state, "resources": told, "check_results": None}))


def _is_zero(value):
    return value in (None, "", False, 0, [], {})


def _config(attributes, block, told):
    """What a configuration would have to say for the state to be as it is."""
    config = {}
    for name, attribute in block.get("attributes", {}).items():
        value = attributes.get(name)
        is_own = attribute.get("optional") and not attribute.get("computed")
        is_told = name in told and attribute.get("optional") and value not in (None, "")
        if attribute.get("required") or is_told or (is_own and not _is_zero(value)):
            config[name] = value
    for name, nested in block.get("block_types", {}).items():
        value = attributes.get(name)
        if name in LEFT_OUT or (name == "options" and attributes.get("certificate_body")) or _is_zero(value):
            continue
        required = [key for key, inner in nested["block"].get("attributes", {}).items() if inner.get("required")]
        blocks = [inner for inner in (value if isinstance(value, list) else [value]) if inner]
        if any(inner.get(key) is None for inner in blocks for key in required):
            continue  # the cloud's own
        config[name] = [_config(inner, nested["block"], told) for inner in blocks]
    return config


def _changes(found, block):
    """Changes of a resource, one at a time: where, what it was, what it is to be."""
    changes = []
    attributes = found["instance"]["attributes"]

    def of_block(config, known, block, path):
        for name, attribute in sorted(block.get("attributes", {}).items()):
            if name in LEFT_OUT or not (attribute.get("required") or attribute.get("optional")):
                continue
            was = config.get(name, known.get(name))
            for value in _others(name, was, attribute["type"]):
                changes.append((".".join([*path, name]), was, value))
            if name in config and not attribute.get("required"):
                changes.append((".".join([*path, name]), was, None))
        for name, nested in sorted(block.get("block_types", {}).items()):
            if name in LEFT_OUT or name not in config:
                continue
            inner = known.get(name) or [{}]
            inner = inner[0] if isinstance(inner, list) else inner
            of_block(config[name][0], inner, nested["block"], [*path, name, "0"])
            is_all = bool(path) and set(config) == {name}  # nothing is no block
            if nested.get("min_items", 0) == 0 and not is_all:
                changes.append((".".join([*path, name]), "a block", None))

    of_block(found["config"], attributes, block, [])
    return changes


def _others(name, was, of_type):
    if name in VALUES:
        return [value for value in VALUES[name] if value != was]
    if of_type == "bool":
        return [not was]
    if of_type == "number":
        return [(was or 0) + 1]
    if of_type == "string":
        return [_other(was)]
    kind, inner = of_type[0], of_type[1]
    if kind == "map":
        return [{**(was or {}), "changed": "yes"}]
    if kind in ("set", "list") and inner == "string":
        return [[*(was or []), _other(was[-1] if was else None)]]
    return []


def _other(was):
    """Another text of the same kind."""
    if not was:
        return "changed"
    if was.startswith('{"rules"'):
        return was.replace('"countNumber":1', '"countNumber":2', 1)
    if was.startswith('{"'):
        return json.dumps({**json.loads(was), "Id": "changed"})
    if re.fullmatch(r"[\d.]+/\d+", was):
        return "10.99.0.0/24"
    if re.fullmatch(r"[\d.]+", was):
        return "10.99.0.9"
    if re.fullmatch(r"[a-z]+-[0-9a-f]{8,17}", was):
        return was[:-1] + ("0" if was[-1] != "0" else "1")
    return was + "x"


def _set(config, path, value):
    first, *rest = path
    if not rest:
        if value is None:
            config.pop(first, None)
        else:
            config[first] = value
    elif isinstance(config, list):
        _set(config[int(first)], rest, value)
    else:
        _set(config[first], rest, value)


def _body(config, block, depth):
    lines = []
    pad = "  " * depth
    for name, value in config.items():
        if name in block.get("attributes", {}):
            lines.append(f"{pad}{name} = {_literal(value)}\n")
        else:
            for inner in value:
                lines.append(f"{pad}{name} {{\n{_body(inner, block['block_types'][name]['block'], depth + 1)}{pad}}}\n")
    return "".join(lines)


def _literal(value):
    return json.dumps(value).replace("${", "$${").replace("%{", "%%{")
