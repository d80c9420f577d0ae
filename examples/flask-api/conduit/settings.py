"""What the environment says. Read once at start, passed on as a value; nothing else reads os.environ."""

import dataclasses
import os
from collections.abc import Mapping


class InvalidSettings(Exception):
    """A variable is there and makes no sense; the text names it."""


@dataclasses.dataclass(frozen=True)
class Settings:
    """AWS_DEFAULT_REGION and AWS_ENDPOINT_URL are not here: boto3 reads them itself."""

    environment: str = "dev"
    port: int = 5000
    db_secret_arn: str = ""
    jwt_secret: str = ""
    workers: int = 1
    threads: int = 8

    @property
    def is_production(self) -> bool:
        return self.environment == "prod"


def read(environ: Mapping[str, str] = os.environ) -> Settings:
    return Settings(
        environment=environ.get("ENV") or "dev",
        port=whole_number(environ, "PORT", 5000, 0, 65535),
        db_secret_arn=environ.get("DB_SECRET_ARN", ""),
        jwt_secret=environ.get("JWT_SECRET", ""),
        workers=whole_number(environ, "WEB_CONCURRENCY", 1, 1, 64),
        threads=whole_number(environ, "WEB_THREADS", 8, 1, 256),
    )


def whole_number(environ: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    text = environ.get(name) or str(default)
    if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
        raise InvalidSettings(f"{name} is {text!r}: it must be a whole number from {least} to {most}")
    return int(text)
