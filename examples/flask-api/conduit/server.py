"""gunicorn, started from Python: one process that accepts, worker processes with threads that answer.

Everything it says goes to standard output, one line each, because a container's output is its log. It writes
no file but a worker's heartbeat in /tmp, so that the root file system may be read-only.
"""

import sys

from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger

from conduit import application, settings

# ECS sends SIGKILL 30 s after SIGTERM. Requests under way get most of that.
GRACEFUL_TIMEOUT_S = 25

# Longer than the 60 s after which a load balancer gives an idle connection up. The other way round, the
# server closes a connection at the moment the load balancer sends a request on it: a 502 now and then.
KEEPALIVE_S = 75

ACCESS_FORMAT = '%({x-forwarded-for}i)s "%(r)s" %(s)s %(B)s bytes %(M)s ms trace=%({x-amzn-trace-id}i)s'

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"stdout": {"class": "logging.StreamHandler", "stream": "ext://sys.stdout", "formatter": "line"}},
    "root": {"level": "INFO", "handlers": ["stdout"]},
    "loggers": {
        "gunicorn.error": {"level": "INFO", "propagate": True},
        "gunicorn.access": {"level": "INFO", "propagate": True},
        "botocore": {"level": "WARNING"},
    },
}


class QuietAboutHealth(Logger):
    """The access log without the load balancer's question every few seconds; a change is logged elsewhere."""

    def access(self, resp, req, environ, request_time):
        if environ.get("PATH_INFO") != "/health":
            super().access(resp, req, environ, request_time)


class Server(BaseApplication):
    def __init__(self, configuration: settings.Settings):
        self.configuration = configuration
        super().__init__()

    def load_config(self):
        values = {
            "bind": f"0.0.0.0:{self.configuration.port}",
            "workers": self.configuration.workers,
            "threads": self.configuration.threads,
            "worker_class": "gthread",
            "worker_tmp_dir": "/tmp",
            "control_socket_disable": True,
            "graceful_timeout": GRACEFUL_TIMEOUT_S,
            "keepalive": KEEPALIVE_S,
            "accesslog": "-",
            "access_log_format": ACCESS_FORMAT,
            "logger_class": QuietAboutHealth,
            "logconfig_dict": LOGGING,
            "proc_name": f"conduit-{self.configuration.environment}",
        }
        for name, value in values.items():
            self.cfg.set(name, value)

    def load(self):
        """Called in each worker, so that no two processes share a connection."""
        return application.create(self.configuration)


def serve() -> None:
    try:
        configuration = settings.read()
    except settings.InvalidSettings as error:
        sys.exit(f"conduit: {error}")
    Server(configuration).run()
