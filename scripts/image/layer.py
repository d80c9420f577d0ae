"""An image layer: a gzip-compressed tar file whose bytes depend only on the files' content.

Owners are numeric, times are EPOCH, members are sorted, and the gzip header carries no name or time, so
that the same files give the same digest on every machine with the same zlib.
"""

import contextlib
import copy
import dataclasses
import gzip
import hashlib
import io
import os
import pathlib
import tarfile

# The time on every file that has no better one. Not 0: zip and some tools refuse times before 1980.
EPOCH = 1_700_000_000


@dataclasses.dataclass(frozen=True)
class Layer:
    """A finished layer file and the two digests that an image's manifest and config name it by."""

    path: pathlib.Path
    digest: str
    diff_id: str
    size_bytes: int
    created_by: str


class HashingWriter(io.RawIOBase):
    """Passes bytes on to a file and digests them on the way."""

    def __init__(self, sink):
        self.sink = sink
        self.sha256 = hashlib.sha256()

    def writable(self):
        return True

    def write(self, data):
        self.sha256.update(data)
        self.sink.write(data)
        return len(data)

    def digest(self) -> str:
        return "sha256:" + self.sha256.hexdigest()


class LayerWriter:
    """Collects members for one layer. Use it through `writing`."""

    def __init__(self, tar: tarfile.TarFile):
        self.tar = tar

    def directory(self, name: str, mode: int = 0o755, owner: int = 0) -> None:
        self._add(name, tarfile.DIRTYPE, mode, owner)

    def link(self, name: str, target: str) -> None:
        self._add(name, tarfile.SYMTYPE, 0o777, 0, target=target)

    def text(self, name: str, content: str, mode: int = 0o644) -> None:
        self._add(name, tarfile.REGTYPE, mode, 0, content=content.encode())

    def file(self, name: str, source: pathlib.Path, mode: int) -> None:
        self._add(name, tarfile.REGTYPE, mode, 0, content=source.read_bytes())

    def tree(self, root: pathlib.Path, inside: str = "") -> None:
        """Adds all that is under root, as root's own, keeping only whether a file may be executed."""
        prefix = pathlib.PurePosixPath(inside)
        for directory, subdirectories, files in os.walk(root):
            subdirectories.sort()
            here = pathlib.Path(directory)
            if here != root:
                self.directory(str(prefix / here.relative_to(root)))
            for name in sorted(files):
                path = here / name
                member = str(prefix / path.relative_to(root))
                if path.is_symlink():
                    self.link(member, os.readlink(path))
                else:
                    self.file(member, path, 0o755 if path.stat().st_mode & 0o100 else 0o644)

    def existing(self, source: tarfile.TarFile, skip=lambda name: False) -> None:
        """Copies the members of another tar file in its order, keeping modes, owners and links."""
        for member in map(copy.copy, source):
            member.name = member.name.removeprefix("./").rstrip("/")
            if member.name in ("", ".") or skip(member.name):
                continue
            if member.islnk():
                member.linkname = member.linkname.removeprefix("./")
            member.uname = member.gname = ""
            member.mtime = min(int(member.mtime), EPOCH)
            member.pax_headers = {}
            self.tar.addfile(member, source.extractfile(member) if member.isreg() else None)

    def _add(self, name, kind, mode, owner, target="", content=b""):
        member = tarfile.TarInfo(name)
        member.type = kind
        member.mode = mode
        member.uid = member.gid = owner
        member.mtime = EPOCH
        member.linkname = target
        member.size = len(content)
        self.tar.addfile(member, io.BytesIO(content))


@contextlib.contextmanager
def writing(path: pathlib.Path, created_by: str):
    """Yields (writer, finish). Call finish() inside the block, after the last member, for the Layer.

    The file appears under its name when it is finished; without finish() nothing is left behind.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.{os.getpid()}.unfinished")
    with contextlib.ExitStack() as stack:
        stack.callback(unfinished.unlink, missing_ok=True)
        file = stack.enter_context(open(unfinished, "wb"))
        compressed = HashingWriter(file)
        gzipped = gzip.GzipFile(filename="", mode="wb", compresslevel=6, fileobj=compressed, mtime=0)
        stack.callback(gzipped.close)
        plain = HashingWriter(gzipped)
        tar = tarfile.open(fileobj=plain, mode="w|", format=tarfile.PAX_FORMAT, bufsize=1 << 20)
        stack.callback(tar.close)

        def finish() -> Layer:
            tar.close()
            gzipped.close()
            file.close()
            os.replace(unfinished, path)
            return Layer(path, compressed.digest(), plain.digest(), path.stat().st_size, created_by)

        yield LayerWriter(tar), finish
