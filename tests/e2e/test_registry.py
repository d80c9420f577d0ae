"""ECR with the clients that push and pull: skopeo and curl always, docker, podman and buildah where they are."""

import base64
import hashlib
import json
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import botocore.exceptions
import pytest
import requests

from conftest import image, wait_for

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"


class Registry:
    """The registry's own API, as curl would speak it."""

    def __init__(self, neargate):
        self.neargate = neargate
        self.ecr = neargate.client("ecr")
        self.password = neargate.aws("ecr", "get-login-password")
        self.host = f"127.0.0.1:{neargate.port}"

    def call(self, method, path, **more):
        more.setdefault("auth", ("AWS", self.password))
        return requests.request(method, f"http://{self.host}/v2/{path}", timeout=20, **more)

    def create(self, name, **more):
        return self.ecr.create_repository(repositoryName=name, **more)["repository"]["repositoryUri"]

    def push_blob(self, repository, data):
        """A monolithic upload."""
        start = self.call("POST", f"{repository}/blobs/uploads/")
        assert start.status_code == 202, start.text
        done = requests.put(
            absolute(self, start.headers["Location"]),
            params={"digest": digest(data)},
            data=data,
            auth=("AWS", self.password),
            timeout=20,
        )
        assert done.status_code == 201, done.text
        return descriptor(data)

    def manifest(self, repository, text=b"{}"):
        """Pushes what a small image needs, and gives its manifest's bytes."""
        config, layer = self.push_blob(repository, text), self.push_blob(repository, b"layer of " + text)
        config["mediaType"] = "application/vnd.oci.image.config.v1+json"
        layer["mediaType"] = "application/vnd.oci.image.layer.v1.tar"
        manifest = {"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": [layer]}
        return json.dumps(manifest).encode()

    def put(self, repository, reference, manifest, kind=MANIFEST):
        return self.call("PUT", f"{repository}/manifests/{reference}", data=manifest, headers={"Content-Type": kind})


def absolute(registry, location):
    return location if location.startswith("http") else f"http://{registry.host}{location}"


def digest(data):
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def descriptor(data):
    return {"digest": digest(data), "size": len(data)}


def code(answer):
    return answer.json()["errors"][0]["code"]


def refused(call, **arguments):
    with pytest.raises(botocore.exceptions.ClientError) as error:
        call(**arguments)
    return error.value.response["Error"]["Code"]


@pytest.fixture(scope="module")
def registry(neargate):
    return Registry(neargate)


def test_without_the_token_nothing_is_told(registry):
    registry.create("closed")
    answer = registry.call("GET", "", auth=None)
    assert answer.status_code == 401
    assert answer.headers["Www-Authenticate"].startswith("Basic realm=")
    assert answer.headers["Docker-Distribution-Api-Version"] == "registry/2.0"
    # As on AWS, a token that is none is refused for good: no client asks for it twice.
    for password in ("wrong", base64.b64encode(b"forged").decode()):
        answer = registry.call("GET", "", auth=("AWS", password))
        assert (answer.status_code, code(answer)) == (403, "DENIED")
    assert registry.call("GET", "closed/tags/list", auth=None).status_code == 401
    assert registry.call("GET", "").status_code == 200


def test_the_token_holds_twelve_hours(registry):
    data = registry.ecr.get_authorization_token()["authorizationData"][0]
    left = data["expiresAt"].timestamp() - time.time()
    assert 11.9 * 3600 < left <= 12 * 3600 + 1
    assert base64.b64decode(data["authorizationToken"]).startswith(b"AWS:")


def test_a_repository_that_is_not_there(registry):
    answer = registry.call("POST", "no/such/blobs/uploads/")
    assert (answer.status_code, code(answer)) == (404, "NAME_UNKNOWN")
    answer = registry.call("GET", "no/such/manifests/latest")
    assert (answer.status_code, code(answer)) == (404, "NAME_UNKNOWN")


