"""Prometheus for comparison, out of Debian's package, which is unpacked and not installed."""

import http.server
import shutil
import subprocess
import threading
from pathlib import Path

import conftest
import requests
from table import ROOT

HOME = ROOT / "target/prometheus"

CONFIGURATION = """
global: { scrape_interval: 1s }
scrape_configs:
  - job_name: bench
    static_configs: [{ targets: ["127.0.0.1:%d"] }]
"""


def install():
    """Unpacks it, once. Gives why it could not be; None when it is there."""
    if (HOME / "usr/bin/prometheus").exists():
        return None
    shutil.rmtree(HOME, ignore_errors=True)
    HOME.mkdir(parents=True)
    done = subprocess.run(["apt-get", "download", "-qq", "prometheus"], cwd=HOME, capture_output=True, text=True)
    package = next(HOME.glob("prometheus_*.deb"), None)
    if package is None:
        return (done.stderr or "apt-get has no such package").strip().splitlines()[-1]
    subprocess.run(["dpkg", "-x", package, HOME], check=True)
    package.unlink()
    return None


def version():
    done = subprocess.run([HOME / "usr/bin/prometheus", "--version"], capture_output=True, text=True, check=True)
    return done.stdout.split()[2].partition("+")[0]


class Exporter:
    """Serves `pages`, one after the other, to whoever scrapes."""

    def __init__(self, pages):
        turn = iter(range(10**9))

        class Page(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                page = pages[next(turn) % len(pages)]
                self.send_response(200)
                self.send_header("Content-Type", "text/plain; version=0.0.4")
                self.send_header("Content-Length", str(len(page)))
                self.end_headers()
                self.wfile.write(page)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def port(self):
        return self.server.server_address[1]

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


class Prometheus:
    """One that scrapes the port each second, with the samples of `history`, in OpenMetrics' text."""

    def __init__(self, directory, scraped, history=None):
        self.data = Path(directory) / "prometheus"
        self.data.mkdir()
        if history:
            promtool = [HOME / "usr/bin/promtool", "tsdb", "create-blocks-from", "openmetrics", history, self.data]
            subprocess.run(promtool, capture_output=True, check=True)
        configuration = Path(directory) / "prometheus.yml"
        configuration.write_text(CONFIGURATION % scraped)
        self.port = conftest.free_port()
        self.endpoint = f"http://127.0.0.1:{self.port}"
        command = [
            HOME / "usr/bin/prometheus",
            f"--config.file={configuration}",
            f"--storage.tsdb.path={self.data}",
            f"--web.listen-address=127.0.0.1:{self.port}",
        ]
        with open(Path(directory) / "prometheus.log", "w") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        conftest.wait_for("prometheus", lambda: requests.get(f"{self.endpoint}/-/ready", timeout=5).ok)

    def stop(self):
        self.process.terminate()
        self.process.wait()
