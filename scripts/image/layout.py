"""The OCI image layout: index.json, oci-layout and blobs/sha256, as image-spec 1.1 has them.

Writes one image with one tag. The directory is replaced as a whole when the new one is complete, so that a
reader never sees half an image. The creation time is fixed: the same layers and settings are the same image.
"""

import dataclasses
import datetime
import hashlib
import json
import os
import pathlib
import platform
import shutil
import tarfile

from image import progress
from image.layer import EPOCH

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"

# Python's machine names on the left, the Go names that images use on the right.
ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}


@dataclasses.dataclass(frozen=True)
class Settings:
    """What the image's config says about the container (the Dockerfile's words)."""

    env: dict
    cmd: list
    workdir: str = "/"
    user: str = ""
    ports: tuple = ()
    volumes: tuple = ()
    stop_signal: str = ""


def architecture() -> str:
    machine = platform.machine()
    if machine not in ARCHITECTURES:
        raise progress.Failed(f"no image is made for a {machine} machine, only for {', '.join(ARCHITECTURES)}")
    return ARCHITECTURES[machine]


def write(out: pathlib.Path, tag: str, layers: list, settings: Settings) -> str:
    """Writes the layout to `out` and returns the digest of the image's manifest."""
    check_replaceable(out)
    fresh = out.with_name(f"{out.name}.{os.getpid()}.unfinished")
    shutil.rmtree(fresh, ignore_errors=True)
    blobs = fresh / "blobs" / "sha256"
    blobs.mkdir(parents=True)
    for layer in layers:
        place(layer.path, blobs / layer.digest.removeprefix("sha256:"))
    config = add_json(blobs, CONFIG, config_document(layers, settings))
    manifest = add_json(
        blobs,
        MANIFEST,
        {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": config,
            "layers": [{"mediaType": LAYER, "digest": layer.digest, "size": layer.size_bytes} for layer in layers],
        },
    )
    manifest["platform"] = {"architecture": architecture(), "os": "linux"}
    manifest["annotations"] = {
        # skopeo reads the short tag, containerd the full name.
        "org.opencontainers.image.ref.name": tag.partition(":")[2],
        "io.containerd.image.name": tag,
    }
    index = {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": [manifest]}
    (fresh / "index.json").write_text(json.dumps(index, indent=2) + "\n")
    (fresh / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}\n')
    if out.exists():
        shutil.rmtree(out)
    os.replace(fresh, out)
    return manifest["digest"]


def check_replaceable(out: pathlib.Path) -> None:
    """Only an empty directory or an earlier image is ever replaced."""
    out.parent.mkdir(parents=True, exist_ok=True)
    if out.exists() and not (out / "oci-layout").exists() and not (out.is_dir() and not any(out.iterdir())):
        raise progress.Failed(f"{out} is there already and is not an OCI layout: name another directory")


def config_document(layers: list, settings: Settings) -> dict:
    created = datetime.datetime.fromtimestamp(EPOCH, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    config = {
        "Env": [f"{name}={value}" for name, value in settings.env.items()],
        "Cmd": settings.cmd,
        "WorkingDir": settings.workdir,
        "User": settings.user,
        "ExposedPorts": {port: {} for port in settings.ports},
        "Volumes": {path: {} for path in settings.volumes},
        "StopSignal": settings.stop_signal,
    }
    return {
        "created": created,
        "architecture": architecture(),
        "os": "linux",
        "config": {key: value for key, value in config.items() if value},
        "rootfs": {"type": "layers", "diff_ids": [layer.diff_id for layer in layers]},
        "history": [{"created": created, "created_by": layer.created_by} for layer in layers],
    }


def add_json(blobs: pathlib.Path, media_type: str, document: dict) -> dict:
    content = json.dumps(document, separators=(",", ":")).encode()
    digest = hashlib.sha256(content).hexdigest()
    (blobs / digest).write_bytes(content)
    return {"mediaType": media_type, "digest": f"sha256:{digest}", "size": len(content)}


def place(source: pathlib.Path, target: pathlib.Path) -> None:
    """A hard link where the cache is on the same file system, otherwise a copy."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def archive(layout: pathlib.Path, file: pathlib.Path) -> None:
    """The layout as one tar file: skopeo's oci-archive:, and what `docker load` takes."""
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_name(f"{file.name}.{os.getpid()}.unfinished")

    def normal(member: tarfile.TarInfo) -> tarfile.TarInfo:
        member.uid = member.gid = 0
        member.uname = member.gname = ""
        member.mtime = EPOCH
        return member

    with tarfile.open(unfinished, "w", format=tarfile.PAX_FORMAT) as tar:
        for path in sorted(layout.rglob("*")):
            tar.add(path, str(path.relative_to(layout)), recursive=False, filter=normal)
    os.replace(unfinished, file)
