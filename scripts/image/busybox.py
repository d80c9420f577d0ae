"""The image `busybox`: one static binary from Debian, and links to it for each of its applets."""

import argparse
import pathlib
import subprocess
import tempfile

from image import debian, layer, layout, progress

TAG = "busybox:latest"

ACCOUNTS = "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/home:/bin/false\n"
GROUPS = "root:x:0:\nnogroup:x:65534:\n"


def build(arguments: argparse.Namespace) -> str:
    progress.say("unpacking busybox-static")
    with tempfile.TemporaryDirectory(prefix="neargate-image-") as scratch:
        debian.unpack_package("busybox-static", pathlib.Path(scratch))
        binary = find_binary(pathlib.Path(scratch))
        applets = subprocess.run([binary, "--list"], check=True, capture_output=True, text=True).stdout.split()
        path = arguments.cache / "busybox.tar.gz"
        with layer.writing(path, "scripts/build-image busybox") as (writer, finish):
            fill(writer, binary, applets)
            rootfs = finish()
    settings = layout.Settings(env={"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}, cmd=["sh"])
    return layout.write(arguments.out, TAG, [rootfs], settings)


def find_binary(unpacked: pathlib.Path) -> pathlib.Path:
    """Debian 12 has it in /bin, Debian 13 in /usr/bin."""
    for candidate in (unpacked / "bin/busybox", unpacked / "usr/bin/busybox"):
        if candidate.exists():
            return candidate
    raise progress.Failed("Debian's busybox-static holds no busybox")


def fill(writer: layer.LayerWriter, binary: pathlib.Path, applets: list) -> None:
    for directory in ("bin", "dev", "etc", "home", "proc", "sys", "usr", "usr/bin", "var"):
        writer.directory(directory)
    writer.directory("root", mode=0o700)
    for directory in ("tmp", "var/tmp"):
        writer.directory(directory, mode=0o1777)
    writer.file("bin/busybox", binary, 0o755)
    for applet in sorted(set(applets) - {"busybox"}):
        writer.link(f"bin/{applet}", "busybox")
    writer.link("usr/bin/env", "/bin/busybox")
    writer.text("etc/passwd", ACCOUNTS)
    writer.text("etc/group", GROUPS)
    writer.text("etc/nsswitch.conf", "hosts: files dns\n")