def test_a_chunked_upload_can_be_asked_and_goes_on(registry):
    registry.create("chunks")
    data = os.urandom(3000)
    start = registry.call("POST", "chunks/blobs/uploads/")
    location = absolute(registry, start.headers["Location"])
    for begin in (0, 1000, 2000):
        part = data[begin : begin + 1000]
        headers = {"Content-Range": f"{begin}-{begin + 999}", "Content-Type": "application/octet-stream"}
        sent = requests.patch(location, data=part, headers=headers, auth=("AWS", registry.password), timeout=20)
        assert sent.status_code == 202, sent.text
        assert sent.headers["Range"] == f"0-{begin + 999}"
        location = absolute(registry, sent.headers["Location"])
    out_of_order = requests.patch(
        location, data=b"x", headers={"Content-Range": "9-9"}, auth=("AWS", registry.password), timeout=20
    )
    assert out_of_order.status_code == 416
    wrong = requests.put(location, params={"digest": digest(b"")}, auth=("AWS", registry.password), timeout=20)
    assert (wrong.status_code, code(wrong)) == (400, "DIGEST_INVALID")


def test_a_manifest_needs_its_blobs(registry):
    registry.create("incomplete")
    absent = {**descriptor(b"absent"), "mediaType": "application/vnd.oci.image.config.v1+json"}
    manifest = json.dumps({"schemaVersion": 2, "mediaType": MANIFEST, "config": absent, "layers": []}).encode()
    answer = registry.put("incomplete", "latest", manifest)
    assert answer.status_code in (400, 404)
    assert code(answer) in ("BLOB_UNKNOWN", "MANIFEST_BLOB_UNKNOWN"), answer.text
    assert registry.put("incomplete", "latest", b"{").status_code == 400


def test_tags_digests_and_ranges(registry):
    registry.create("plain")
    manifest = registry.manifest("plain")
    put = registry.put("plain", "one", manifest)
    assert (put.status_code, put.headers["Docker-Content-Digest"]) == (201, digest(manifest))
    for reference in ("one", digest(manifest)):
        got = registry.call("GET", f"plain/manifests/{reference}", headers={"Accept": MANIFEST})
        assert got.content == manifest and got.headers["Content-Type"] == MANIFEST
        head = registry.call("HEAD", f"plain/manifests/{reference}", headers={"Accept": MANIFEST})
        assert int(head.headers["Content-Length"]) == len(manifest)
    assert code(registry.call("GET", "plain/manifests/two")) == "MANIFEST_UNKNOWN"
    assert registry.call("GET", "plain/tags/list").json() == {"name": "plain", "tags": ["one"]}
    blob = json.loads(manifest)["layers"][0]["digest"]
    part = registry.call("GET", f"plain/blobs/{blob}", headers={"Range": "bytes=0-4"})
    assert (part.status_code, part.content) in ((206, b"layer"), (200, b"layer of {}"))
    assert registry.put("plain", digest(b"another"), manifest).status_code == 400


def test_an_immutable_tag_stays(registry):
    registry.create("immutable", imageTagMutability="IMMUTABLE")
    first, second = registry.manifest("immutable", b'{"a":1}'), registry.manifest("immutable", b'{"a":2}')
    assert registry.put("immutable", "v1", first).status_code == 201
    again = registry.put("immutable", "v1", second)
    assert (again.status_code, code(again)) == (400, "TAG_INVALID")
    assert "immutable" in again.json()["errors"][0]["message"]
    put = {"repositoryName": "immutable", "imageManifest": second.decode(), "imageTag": "v1"}
    assert refused(registry.ecr.put_image, **put) == "ImageTagAlreadyExistsException"
    put["imageManifest"] = first.decode()
    assert refused(registry.ecr.put_image, **put) == "ImageAlreadyExistsException"


def test_an_index_of_two_architectures(registry):
    registry.create("multi")
    images = [registry.manifest("multi", json.dumps({"architecture": a}).encode()) for a in ("amd64", "arm64")]
    entries = []
    for architecture, manifest in zip(("amd64", "arm64"), images):
        assert registry.put("multi", digest(manifest), manifest).status_code == 201
        platform = {"architecture": architecture, "os": "linux"}
        entries.append({**descriptor(manifest), "mediaType": MANIFEST, "platform": platform})
    index = json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": entries}).encode()
    assert registry.put("multi", "latest", index, INDEX).status_code == 201
    [shown] = registry.ecr.describe_images(repositoryName="multi", imageIds=[{"imageTag": "latest"}])["imageDetails"]
    assert (shown["imageDigest"], shown["imageManifestMediaType"]) == (digest(index), INDEX)
    got = registry.ecr.batch_get_image(repositoryName="multi", imageIds=[{"imageTag": "latest"}, {"imageTag": "no"}])
    assert got["images"][0]["imageManifest"].encode() == index
    assert got["failures"][0]["failureCode"] == "ImageNotFound"
    deleted = registry.ecr.batch_delete_image(
        repositoryName="multi", imageIds=[{"imageDigest": digest(images[0])}]
    )
    assert deleted["failures"][0]["failureCode"] == "ImageReferencedByManifestList"


