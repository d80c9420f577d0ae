"""Terraform and the engine in the binary make the same of the same files: applied, changed and destroyed,
each in a cloud of its own. See differ.py; the cases are directories of differ/.

What Terraform waits for takes most of the time: the long cases run where DIFFER=all is set.
"""

import os
import shutil

import pytest

import differ
import traces

LONG = ["database", "blue-green"]


@pytest.fixture(scope="module", params=["networking", "service", "constructs", *LONG])
def case(request, tmp_path_factory):
    differ.need_terraform()
    if request.param in LONG and os.environ.get("DIFFER") != "all":
        pytest.skip("takes minutes: set DIFFER=all")
    directory = tmp_path_factory.mktemp(f"differ-{request.param}")
    case = differ.Differ(f"tests/e2e/differ/{request.param}", directory)
    try:
        yield case
    finally:
        case.down()
        for cloud in case.clouds.values():
            traces.assert_none(cloud)
        shutil.rmtree(directory, ignore_errors=True)


def test_both_make_the_same(case):
    case.both("apply", "-auto-approve")
    case.assert_worlds_are_equal()
    case.assert_nothing_is_to_be_done()


def test_both_change_it_to_the_same(case):
    case.change()
    case.both("apply", "-auto-approve")
    case.assert_worlds_are_equal()
    case.assert_nothing_is_to_be_done()


def test_both_destroy_it_wholly(case):
    case.both("destroy", "-auto-approve")
    case.assert_nothing_is_left()
