#!/usr/bin/env python3
"""Writes the tables of inputs and outputs in the modules' READMEs from their code.

    tests/terraform/readme.py            write them
    tests/terraform/readme.py --check    fail if they differ from the code

It also fails on an input or an output without a type or a description, and when
the usage in modules/ECS/README.md is not, word for word, what the examples do
(their `source` is another path, and nothing else).

It reads the form that `terraform fmt` gives: blocks begin and end in the first
column, and what belongs to them is indented by two. So it needs no HCL library.
"""

import difflib
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
MODULES = ["ECS", "networking", "database", "acm"]
USAGE = {"dev": "### Development", "prod": "### Production"}


class Wrong(Exception):
    """The code or a README is not as it must be; the message says where."""


def blocks(module, kind):
    """Yields (name, {attribute: source text}) of every `kind` block, in reading order."""
    paths = sorted((ROOT / "modules" / module).glob("*.tf"))
    for path in paths:
        lines = iter(path.read_text().splitlines())
        for line in lines:
            head = re.fullmatch(kind + r' "(\w+)" \{', line)
            if not head:
                continue
            attributes, current = {}, None
            for line in lines:
                if line == "}":
                    break
                attribute = re.match(r"  (\w+) +=(?: (.*))?$", line)
                if attribute:
                    current = attribute.group(1)
                    attributes[current] = attribute.group(2)
                elif re.match(r"  \w+ (\".*\" )?\{", line):
                    current = None
                elif current and line.startswith("  "):
                    attributes[current] += "\n" + line[2:]
            yield head.group(1), {k: v.strip() for k, v in attributes.items()}


def text(literal, where):
    """The value of a quoted string without interpolation."""
    if not re.fullmatch(r'"(?:[^"\\]|\\.)*"', literal):
        raise Wrong(f"{where}: the description must be one plain string")
    return re.sub(r"\\(.)", r"\1", literal[1:-1])


def cell(source):
    """Source text as code in one cell of a Markdown table."""
    flat = re.sub(r"\s+", " ", source)
    flat = flat.replace("({ ", "({").replace(" })", "})")
    flat = re.sub(r"(\w+) = (\w+(?:\([^)]*\))?) (?=\w+ =)", r"\1 = \2, ", flat)
    return "`" + flat.replace("|", "\\|") + "`"


def inputs(module):
    rows = ["| Name | Description | Type | Default |", "|---|---|---|---|"]
    required, optional = [], []
    for name, attributes in blocks(module, "variable"):
        where = f"modules/{module}: variable {name}"
        for needed in ("description", "type"):
            if needed not in attributes:
                raise Wrong(f"{where} has no {needed}")
        default = attributes.get("default")
        described = text(attributes["description"], where).replace("|", "\\|")
        row = f"| `{name}` | {described} | {cell(attributes['type'])} | {cell(default) if default else 'required'} |"
        (optional if default else required).append(row)
    return "\n".join(rows + required + optional)


def outputs(module):
    rows = ["| Name | Description |", "|---|---|"]
    for name, attributes in blocks(module, "output"):
        where = f"modules/{module}: output {name}"
        if "description" not in attributes:
            raise Wrong(f"{where} has no description")
        rows.append(f"| `{name}` | {text(attributes['description'], where)} |")
    return "\n".join(rows)


def rendered(module, readme):
    for kind, table in (("inputs", inputs(module)), ("outputs", outputs(module))):
        pattern = rf"(<!-- {kind} -->\n).*?(<!-- /{kind} -->)"
        if not re.search(pattern, readme, re.S):
            raise Wrong(f"modules/{module}/README.md has no <!-- {kind} --> ... <!-- /{kind} -->")
        readme = re.sub(pattern, lambda m: m.group(1) + table + "\n" + m.group(2), readme, flags=re.S)
    return readme


def words(block):
    """A block's words, without the spaces that `terraform fmt` moves."""
    lines = [re.sub(r"\s+", " ", line).strip() for line in block.splitlines()]
    return [line for line in lines if line]


def check_usage():
    readme = (ROOT / "modules/ECS/README.md").read_text()
    for example, heading in USAGE.items():
        section = readme.split(heading, 1)[1]
        documented = re.search(r"```hcl\n(.*?)```", section, re.S).group(1)
        documented = documented.replace('"./modules/ECS"', '"../../modules/ECS"')
        code = (ROOT / "examples" / example / "main.tf").read_text()
        used = re.search(r'^module "ecs" \{\n.*?^\}\n', code, re.S | re.M).group(0)
        if words(documented) != words(used):
            difference = "\n".join(difflib.unified_diff(words(documented), words(used), "README", example, lineterm=""))
            raise Wrong(f"examples/{example} differs from the usage in modules/ECS/README.md:\n{difference}")


def main():
    check = sys.argv[1:] == ["--check"]
    if sys.argv[1:] and not check:
        sys.exit(__doc__)
    stale = []
    for module in MODULES:
        path = ROOT / "modules" / module / "README.md"
        before = path.read_text()
        after = rendered(module, before)
        if before != after:
            stale.append(f"modules/{module}/README.md")
            if not check:
                path.write_text(after)
    check_usage()
    if check and stale:
        raise Wrong(f"{', '.join(stale)}: not what the code says; run tests/terraform/readme.py")
    print(f"{len(MODULES)} READMEs {'match' if check else 'are'} the code")


if __name__ == "__main__":
    try:
        main()
    except Wrong as wrong:
        sys.exit(str(wrong))
