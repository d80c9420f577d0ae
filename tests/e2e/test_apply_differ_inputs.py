"""That the cases of differ/ set every input of the modules: what no case sets, nobody has compared."""

import re

import pytest
from conftest import ROOT

CASES = {
    "ECS": ["service", "blue-green"],
    "networking": ["networking", "blue-green"],
    "database": ["database"],
}


@pytest.mark.parametrize("module", CASES)
def test_every_input_is_set_by_a_case(module):
    inputs = names(r'^variable "(\w+)"', (ROOT / "modules" / module).glob("variables*.tf"))
    files = [file for case in CASES[module] for file in (ROOT / "tests/e2e/differ" / case).rglob("*.tf")]
    assert inputs - names(r"^ *(\w+) *=", files) == set()


def names(pattern, files):
    return {name for file in files for name in re.findall(pattern, file.read_text(), re.MULTILINE)}