def test_layers_and_images_by_the_api_alone(registry):
    """As `aws ecr` does it without any registry client."""
    name, data = "by-api", os.urandom(100)
    registry.create(name)
    ecr = registry.ecr
    available = ecr.batch_check_layer_availability(repositoryName=name, layerDigests=[digest(data)])
    assert available["layers"][0]["layerAvailability"] == "UNAVAILABLE"
    upload = ecr.initiate_layer_upload(repositoryName=name)["uploadId"]
    sent = ecr.upload_layer_part(
        repositoryName=name, uploadId=upload, partFirstByte=0, partLastByte=99, layerPartBlob=data
    )
    assert sent["lastByteReceived"] == 99
    complete = {"repositoryName": name, "uploadId": upload}
    assert refused(ecr.complete_layer_upload, **complete, layerDigests=[digest(b"x")]) == "InvalidLayerException"
    upload = ecr.initiate_layer_upload(repositoryName=name)["uploadId"]
    ecr.upload_layer_part(repositoryName=name, uploadId=upload, partFirstByte=0, partLastByte=99, layerPartBlob=data)
    ecr.complete_layer_upload(repositoryName=name, uploadId=upload, layerDigests=[digest(data)])
    assert refused(ecr.initiate_layer_upload, repositoryName="none") == "RepositoryNotFoundException"
    url = ecr.get_download_url_for_layer(repositoryName=name, layerDigest=digest(data))["downloadUrl"]
    assert requests.get(url, timeout=5).content == data


def test_a_repository_with_images_is_deleted_by_force_only(registry):
    registry.create("full")
    registry.put("full", "latest", registry.manifest("full"))
    assert refused(registry.ecr.delete_repository, repositoryName="full") == "RepositoryNotEmptyException"
    registry.ecr.delete_repository(repositoryName="full", force=True)
    assert refused(registry.ecr.list_images, repositoryName="full") == "RepositoryNotFoundException"


def test_listing_goes_by_pages_and_filters(registry):
    registry.create("pages")
    for number in range(5):
        registry.put("pages", f"v{number}", registry.manifest("pages", b"%d" % number))
    registry.put("pages", digest(b"m"), b"{}")
    pages = registry.ecr.get_paginator("list_images").paginate(
        repositoryName="pages", filter={"tagStatus": "TAGGED"}, PaginationConfig={"PageSize": 2}
    )
    listed = [page["imageIds"] for page in pages]
    assert [len(page) for page in listed] == [2, 2, 1]
    assert sorted(i["imageTag"] for page in listed for i in page) == [f"v{n}" for n in range(5)]


def test_a_scan_on_push_is_made_or_told(registry):
    url = registry.create("scanned", imageScanningConfiguration={"scanOnPush": True})
    registry.put("scanned", "latest", registry.manifest("scanned"))
    asked = {"repositoryName": "scanned", "imageId": {"imageTag": "latest"}}
    try:
        registry.ecr.describe_image_scan_findings(**asked)
    except botocore.exceptions.ClientError as error:
        assert error.response["Error"]["Code"] == "ScanNotFoundException"
        told = registry.neargate.page("inert")
        assert any("scanned" in json.dumps(entry) for entry in told["inert"]), told
    assert url.endswith("/scanned")


def test_skopeo_pulls_what_it_pushed(registry, tmp_path):
    url = registry.create("skopeo")
    registry.neargate.push(image("busybox"), url)
    creds = f"--src-creds=AWS:{registry.password}"
    source = ["skopeo", "copy", "--quiet", "--src-tls-verify=false", creds, f"docker://{url}:latest"]
    subprocess.run([*source, f"oci:{tmp_path}/back:latest"], check=True, capture_output=True, timeout=60)
    original = {path.name for path in (image("busybox") / "blobs/sha256").iterdir()}
    assert {path.name for path in (tmp_path / "back/blobs/sha256").iterdir()} <= original


