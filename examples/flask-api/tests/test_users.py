"""Registration, login, the current user, profiles and following."""

import pytest


def test_register_then_log_in_then_read_oneself(anyone, app):
    body = {"user": {"username": "ada", "email": "Ada@Example.com", "password": "analytical"}}
    registered = anyone.post("/api/users", body, status=201)["user"]
    token = registered.pop("token")
    assert registered == {"email": "ada@example.com", "username": "ada", "bio": None, "image": None}

    login = {"user": {"email": "ada@example.com", "password": "analytical"}}
    assert anyone.post("/api/users/login", login)["user"]["username"] == "ada"

    anyone.headers = {"Authorization": f"Token {token}"}
    assert anyone.get("/api/user")["user"]["email"] == "ada@example.com"


def test_all_that_is_wrong_with_a_registration_is_told_at_once(anyone):
    answer = anyone.post("/api/users", {"user": {"username": " ", "email": "nowhere", "password": 7}}, status=422)
    assert answer == {"errors": {"body": ["username can't be blank", "email is invalid", "password must be a text"]}}


@pytest.mark.parametrize("body", [None, [], "text", {}, {"user": None}, {"user": []}])
def test_a_body_of_another_shape_is_refused(anyone, body):
    answer = anyone.post("/api/users", body, status=422)
    assert answer == {"errors": {"body": ['the body must be JSON: {"user": {...}}']}}


@pytest.mark.parametrize("name", ["nul\0byte", "half \ud800 pair"])
def test_text_that_the_database_cannot_hold_is_refused(anyone, name):
    body = {"user": {"username": name, "email": "a@example.com", "password": "x"}}
    answer = anyone.post("/api/users", body, status=422)
    assert answer == {"errors": {"body": ["username holds a character that can't be stored"]}}


def test_a_name_and_an_address_belong_to_one_user(join, anyone):
    join("ada")
    same_name = {"user": {"username": "ada", "email": "other@example.com", "password": "x"}}
    same_address = {"user": {"username": "other", "email": "ADA@example.com", "password": "x"}}
    assert anyone.post("/api/users", same_name, 422)["errors"]["body"] == ["username has already been taken"]
    assert anyone.post("/api/users", same_address, 422)["errors"]["body"] == ["email has already been taken"]


def test_log_in_tells_no_difference_between_a_wrong_password_and_an_unknown_user(join, anyone):
    join("ada")
    for email in ("ada@example.com", "nobody@example.com"):
        answer = anyone.post("/api/users/login", {"user": {"email": email, "password": "wrong"}}, status=401)
        assert answer == {"errors": {"body": ["email or password is invalid"]}}


@pytest.mark.parametrize(
    "header, message",
    [
        ("", "token is missing"),
        ("Token", "the Authorization header must be: Token <jwt>"),
        ("Basic YTpi", "the Authorization header must be: Token <jwt>"),
        ("Token not.a.jwt", "token is invalid or has expired"),
    ],
)
def test_no_user_without_a_good_token(anyone, header, message):
    anyone.headers = {"Authorization": header} if header else {}
    assert anyone.get("/api/user", status=401) == {"errors": {"body": [message]}}


def test_a_bad_token_is_refused_even_where_none_is_needed(anyone):
    anyone.headers = {"Authorization": "Token not.a.jwt"}
    anyone.get("/api/articles", status=401)


def test_change_oneself(join, anyone):
    ada, bob = join("ada"), join("bob")
    changed = ada.put("/api/user", {"user": {"bio": "wrote the first program", "username": "lovelace"}})["user"]
    assert (changed["username"], changed["bio"], changed["email"]) == (
        "lovelace",
        "wrote the first program",
        "ada@example.com",
    )
    assert ada.put("/api/user", {"user": {"bio": ""}})["user"]["bio"] is None
    assert ada.put("/api/user", {"user": {"username": None}}, 422)["errors"]["body"] == ["username can't be blank"]
    assert bob.put("/api/user", {"user": {"username": "lovelace"}}, 422)["errors"]["body"] == [
        "username has already been taken"
    ]
    ada.put("/api/user", {"user": {"password": "a new one"}})
    login = {"user": {"email": "ada@example.com", "password": "ada's password"}}
    anyone.post("/api/users/login", login, status=401)
    anyone.post("/api/users/login", {"user": login["user"] | {"password": "a new one"}})


def test_follow_and_unfollow(join, anyone):
    ada, _ = join("ada"), join("bob")
    bob = {"username": "bob", "bio": None, "image": None}
    assert ada.get("/api/profiles/bob") == {"profile": bob | {"following": False}}
    for _ in range(2):
        assert ada.post("/api/profiles/bob/follow") == {"profile": bob | {"following": True}}
    assert ada.get("/api/profiles/bob") == {"profile": bob | {"following": True}}
    assert anyone.get("/api/profiles/bob") == {"profile": bob | {"following": False}}
    for _ in range(2):
        assert ada.delete("/api/profiles/bob/follow") == {"profile": bob | {"following": False}}
    assert ada.get("/api/profiles/bob") == {"profile": bob | {"following": False}}


def test_profiles_that_are_not_there(join, anyone):
    answer = {"errors": {"body": ["profile not found"]}}
    assert anyone.get("/api/profiles/nobody", status=404) == answer
    assert join("ada").post("/api/profiles/nobody/follow", status=404) == answer
    anyone.post("/api/profiles/ada/follow", status=401)
    anyone.get("/api/profiles/nul%00byte", status=422)
