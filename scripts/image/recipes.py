"""The images that there are, by name, and the order of their steps."""

import argparse
import pathlib

from image import busybox, flask_api, layout, progress, python

RECIPES = {
    "busybox": busybox.build,
    "flask-api": flask_api.build,
    "python": python.build,
}


def build(arguments: argparse.Namespace) -> None:
    """Builds what the command line asks for and prints the manifest's digest on standard output."""
    layout.check_replaceable(arguments.out)
    digest = RECIPES[arguments.name](arguments)
    size_bytes = sum(path.stat().st_size for path in pathlib.Path(arguments.out).rglob("*") if path.is_file())
    progress.say(f"{arguments.name} is ready in {arguments.out} ({size_bytes / 1e6:.1f} MB)")
    if arguments.archive:
        layout.archive(arguments.out, arguments.archive)
        progress.say(f"{arguments.archive} holds the same as one file")
    print(digest)
