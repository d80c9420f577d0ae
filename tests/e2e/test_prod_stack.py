"""examples/prod: apply, an empty plan, and destroy."""

import subprocess

import traces
from conftest import ROOT, Terraform, wait_for


def test_apply_plan_and_destroy(neargate, tmp_path):
    subprocess.run(
        [ROOT / "scripts/self-signed-certificate", ROOT / "examples/prod"], check=True, capture_output=True
    )
    terraform = Terraform(neargate, "prod", tmp_path)
    terraform.apply()
    terraform.assert_plan_is_empty()
    terraform.destroy()
    wait_for("everything to be gone", lambda: not traces.of(neargate), seconds=60)
