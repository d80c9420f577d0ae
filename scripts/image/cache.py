"""Finished layers, kept between runs under a name that is made of all that they were made of.

Not in the repository. Deleting the directory costs only time; --rebuild passes it over once, which is how a
base gets Debian's newest security updates.
"""

import dataclasses
import hashlib
import json
import os
import pathlib

from image import layout
from image.layer import Layer

# A change to how images are made is a reason to make them anew.
RECIPE_FILES = sorted(pathlib.Path(__file__).parent.glob("*.py"))


def key(*parts) -> str:
    """A short name for these texts and files, this machine's architecture, and these recipes."""
    digest = hashlib.sha256(layout.architecture().encode())
    for part in [*parts, *RECIPE_FILES]:
        content = part.read_bytes() if isinstance(part, pathlib.Path) else part.encode()
        digest.update(f"{len(content)}:".encode() + content)
    return digest.hexdigest()[:16]


def find(cache: pathlib.Path, name: str) -> Layer | None:
    try:
        known = json.loads((cache / f"{name}.json").read_text())
    except (OSError, ValueError):
        return None
    layer = Layer(**known | {"path": cache / f"{name}.tar.gz"})
    return layer if layer.path.exists() and layer.path.stat().st_size == layer.size_bytes else None


def remember(cache: pathlib.Path, name: str, layer: Layer) -> None:
    known = dataclasses.asdict(layer)
    del known["path"]
    unfinished = cache / f"{name}.{os.getpid()}.unfinished"
    unfinished.write_text(json.dumps(known))
    os.replace(unfinished, cache / f"{name}.json")
