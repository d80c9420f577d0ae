"""Files from Debian's packages: single ones by apt-get download, a whole root file system by mmdebstrap.

Uses the machine's own apt configuration (mirrors, proxies, keys), so that an image can be built wherever
apt works. Nothing is installed on the machine except, as root, a tool that is missing.
"""

import os
import pathlib
import shutil
import tempfile

from image import progress
from image.layer import EPOCH


def require_tool(program: str, package: str) -> None:
    """Installs a missing tool with apt when this is root, and says what to type when it is not."""
    if shutil.which(program):
        return
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise progress.Failed(f"{program} is missing: install Debian's package {package}")
    progress.say(f"installing {package} with apt")
    environment = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    install = ["apt-get", "install", "-y", "-q", "--no-install-recommends", package]
    if not progress.succeeds(["apt-cache", "show", package], 60):
        progress.run(["apt-get", "update", "-q"], env=environment)
    progress.run(install, env=environment)


def unpack_package(package: str, into: pathlib.Path) -> None:
    """Downloads one package, checked by apt, and unpacks it without running any of its scripts."""
    require_tool("dpkg-deb", "dpkg")
    with tempfile.TemporaryDirectory(prefix="neargate-image-") as scratch:
        # apt drops its privileges to _apt while it downloads: it must be able to write here.
        os.chmod(scratch, 0o777)
        try:
            progress.run(["apt-get", "download", "-q", package], cwd=scratch)
        except progress.Failed:
            if os.geteuid() != 0:
                raise
            progress.run(["apt-get", "update", "-q"])
            progress.run(["apt-get", "download", "-q", package], cwd=scratch)
        (archive,) = pathlib.Path(scratch).glob("*.deb")
        into.mkdir(parents=True, exist_ok=True)
        progress.run(["dpkg-deb", "-x", archive, into])


def root_file_system(tar: pathlib.Path, suite: str, packages: list, mirror: str, hooks: list) -> None:
    """A Debian root file system as a tar file: what is essential, the packages, and no manuals.

    Each hook is a shell line, run at the end, whose $1 is the file system's directory.
    """
    require_tool("mmdebstrap", "mmdebstrap")
    merged_usr = pathlib.Path("/usr/share/mmdebstrap/hooks/merged-usr")
    leave_out = ["man/*", "info/*", "locale/*", "doc/*", "lintian/*", "bash-completion/*"]
    command = [
        "mmdebstrap",
        "--variant=essential",
        "--format=tar",
        # With its symlinks made beforehand, the file system needs no usrmerge, which brings all of Perl.
        f"--hook-dir={merged_usr}",
        f"--include={','.join(['usr-is-merged', *packages])}",
        "--aptopt=APT::Install-Recommends false",
        '--aptopt=Acquire::Languages "none"',
        *(f"--dpkgopt=path-exclude=/usr/share/{pattern}" for pattern in leave_out),
        # Debian's packages are given on under their licences.
        "--dpkgopt=path-include=/usr/share/doc/*/copyright",
        *(f"--customize-hook={hook}" for hook in hooks),
        suite,
        tar,
        mirror,
    ]
    environment = dict(os.environ, SOURCE_DATE_EPOCH=str(EPOCH))
    progress.run(command, env=environment)
