"""The database's address and password, from Secrets Manager.

Kept after the first read, because every new connection needs it. Dropped when a connection fails, because
that is how an application learns that the password was rotated: the next attempt reads it again.
"""

import dataclasses
import json

import boto3
import botocore.config
import botocore.exceptions


class SecretUnavailable(Exception):
    """The secret can't be read or has not what is needed. `summary` may be shown to a caller."""

    def __init__(self, summary: str, detail: object = ""):
        super().__init__(f"{summary}: {detail}" if detail else summary)
        self.summary = summary


@dataclasses.dataclass(frozen=True)
class Credentials:
    username: str
    password: str = dataclasses.field(repr=False)
    host: str
    port: int
    dbname: str


class DatabaseSecret:
    """Reads the secret when first asked for the credentials. Safe to use from many threads."""

    def __init__(self, secret_arn: str):
        self.secret_arn = secret_arn
        self.known: Credentials | None = None

    def credentials(self) -> Credentials:
        known = self.known
        if known is None:
            known = self.known = parse(self.read())
        return known

    def forget(self) -> None:
        self.known = None

    def read(self) -> str:
        if not self.secret_arn:
            raise SecretUnavailable("DB_SECRET_ARN is not set")
        # A client of its own each time: it is rarely needed, and boto3's sessions are not for sharing.
        # Short times, since /health waits for this and a load balancer waits for /health.
        quick = botocore.config.Config(
            connect_timeout=1, read_timeout=2, retries={"mode": "standard", "total_max_attempts": 1}
        )
        try:
            client = boto3.session.Session().client("secretsmanager", config=quick)
            answer = client.get_secret_value(SecretId=self.secret_arn)
        except botocore.exceptions.ClientError as error:
            code = error.response.get("Error", {}).get("Code", "unknown error")
            raise SecretUnavailable(f"the database secret cannot be read ({code})", error) from error
        except botocore.exceptions.BotoCoreError as error:
            raise SecretUnavailable(f"the database secret cannot be read ({type(error).__name__})", error) from error
        if "SecretString" not in answer:
            raise SecretUnavailable("the database secret is binary: it must be a JSON text")
        return answer["SecretString"]


def parse(text: str) -> Credentials:
    """The five keys that RDS itself puts into a secret; a number for `port` may come as text."""
    try:
        document = json.loads(text)
        if not isinstance(document, dict):
            raise ValueError
    except ValueError:
        raise SecretUnavailable("the database secret is not a JSON object") from None
    names = [field.name for field in dataclasses.fields(Credentials)]
    missing = [name for name in names if not isinstance(document.get(name), (str, int)) or document[name] == ""]
    if missing:
        raise SecretUnavailable(f"the database secret lacks {', '.join(missing)}")
    if not str(document["port"]).isdecimal():
        raise SecretUnavailable("the database secret's port is not a number")
    values = {name: str(document[name]) for name in names}
    return Credentials(**values | {"port": int(values["port"])})
