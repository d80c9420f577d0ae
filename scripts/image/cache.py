"""Finished layers, kept between runs under a name that is made of all that they were made of.

Not in the repository. Deleting the directory costs only time; --rebuild passes it over once, which is how a
base gets Debian's newest security updates.
"""

import dataclasses
import hashlib
import json
import os
import pathlib
import time

from image import layout
from image.layer import Layer

UNUSED_AFTER_DAYS = 30


def key(*parts) -> str:
    """A short name for these texts and files, and this machine's architecture.

    The files are to include the recipe: a change to how a layer is made is a reason to make it anew.
    """
    digest = hashlib.sha256(layout.architecture().encode())
    for part in parts:
        content = part.read_bytes() if isinstance(part, pathlib.Path) else part.encode()
        digest.update(f"{len(content)}:".encode() + content)
    return digest.hexdigest()[:16]


def find(cache: pathlib.Path, name: str) -> Layer | None:
    try:
        known = json.loads((cache / f"{name}.json").read_text())
    except (OSError, ValueError):
        return None
    layer = Layer(**known | {"path": cache / f"{name}.tar.gz"})
    if not layer.path.exists() or layer.path.stat().st_size != layer.size_bytes:
        return None
    # Its time is when it was last of use: see `forget_unused`.
    os.utime(layer.path)
    return layer


def remember(cache: pathlib.Path, name: str, layer: Layer) -> None:
    known = dataclasses.asdict(layer)
    del known["path"]
    unfinished = cache / f"{name}.{os.getpid()}.unfinished"
    unfinished.write_text(json.dumps(known))
    os.replace(unfinished, cache / f"{name}.json")
    forget_unused(cache)


def forget_unused(cache: pathlib.Path) -> None:
    """Deletes layers that no build has asked for in a long time, and what an interrupted build left."""
    oldest_kept_s = time.time() - UNUSED_AFTER_DAYS * 86_400
    for path in [*cache.glob("*.tar.gz"), *cache.glob("*.unfinished")]:
        if path.stat().st_mtime < oldest_kept_s:
            path.unlink(missing_ok=True)
            (cache / path.name.replace(".tar.gz", ".json")).unlink(missing_ok=True)