def test_what_is_pushed_is_unpacked_before_any_task_asks(registry):
    registry.neargate.push(image("busybox"), registry.create("ahead"))
    blobs = image("busybox") / "blobs/sha256"
    (manifest,) = json.loads((image("busybox") / "index.json").read_text())["manifests"]
    config = json.loads((blobs / manifest["digest"].split(":")[1]).read_text())["config"]
    (layer,) = json.loads((blobs / config["digest"].split(":")[1]).read_text())["rootfs"]["diff_ids"]
    unpacked = registry.neargate.data / "layers" / layer.split(":")[1][:32] / "fs"
    wait_for("the layer", lambda: (unpacked / "bin/busybox").exists())


@pytest.fixture(scope="module")
def docker(tmp_path_factory):
    """A docker command with an engine: the machine's, or one that is started for this test."""
    if not shutil.which("docker"):
        pytest.skip("no docker client on this machine")
    home = tmp_path_factory.mktemp("docker")
    environment = {**os.environ, "DOCKER_CONFIG": str(home / "config")}
    engine = None

    def run(*arguments, **more):
        done = subprocess.run(
            ["docker", *arguments], env=environment, capture_output=True, text=True, timeout=120, **more
        )
        assert done.returncode == 0, f"docker {' '.join(arguments)}: {done.stderr}\n{log(home)}"
        return done.stdout

    def answers():
        return subprocess.run(["docker", "version"], env=environment, capture_output=True).returncode == 0

    if not answers():
        if not shutil.which("dockerd") or os.geteuid() != 0:
            pytest.skip("no docker engine runs here, and none can be started")
        # The socket's path is short whatever pytest's directory is: the kernel allows 107 bytes.
        socket = f"/tmp/neargate-docker-{os.getpid()}.sock"
        environment["DOCKER_HOST"] = f"unix://{socket}"
        engine = subprocess.Popen(
            [
                *("dockerd", "--iptables=false", "--bridge=none", "--storage-driver=vfs", "-H", f"unix://{socket}"),
                *("--data-root", home / "data", "--exec-root", home / "exec", "--pidfile", home / "pid"),
            ],
            stdout=open(home / "log", "w"),
            stderr=subprocess.STDOUT,
        )
        try:
            wait_for("the docker engine", lambda: answers() or engine.poll() is not None, seconds=30)
        except AssertionError:
            engine.kill()
        if engine.poll() is not None:
            pytest.skip(f"the docker engine does not start here: {log(home)}")
    yield run
    if engine:
        engine.terminate()
        engine.wait(timeout=30)
        os.path.exists(socket) and os.unlink(socket)


def log(home):
    path = home / "log"
    return path.read_text()[-1000:] if path.exists() else ""


def test_docker_logs_in_pushes_and_pulls(registry, docker, tmp_path):
    url = registry.create("by-docker")
    login = docker(
        "login", "--username", "AWS", "--password-stdin", registry.host, input=registry.password
    )
    assert "Login Succeeded" in login
    archive = tmp_path / "busybox.tar"
    subprocess.run(["tar", "-C", "/", "-cf", archive, "bin/busybox"], check=True)
    docker("import", str(archive), f"{url}:v1")
    docker("push", f"{url}:v1")
    [shown] = registry.ecr.describe_images(repositoryName="by-docker")["imageDetails"]
    docker("rmi", f"{url}:v1")
    assert shown["imageDigest"] in docker("pull", f"{url}:v1")
    docker("rmi", f"{url}:v1")
    docker("logout", registry.host)


@pytest.fixture
def short_path():
    """A directory whose name is short: podman allows 50 bytes for its state's."""
    directory = tempfile.mkdtemp(prefix="neargate-", dir="/tmp")
    yield Path(directory)
    shutil.rmtree(directory, ignore_errors=True)


@pytest.mark.parametrize("client", ["podman", "buildah"])
def test_podman_and_buildah_push_and_pull(registry, client, short_path):
    if not shutil.which(client):
        pytest.skip(f"no {client} on this machine")
    url = registry.create(f"by-{client}")
    registry.neargate.push(image("busybox"), url)
    storage = [client, "--root", short_path / "root", "--runroot", short_path / "run", "--storage-driver", "vfs"]
    trusted = ["--tls-verify=false", f"--creds=AWS:{registry.password}"]
    for arguments in (["pull", *trusted, f"{url}:latest"], ["push", *trusted, f"{url}:latest", f"docker://{url}:again"]):
        done = subprocess.run([*storage, *arguments], capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr
    tags = {i["imageTag"] for i in registry.ecr.list_images(repositoryName=f"by-{client}")["imageIds"]}
    assert tags == {"latest", "again"}
