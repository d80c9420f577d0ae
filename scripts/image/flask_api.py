"""The image `flask-api`: examples/flask-api, from its Dockerfile or, without an engine, laid by hand on `python`.

What is laid by hand is what the Dockerfile says; the settings below are its ENV, CMD, USER and so on. A test
compares the two. HEALTHCHECK is not among them: the OCI format has none, and ECS does not look at it.
"""

import argparse
import os
import pathlib
import shutil
import tarfile

from image import cache, engine, layer, layout, progress, python

TAG = "realworld-flask-api:latest"
SOURCE = pathlib.Path(__file__).parent.parent.parent / "examples" / "flask-api"
RECIPE = [pathlib.Path(__file__), pathlib.Path(layer.__file__)]

USER_LINE = "app:x:1000:1000::/app:/bin/sh\n"
GROUP_LINE = "app:x:1000:\n"

SETTINGS = layout.Settings(
    env=python.ENV | {"PORT": "5000", "PYTHONUNBUFFERED": "1", "PYTHONDONTWRITEBYTECODE": "1"},
    cmd=["python", "app.py"],
    workdir="/app",
    user="1000:1000",
    ports=("5000/tcp",),
    volumes=("/tmp",),
)


def build(arguments: argparse.Namespace) -> str:
    found = engine.choose(arguments.engine, python.TAG)
    if found:
        try:
            return found.build(SOURCE, TAG, arguments.out)
        except progress.Failed as failure:
            if arguments.engine != "auto":
                raise
            progress.say(f"building from Debian's packages instead: {failure}")
    base = python.base_layer(arguments)
    return layout.write(arguments.out, TAG, [base, application_layer(arguments, base)], SETTINGS)


def application_layer(arguments: argparse.Namespace, base: layer.Layer) -> layer.Layer:
    sources = application_files()
    names = " ".join(str(path.relative_to(SOURCE)) for path in sources)
    name = "flask-api-" + cache.key(base.digest, names, *sources, *RECIPE)
    known = None if arguments.rebuild else cache.find(arguments.cache, name)
    if known:
        progress.say(f"the application's layer is in {arguments.cache}")
        return known
    with python.interpreter(base) as (root, interpreter):
        staged = root / "staged"
        packages = staged / python.PACKAGES_DIRECTORY
        environment = dict(os.environ, PYTHONHOME=str(root / "usr"), PYTHONHASHSEED="0", PYTHONDONTWRITEBYTECODE="1")
        progress.say("installing requirements.txt from PyPI")
        install(interpreter, packages, environment)
        copy_application(sources, staged / "app")
        progress.say("compiling")
        compile_all = ["-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash", "-s", staged, "-p", "/"]
        progress.run([*interpreter, *compile_all, packages, staged / "app"], env=environment)
        with layer.writing(arguments.cache / f"{name}.tar.gz", "scripts/build-image flask-api") as (writer, finish):
            writer.tree(staged)
            add_user(writer, base)
            made = finish()
    cache.remember(arguments.cache, name, made)
    return made


def application_files() -> list:
    modules = [path for path in (SOURCE / "conduit").rglob("*.py")]
    return sorted([SOURCE / "app.py", SOURCE / "requirements.txt", *modules])


def install(interpreter: list, target: pathlib.Path, environment: dict) -> None:
    pip = [*interpreter, "-m", "pip", "install", "--quiet", "--no-cache-dir", "--no-compile", "--only-binary=:all:"]
    quiet = ["--disable-pip-version-check", "--root-user-action=ignore"]
    progress.run([*pip, *quiet, "--target", target, "-r", SOURCE / "requirements.txt"], env=environment)
    # The scripts name the interpreter that installed them, which is gone in the image. `python -m` works.
    shutil.rmtree(target / "bin", ignore_errors=True)
    for record in target.glob("*.dist-info/RECORD"):
        lines = record.read_text().splitlines(keepends=True)
        record.write_text("".join(line for line in lines if not line.startswith("../../bin/")))


def copy_application(sources: list, target: pathlib.Path) -> None:
    for source in sources:
        copy = target / source.relative_to(SOURCE)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, copy)


def add_user(writer: layer.LayerWriter, base: layer.Layer) -> None:
    with tarfile.open(base.path) as root:
        passwd = root.extractfile("etc/passwd").read().decode()
        group = root.extractfile("etc/group").read().decode()
    writer.text("etc/passwd", passwd + USER_LINE)
    writer.text("etc/group", group + GROUP_LINE)
