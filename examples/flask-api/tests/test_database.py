"""The database that is not there yet, goes away, changes its password, or is new to two replicas at once."""

import threading

import pytest
from conduit import application, settings
from conduit.secret import SecretUnavailable, parse


def test_healthy(anyone):
    answer = anyone.get("/health")
    assert answer["status"] == "healthy"
    assert answer["timestamp"].startswith("20")


def test_recovers_when_the_secret_has_a_value_at_last(anyone, secrets_manager):
    value, secrets_manager.value = secrets_manager.value, None
    answer = anyone.get("/health", status=503)
    assert answer == {
        "status": "unhealthy",
        "error": "the database secret cannot be read (ResourceNotFoundException)",
    }
    anyone.get("/api/articles", status=503)
    secrets_manager.value = value
    anyone.get("/health")
    anyone.get("/api/articles")


def test_recovers_when_the_database_is_back(anyone, join, postgres):
    ada = join("ada")
    postgres.stop()
    try:
        assert anyone.get("/health", status=503)["status"] == "unhealthy"
        assert ada.get("/api/user", status=503)["errors"]["body"]
    finally:
        postgres.start()
    anyone.get("/health")
    ada.get("/api/user")


def test_a_rotated_password_is_read_again_and_tokens_stay_good(app, join, postgres, dbname, secrets_manager):
    role = f"{dbname}_role"
    with postgres.connect() as connection:
        connection.execute(f"CREATE ROLE {role} LOGIN SUPERUSER PASSWORD 'before'")
    try:
        secrets_manager.value = postgres.secret(dbname) | {"username": role, "password": "before"}
        ada = join("ada")
        with postgres.connect() as connection:
            connection.execute(f"ALTER ROLE {role} PASSWORD 'after'")
        secrets_manager.value = secrets_manager.value | {"password": "after"}
        app.extensions["database"].engine.dispose()
        reads = secrets_manager.reads
        assert ada.get("/api/user")["user"]["username"] == "ada"
        assert secrets_manager.reads == reads + 1
    finally:
        app.extensions["database"].engine.dispose()
        with postgres.connect(dbname) as connection:
            connection.execute(f"REASSIGN OWNED BY {role} TO conduit")
            connection.execute(f"DROP ROLE {role}")


def test_makes_the_tables_again_when_they_vanish(anyone, join, postgres, dbname):
    join("ada")
    with postgres.connect(dbname) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")
    anyone.get("/api/articles", status=503)
    assert anyone.get("/api/articles") == {"articles": [], "articlesCount": 0}


def test_replicas_that_start_together_agree_on_tables_and_key(app):
    replicas = [application.create(settings.read()) for _ in range(6)]
    keys = []
    together = threading.Barrier(len(replicas))

    def start(replica):
        together.wait()
        keys.append(replica.extensions["database"].prepare())

    threads = [threading.Thread(target=start, args=(replica,)) for replica in replicas]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for replica in replicas:
        replica.extensions["database"].engine.dispose()
    assert len(keys) == len(replicas) and len(set(keys)) == 1


def test_the_secret_is_read_once_for_many_connections(app, anyone, secrets_manager):
    for _ in range(3):
        anyone.get("/health")
        app.extensions["database"].engine.dispose()
    assert secrets_manager.reads == 1


@pytest.mark.parametrize(
    "text, complaint",
    [
        ("not json", "is not a JSON object"),
        ("[]", "is not a JSON object"),
        ('{"username": "u", "host": "h", "port": 5432, "dbname": ""}', "lacks password, dbname"),
        (
            '{"username": "u", "password": "p", "host": "h", "port": "http", "dbname": "d"}',
            "port is not a number",
        ),
    ],
)
def test_a_secret_of_another_shape(text, complaint):
    with pytest.raises(SecretUnavailable, match=complaint):
        parse(text)


def test_a_password_is_not_in_the_representation():
    credentials = parse('{"username": "u", "password": "hush", "host": "h", "port": "5432", "dbname": "d"}')
    assert credentials.port == 5432 and "hush" not in repr(credentials)


@pytest.mark.parametrize("port", ["x", "-1", "65536", "5e3", "٣"])
def test_a_port_that_is_none(port):
    with pytest.raises(settings.InvalidSettings, match="PORT is"):
        settings.read({"PORT": port})


def test_defaults():
    assert settings.read({"PORT": ""}) == settings.Settings(environment="dev", port=5000)
