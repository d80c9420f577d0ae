"""Files from Debian's packages: single ones by apt-get download, a whole root file system by mmdebstrap.

Uses the machine's own apt configuration (mirrors, proxies, keys), so that an image can be built wherever
apt works. Nothing is installed on the machine except, as root, a tool that is missing.
"""

import os
import pathlib
import shutil
import tempfile

from image import progress


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
