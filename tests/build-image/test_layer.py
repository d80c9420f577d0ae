"""Layers, the layout around them, and the cache: no network, no root."""

import dataclasses
import gzip
import hashlib
import io
import json
import os
import tarfile

import pytest
from image import cache, layer, layout, progress

SETTINGS = layout.Settings(env={"A": "b"}, cmd=["run"], user="1000:1000", ports=("80/tcp",), volumes=("/tmp",))


def sha256(content: bytes) -> str:
    return "sha256:" + hashlib.sha256(content).hexdigest()


def small_layer(path) -> layer.Layer:
    with layer.writing(path, "a test") as (writer, finish):
        writer.directory("tmp", mode=0o1777)
        writer.text("etc/motd", "hello\n")
        writer.link("etc/issue", "motd")
        return finish()


def test_a_layer_is_named_by_its_content(tmp_path):
    made = small_layer(tmp_path / "layer.tar.gz")
    compressed = made.path.read_bytes()
    assert made.digest == sha256(compressed)
    assert made.diff_id == sha256(gzip.decompress(compressed))
    assert made.size_bytes == len(compressed)


def test_the_same_files_are_the_same_layer(tmp_path):
    trees = []
    for number in (1, 2):
        tree = tmp_path / str(number)
        for name in ["b", "a"] if number == 1 else ["a", "b"]:
            (tree / name).mkdir(parents=True)
            (tree / name / "file").write_text(name)
            os.utime(tree / name / "file", (number, number))
        with layer.writing(tmp_path / f"{number}.tar.gz", "a test") as (writer, finish):
            writer.tree(tree, "opt")
            trees.append(finish())
    assert trees[0].digest == trees[1].digest
    with tarfile.open(trees[0].path) as tar:
        assert tar.getnames() == ["opt/a", "opt/a/file", "opt/b", "opt/b/file"]


def test_members_keep_modes_owners_and_links(tmp_path):
    source = io.BytesIO()
    with tarfile.open(fileobj=source, mode="w") as tar:
        for name, mode, uid in (("./bin", 0o755, 0), ("./bin/su", 0o4755, 0), ("./home", 0o700, 1000)):
            member = tarfile.TarInfo(name)
            member.type = tarfile.REGTYPE if name == "./bin/su" else tarfile.DIRTYPE
            member.mode, member.uid = mode, uid
            tar.addfile(member)
        hard_link = tarfile.TarInfo("./bin/su2")
        hard_link.type, hard_link.linkname = tarfile.LNKTYPE, "./bin/su"
        tar.addfile(hard_link)
        tar.addfile(tarfile.TarInfo("./var/log/syslog"))
    source.seek(0)
    with tarfile.open(fileobj=source) as tar:
        with layer.writing(tmp_path / "layer.tar.gz", "a test") as (writer, finish):
            writer.existing(tar, skip=lambda name: name.startswith("var/log/"))
            made = finish()
    with tarfile.open(made.path) as tar:
        seen = [(member.name, oct(member.mode), member.uid, member.linkname) for member in tar]
    assert seen == [
        ("bin", "0o755", 0, ""),
        ("bin/su", "0o4755", 0, ""),
        ("home", "0o700", 1000, ""),
        ("bin/su2", "0o644", 0, "bin/su"),
    ]


def test_a_failure_leaves_no_layer_behind(tmp_path):
    with pytest.raises(FileNotFoundError):
        with layer.writing(tmp_path / "layer.tar.gz", "a test") as (writer, _finish):
            writer.file("bin/none", tmp_path / "none", 0o755)
    assert list(tmp_path.iterdir()) == []


def test_a_layout_holds_what_its_index_names(tmp_path):
    made = small_layer(tmp_path / "layer.tar.gz")
    out = tmp_path / "out"
    digest = layout.write(out, "name:tag", [made], SETTINGS)

    for blob in (out / "blobs" / "sha256").iterdir():
        assert sha256(blob.read_bytes()) == f"sha256:{blob.name}"
    (entry,) = json.loads((out / "index.json").read_text())["manifests"]
    assert entry["digest"] == digest
    assert entry["annotations"]["org.opencontainers.image.ref.name"] == "tag"
    manifest = json.loads((out / "blobs/sha256" / digest.removeprefix("sha256:")).read_text())
    config = json.loads((out / "blobs/sha256" / manifest["config"]["digest"].removeprefix("sha256:")).read_text())
    assert config["rootfs"]["diff_ids"] == [made.diff_id]
    assert config["config"] == {
        "Env": ["A=b"],
        "Cmd": ["run"],
        "WorkingDir": "/",
        "User": "1000:1000",
        "ExposedPorts": {"80/tcp": {}},
        "Volumes": {"/tmp": {}},
    }


def test_an_earlier_image_is_replaced_and_nothing_else(tmp_path):
    made = small_layer(tmp_path / "layer.tar.gz")
    layout.write(tmp_path / "out", "name:old", [made], SETTINGS)
    layout.write(tmp_path / "out", "name:new", [made], SETTINGS)
    assert '"new"' in (tmp_path / "out/index.json").read_text()

    (tmp_path / "precious").mkdir()
    (tmp_path / "precious/thesis.txt").touch()
    with pytest.raises(progress.Failed, match="is not an OCI layout"):
        layout.check_replaceable(tmp_path / "precious")


def test_the_archive_is_the_same_for_the_same_layout(tmp_path):
    made = small_layer(tmp_path / "layer.tar.gz")
    for name in ("one", "two"):
        layout.write(tmp_path / name, "name:tag", [made], SETTINGS)
        layout.archive(tmp_path / name, tmp_path / f"{name}.tar")
    assert (tmp_path / "one.tar").read_bytes() == (tmp_path / "two.tar").read_bytes()


def test_the_cache_gives_back_what_is_whole(tmp_path):
    made = small_layer(tmp_path / "base.tar.gz")
    assert cache.find(tmp_path, "base") is None
    cache.remember(tmp_path, "base", made)
    assert cache.find(tmp_path, "base") == dataclasses.replace(made, path=tmp_path / "base.tar.gz")
    with open(made.path, "ab") as file:
        file.write(b"more")
    assert cache.find(tmp_path, "base") is None


def test_what_no_build_asks_for_is_forgotten(tmp_path):
    for name in ("old", "asked", "new"):
        made = small_layer(tmp_path / f"{name}.tar.gz")
        cache.remember(tmp_path, name, made)
        if name != "new":
            os.utime(made.path, (0, 0))
            cache.find(tmp_path, "asked")
    cache.forget_unused(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "asked.json",
        "asked.tar.gz",
        "new.json",
        "new.tar.gz",
    ]


def test_a_key_changes_with_each_of_its_parts(tmp_path):
    file = tmp_path / "file"
    file.write_text("one")
    keys = {cache.key("a", "bc"), cache.key("ab", "c"), cache.key("a", file)}
    file.write_text("two")
    assert len(keys | {cache.key("a", file)}) == 4
