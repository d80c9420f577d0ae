"""HTTPS listeners: imported certificates, SNI, policies, HTTP/2, and gRPC's and HTTP/2's target groups."""

import socket
import ssl
import subprocess

import botocore.exceptions
import pytest

from conftest import wait_for
from vpc import Vpc, fixed, forward


class World:
    """A load balancer with one echoing target, and two certificates."""

    def __init__(self, neargate, directory):
        self.vpc = Vpc(neargate, "10.19")
        public = self.vpc.group("public", *[(port, "anyone") for port in (80, 443, 444, 445)])
        host = self.vpc.host(self.vpc.group("private", (8080, public)))
        host.serve(8080, "a")
        self.group = self.vpc.target_group("one")
        self.vpc.register(self.group, host)
        self.balancer = self.vpc.balancer("secure", public)
        self.acm = neargate.client("acm")
        self.directory = directory
        self.first, self.second = (self.certificate(name) for name in ("one.example.com", "*.two.example.com"))
        self.listener = self.balancer.listen(
            443,
            forward(self.group),
            protocol="HTTPS",
            SslPolicy="ELBSecurityPolicy-TLS13-1-2-2021-06",
            Certificates=[{"CertificateArn": self.first}],
        )
        self.vpc.elb.add_listener_certificates(
            ListenerArn=self.listener, Certificates=[{"CertificateArn": self.second}]
        )
        self.vpc.wait_for_states(self.group, "healthy")

    def certificate(self, name):
        key, pem = self.directory / "key.pem", self.directory / f"{name.replace('*', 'any')}.pem"
        subprocess.run(
            [
                *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-keyout", key),
                *("-out", pem, "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}"),
            ],
            check=True,
            capture_output=True,
        )
        arguments = {"Certificate": pem.read_bytes(), "PrivateKey": key.read_bytes()}
        return self.acm.import_certificate(**arguments)["CertificateArn"]

    def curl(self, *arguments, host="one.example.com", port=443):
        done = subprocess.run(
            [
                *("curl", "-sk", "--resolve", f"{host}:{port}:{self.balancer.address}"),
                *(*arguments, f"https://{host}:{port}/"),
            ],
            capture_output=True,
            text=True,
            timeout=20,
        )
        return done.stdout

    def subject(self, name, port=443):
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        with socket.create_connection((self.balancer.address, port), timeout=5) as plain:
            with context.wrap_socket(plain, server_hostname=name) as secured:
                pem = ssl.DER_cert_to_PEM_cert(secured.getpeercert(binary_form=True))
        shown = subprocess.run(["openssl", "x509", "-noout", "-subject"], input=pem, capture_output=True, text=True)
        return shown.stdout.split("CN = ")[1].strip()

    def handshake(self, version, port=443):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.minimum_version = context.maximum_version = version
        try:
            with socket.create_connection((self.balancer.address, port), timeout=5) as plain:
                with context.wrap_socket(plain, server_hostname="one.example.com") as secured:
                    return secured.version()
        except (ssl.SSLError, ConnectionError):
            return None


@pytest.fixture(scope="module")
def world(neargate, tmp_path_factory):
    world = World(neargate, tmp_path_factory.mktemp("certificates"))
    yield world
    world.vpc.end()


def test_http2_and_http1_reach_the_target(world):
    for option, version in (("--http2", "2"), ("--http1.1", "1.1")):
        answer = world.curl(option, "-w", " %{http_version}")
        body, spoken = answer.rsplit(" ", 1)
        assert spoken == version
        assert '"X-Forwarded-Proto", "https"' in body.replace("x-forwarded-proto", "X-Forwarded-Proto"), body
        assert "one.example.com" in body, "the Host header is the :authority of HTTP/2"


def test_sni_chooses_the_certificate_and_the_default_serves_the_rest(world):
    wait_for("the second certificate", lambda: world.subject("a.two.example.com") == "*.two.example.com", seconds=3)
    assert world.subject("one.example.com") == "one.example.com"
    assert world.subject("unknown.example.org") == "one.example.com"


def test_a_policy_decides_the_versions(world):
    assert world.handshake(ssl.TLSVersion.TLSv1_2) == "TLSv1.2"
    assert world.handshake(ssl.TLSVersion.TLSv1_3) == "TLSv1.3"
    world.vpc.elb.modify_listener(ListenerArn=world.listener, SslPolicy="ELBSecurityPolicy-TLS13-1-3-2021-06")
    wait_for("TLS 1.2 to be refused", lambda: not world.handshake(ssl.TLSVersion.TLSv1_2), seconds=3)
    assert world.handshake(ssl.TLSVersion.TLSv1_3) == "TLSv1.3"
    world.vpc.elb.modify_listener(ListenerArn=world.listener, SslPolicy="ELBSecurityPolicy-TLS13-1-2-2021-06")


def test_http_redirects_to_https(world):
    redirect = {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"}
    world.balancer.listen(80, {"Type": "redirect", "RedirectConfig": redirect})
    answer = world.balancer.get("/a?b", headers={"Host": "one.example.com"})
    assert answer.headers["Location"] == "https://one.example.com:443/a?b"


def test_http2_needs_a_target_group_that_speaks_it(world):
    """A gRPC group takes nothing but HTTP/2: 464."""
    grpc = world.vpc.target_group("grpc", ProtocolVersion="GRPC", HealthCheckPath="/AWS.ALB/healthcheck")
    world.balancer.listen(
        444, forward(grpc), protocol="HTTPS", Certificates=[{"CertificateArn": world.first}]
    )
    assert world.curl("--http1.1", "-o", "/dev/null", "-w", "%{http_code}", port=444) == "464"
    with pytest.raises(botocore.exceptions.ClientError):
        world.balancer.listen(81, forward(grpc))


def test_plain_http_at_an_https_port_is_400(world):
    answer = world.balancer.get(port=443)
    assert answer.status_code == 400


def test_a_certificate_in_use_stays(world):
    with pytest.raises(world.acm.exceptions.ResourceInUseException):
        world.acm.delete_certificate(CertificateArn=world.first)
    described = world.acm.describe_certificate(CertificateArn=world.first)["Certificate"]
    assert described["InUseBy"] == [world.balancer.arn]


def test_what_is_refused_of_listeners(world):
    elb = world.vpc.elb
    with pytest.raises(elb.exceptions.CertificateNotFoundException):
        world.balancer.listen(
            445, fixed(200), protocol="HTTPS", Certificates=[{"CertificateArn": f"{world.first[:-4]}0000"}]
        )
    with pytest.raises(elb.exceptions.SSLPolicyNotFoundException):
        world.balancer.listen(
            445, fixed(200), protocol="HTTPS", SslPolicy="none", Certificates=[{"CertificateArn": world.first}]
        )
    with pytest.raises(botocore.exceptions.ClientError, match="ertificate"):
        world.balancer.listen(445, fixed(200), protocol="HTTPS")
