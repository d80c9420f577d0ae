"""What is tested of each case of differ/: Terraform and the engine in the binary make the same of the same
files, applied, changed and destroyed, each in a cloud of its own. A file for each case: what Terraform
waits for takes most of the time, and files run at the same time.
"""

import os
import shutil

import pytest

import differ
import perturbed
import traces

# Whether to test what takes many minutes too.
ALL = os.environ.get("DIFFER") == "all"


class SameWorlds:
    """The tests of one case, which says its `directory`, and whether it is a `long` one."""

    long = False

    @pytest.fixture(scope="class")
    @classmethod
    def case(cls, tmp_path_factory):
        differ.need_terraform()
        if cls.long and not ALL:
            pytest.skip("takes minutes: set DIFFER=all")
        directory = tmp_path_factory.mktemp(f"differ-{cls.directory}")
        case = differ.Differ(f"tests/e2e/differ/{cls.directory}", directory)
        try:
            yield case
        finally:
            case.down()
            for cloud in case.clouds.values():
                traces.assert_none(cloud)
            shutil.rmtree(directory, ignore_errors=True)

    def test_both_make_the_same(self, case):
        case.both("apply", "-auto-approve")
        case.assert_worlds_are_equal()
        case.assert_nothing_is_to_be_done()

    def test_both_change_it_to_the_same(self, case):
        case.change()
        case.both("apply", "-auto-approve")
        case.assert_worlds_are_equal()
        case.assert_nothing_is_to_be_done()

    def test_both_plan_the_same_for_each_changed_attribute(self, case):
        differences, compared = perturbed.perturb(case)
        assert compared > 50
        assert differences == []

    def test_both_destroy_it_wholly(self, case):
        case.both("destroy", "-auto-approve")
        case.assert_nothing_is_left()
