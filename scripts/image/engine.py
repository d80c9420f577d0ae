"""docker and buildah: building from a Dockerfile where one of them works and can pull the base image."""

import dataclasses
import json
import pathlib
import shutil
import tarfile
import tempfile
from collections.abc import Callable

from image import progress

PROBE_TIMEOUT_S = 15
PULL_TIMEOUT_S = 300


@dataclasses.dataclass(frozen=True)
class Engine:
    """build(source, tag, out) builds source/Dockerfile into the layout `out` and returns its digest."""

    build: Callable[[pathlib.Path, str, pathlib.Path], str]


def choose(wanted: str, base_tag: str) -> Engine | None:
    """The engine to build with, or None to build from Debian's packages."""
    if wanted == "debian":
        return None
    programs = {"docker": (["docker", "info"], docker), "buildah": (["buildah", "info"], buildah)}
    for program in programs if wanted == "auto" else [wanted]:
        probe, build = programs[program]
        works = progress.succeeds(probe, PROBE_TIMEOUT_S)
        if works and has_base(program, base_tag):
            progress.say(f"building with {program}")
            return Engine(build)
        reason = f"it can't pull {base_tag}" if works else "it does not work here"
        if wanted != "auto":
            raise progress.Failed(f"can't build with {program}: {reason}")
        if shutil.which(program):
            progress.say(f"not building with {program}: {reason}")
    return None


def has_base(program: str, tag: str) -> bool:
    """Whether the base image is there or can be had. Its full name, since buildah may not guess short ones."""
    if progress.succeeds([program, "inspect", "--type", "image", tag], PROBE_TIMEOUT_S):
        return True
    progress.say(f"pulling {tag} with {program}")
    return progress.succeeds([program, "pull", f"docker.io/library/{tag}"], PULL_TIMEOUT_S)


def docker(source: pathlib.Path, tag: str, out: pathlib.Path) -> str:
    progress.run(["docker", "build", "-t", tag, source])
    with tempfile.TemporaryDirectory(prefix="neargate-image-") as scratch:
        saved = pathlib.Path(scratch) / "image.tar"
        progress.run(["docker", "save", "-o", saved, tag])
        with tarfile.open(saved) as tar:
            is_layout = "oci-layout" in tar.getnames()
        if is_layout:
            unpacked = pathlib.Path(scratch) / "layout"
            unpacked.mkdir()
            progress.run(["tar", "-xf", saved, "-C", unpacked])
            shutil.rmtree(out, ignore_errors=True)
            shutil.copytree(unpacked, out)
        else:
            # docker before version 25 saves only in its own format.
            shutil.rmtree(out, ignore_errors=True)
            progress.run(["skopeo", "copy", f"docker-archive:{saved}", f"oci:{out}:{tag.partition(':')[2]}"])
    return digest_of(out)


def buildah(source: pathlib.Path, tag: str, out: pathlib.Path) -> str:
    progress.run(["buildah", "build", "-t", tag, source])
    shutil.rmtree(out, ignore_errors=True)
    progress.run(["buildah", "push", tag, f"oci:{out}:{tag.partition(':')[2]}"])
    return digest_of(out)


def digest_of(out: pathlib.Path) -> str:
    return json.loads((out / "index.json").read_text())["manifests"][0]["digest"]
