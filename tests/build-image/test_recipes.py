"""The recipes against what they stand for, and the smallest image from end to end."""

import json
import os
import shlex
import shutil
import subprocess
import tarfile

import pytest
from image import flask_api, python

ROOT = flask_api.SOURCE.parent.parent


def dockerfile() -> list[tuple[str, str]]:
    """(instruction, arguments) of the application's Dockerfile, with continued lines joined."""
    text = (ROOT / "examples/flask-api/Dockerfile").read_text().replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [tuple(line.split(maxsplit=1)) for line in lines]


def only(instruction: str) -> str:
    (arguments,) = [given for name, given in dockerfile() if name == instruction]
    return arguments


def test_the_image_made_by_hand_is_what_the_dockerfile_says():
    env = dict(pair.split("=", 1) for pair in shlex.split(only("ENV")))
    settings = flask_api.SETTINGS
    assert only("FROM") == python.TAG
    assert settings.env == python.ENV | env
    assert settings.cmd == json.loads(only("CMD"))
    assert settings.workdir == only("WORKDIR")
    assert settings.user == only("USER")
    assert settings.volumes == (only("VOLUME"),)
    assert settings.ports == (only("EXPOSE").replace("${PORT}", env["PORT"]) + "/tcp",)


def test_the_health_check_asks_with_a_program_that_is_installed():
    health_check = only("HEALTHCHECK")
    assert health_check.startswith("--interval=30s --timeout=3s --start-period=60s --retries=3")
    assert "curl" in health_check and "/health" in health_check
    assert any(name == "RUN" and "apt-get install" in run and "curl" in run for name, run in dockerfile())
    assert "curl" in python.PACKAGES


def test_the_layer_holds_each_file_that_the_application_imports():
    names = {str(path.relative_to(flask_api.SOURCE)) for path in flask_api.application_files()}
    assert {"app.py", "requirements.txt", "conduit/server.py", "conduit/routes/users.py"} <= names
    assert not any("test" in name or "README" in name for name in names)


@pytest.fixture(scope="module")
def busybox(tmp_path_factory):
    if not shutil.which("apt-get"):
        pytest.skip("made from a Debian package, and there is no apt here")
    directory = tmp_path_factory.mktemp("busybox")
    command = [ROOT / "scripts/build-image", "busybox", "--out", directory / "out", "--cache", directory / "cache"]
    digests = [subprocess.run(command, check=True, capture_output=True, text=True).stdout for _ in range(2)]
    return directory / "out", digests


def test_busybox_is_the_same_image_each_time(busybox):
    _, digests = busybox
    assert digests[0].startswith("sha256:") and digests[0] == digests[1]


def test_busybox_has_a_shell(busybox, tmp_path):
    out, digests = busybox
    manifest = json.loads((out / "blobs/sha256" / digests[0].strip().removeprefix("sha256:")).read_text())
    blob = out / "blobs/sha256" / manifest["layers"][0]["digest"].removeprefix("sha256:")
    with tarfile.open(blob) as tar:
        assert tar.getmember("bin/sh").linkname == "busybox"
        assert tar.getmember("tmp").mode == 0o1777
        tar.extract("bin/busybox", tmp_path)
    said = subprocess.run([tmp_path / "bin/busybox", "sh", "-c", "echo $((6*7))"], capture_output=True, text=True)
    assert said.stdout == "42\n"


def test_skopeo_reads_busybox(busybox):
    if not shutil.which("skopeo"):
        pytest.skip("there is no skopeo here")
    out, digests = busybox
    answer = subprocess.run(["skopeo", "inspect", f"oci:{out}:latest"], check=True, capture_output=True, text=True)
    assert json.loads(answer.stdout)["Digest"] == digests[0].strip()


def test_a_name_that_is_none_is_refused():
    done = subprocess.run([ROOT / "scripts/build-image", "fedora", "--out", os.devnull], capture_output=True, text=True)
    assert done.returncode == 2
    assert "'busybox', 'flask-api', 'python'" in done.stderr
