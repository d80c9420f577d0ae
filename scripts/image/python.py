"""The image `python`: Debian 12 with its Python 3.11 under the names that python:3.11-slim gives it.

A stand-in for where that image can't be pulled. `python`, `python3` and `pip` are in /usr/local/bin, what pip
installs goes to /usr/local/lib/python3.11, and curl is there for health checks.
"""

import argparse
import contextlib
import pathlib
import tarfile
import tempfile
import zipfile

from image import cache, debian, layer, layout, progress

TAG = "python:3.11-slim"
SUITE = "bookworm"
PACKAGES = [
    "ca-certificates",
    "curl",
    "libpython3.11-stdlib",
    "media-types",
    "netbase",
    "python3-pip-whl",
    "python3.11-minimal",
    "tzdata",
]
# What decides the layer's content.
RECIPE = [pathlib.Path(module.__file__) for module in (debian, layer)] + [pathlib.Path(__file__)]

# Debian's Python looks here; python:3.11-slim's name for it is a link to it.
PACKAGES_DIRECTORY = "usr/local/lib/python3.11/dist-packages"
SITE_PACKAGES = "usr/local/lib/python3.11/site-packages"

ENV = {"PATH": "/usr/local/bin:/usr/local/sbin:/usr/bin:/usr/sbin:/bin:/sbin", "LANG": "C.UTF-8"}

COMPILE = (
    'PYTHONHASHSEED=0 chroot "$1" python3.11 -m compileall -q --invalidation-mode unchecked-hash /usr/lib/python3.11'
)
PIP_SCRIPT = "#!/usr/local/bin/python\nimport sys\nfrom pip._internal.cli.main import main\nsys.exit(main())\n"

# What a container gets from its runtime, what only this machine's build left behind, and the mark with which
# Debian keeps pip off a system's Python: in a container there is no other.
LEFT_OUT = (
    "dev/",
    "etc/hostname",
    "etc/resolv.conf",
    "usr/lib/python3.11/EXTERNALLY-MANAGED",
    "usr/share/python-wheels/",
    "var/cache/",
    "var/lib/apt/",
    "var/log/",
)


def build(arguments: argparse.Namespace) -> str:
    return layout.write(arguments.out, TAG, [base_layer(arguments)], layout.Settings(env=ENV, cmd=["python3"]))


def base_layer(arguments: argparse.Namespace) -> layer.Layer:
    name = "python-" + cache.key(arguments.mirror, *RECIPE)
    known = None if arguments.rebuild else cache.find(arguments.cache, name)
    if known:
        progress.say(f"the base is in {arguments.cache}")
        return known
    progress.say(f"making the base: Debian {SUITE} with Python 3.11 (about a minute)")
    with tempfile.TemporaryDirectory(prefix="neargate-image-") as scratch:
        plain = pathlib.Path(scratch) / "root.tar"
        debian.root_file_system(plain, SUITE, PACKAGES, arguments.mirror, hooks=[COMPILE])
        with tarfile.open(plain) as root:
            path = arguments.cache / f"{name}.tar.gz"
            with layer.writing(path, "scripts/build-image python") as (writer, finish):
                writer.existing(root, skip=lambda member: member.startswith(LEFT_OUT))
                add_names_of_the_official_image(writer)
                add_pip(writer, root, pathlib.Path(scratch))
                made = finish()
    cache.remember(arguments.cache, name, made)
    return made


def add_names_of_the_official_image(writer: layer.LayerWriter) -> None:
    for name in ("python", "python3", "python3.11"):
        writer.link(f"usr/local/bin/{name}", "/usr/bin/python3.11")
    writer.link(SITE_PACKAGES, "dist-packages")


def add_pip(writer: layer.LayerWriter, root: tarfile.TarFile, scratch: pathlib.Path) -> None:
    """From Debian's wheel of it, so that the packages of an application can be installed with this Python."""
    (member,) = [name for name in root.getnames() if name.startswith("./usr/share/python-wheels/pip-")]
    unpacked = scratch / "pip"
    with zipfile.ZipFile(root.extractfile(member)) as wheel:
        wheel.extractall(unpacked)
    writer.tree(unpacked, PACKAGES_DIRECTORY)
    for name in ("pip", "pip3"):
        writer.text(f"usr/local/bin/{name}", PIP_SCRIPT, mode=0o755)


@contextlib.contextmanager
def interpreter(base: layer.Layer):
    """Yields (root, command): the base unpacked, and its Python as a command that runs outside of it.

    Started through the base's own dynamic loader it needs no chroot, so that this works without being root
    and with this machine's pip configuration, proxy and certificates.
    """
    with tempfile.TemporaryDirectory(prefix="neargate-image-") as scratch:
        root = pathlib.Path(scratch)
        progress.run(["tar", "-xzf", base.path, "-C", root, "--no-same-owner"])
        (libraries,) = root.glob("usr/lib/*-linux-gnu")
        loader = next(iter(sorted(root.glob("usr/lib*/ld-linux-*")) + sorted(libraries.glob("ld-linux-*"))))
        yield root, [loader, "--library-path", libraries, root / "usr/bin/python3.11"]
