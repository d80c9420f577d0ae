"""Articles, the feed, favorites, comments and tags."""

import re

import pytest

MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
LIST_KEYS = [
    "slug", "title", "description", "tagList", "createdAt", "updatedAt", "favorited", "favoritesCount", "author",
]  # fmt: skip


def publish(author, title, tags=()):
    body = {"article": {"title": title, "description": "About", "body": "At length", "tagList": list(tags)}}
    return author.post("/api/articles", body, status=201)["article"]


def slugs(answer):
    return [article["slug"] for article in answer["articles"]]


def test_publish_and_read(join, anyone):
    published = publish(join("ada"), "How to Train  Your Dragón!", ["dragons", "training", "dragons"])
    created, updated = published.pop("createdAt"), published.pop("updatedAt")
    assert MOMENT.fullmatch(created) and MOMENT.fullmatch(updated)
    assert published == {
        "slug": "how-to-train-your-dragon",
        "title": "How to Train  Your Dragón!",
        "description": "About",
        "body": "At length",
        "tagList": ["dragons", "training"],
        "favorited": False,
        "favoritesCount": 0,
        "author": {"username": "ada", "bio": None, "image": None, "following": False},
    }
    read = anyone.get("/api/articles/how-to-train-your-dragon")["article"]
    assert read == published | {"createdAt": created, "updatedAt": updated}


def test_two_articles_of_one_title_have_two_slugs(join):
    ada = join("ada")
    first, second = publish(ada, "Same"), publish(ada, "Same")
    assert first["slug"] == "same"
    assert re.fullmatch(r"same-[0-9a-f]{6}", second["slug"])


@pytest.mark.parametrize(
    "title, slug", [("日本語 タイトル", "日本語-タイトル"), ("a_b--c", "a-b-c"), ("x" * 90, "x" * 80)]
)
def test_slugs(join, title, slug):
    assert publish(join("ada"), title)["slug"] == slug


def test_a_title_without_a_letter_has_a_slug_too(join):
    assert re.fullmatch(r"[0-9a-f]{8}", publish(join("ada"), "!?")["slug"])


def test_what_an_article_must_have(join, anyone):
    ada = join("ada")
    answer = ada.post("/api/articles", {"article": {"title": "", "tagList": "dragons"}}, status=422)
    assert answer["errors"]["body"] == [
        "title can't be blank",
        "description can't be blank",
        "body can't be blank",
        "tagList must be a list of texts",
    ]
    anyone.post("/api/articles", {"article": {}}, status=401)


def test_change_an_article(join):
    ada, bob = join("ada"), join("bob")
    before = publish(ada, "Old", ["tag"])
    after = ada.put("/api/articles/old", {"article": {"body": "New body"}})["article"]
    assert after == before | {"body": "New body", "updatedAt": after["updatedAt"]}
    assert after["updatedAt"] > before["createdAt"]

    after = ada.put("/api/articles/old", {"article": {"title": "New", "tagList": []}})["article"]
    assert (after["slug"], after["title"], after["tagList"], after["body"]) == ("new", "New", [], "New body")
    ada.get("/api/articles/old", status=404)

    forbidden = {"errors": {"body": ["article belongs to someone else"]}}
    assert bob.put("/api/articles/new", {"article": {"body": "x"}}, status=403) == forbidden
    assert ada.put("/api/articles/new", {"article": {"title": None}}, status=422)
    assert ada.put("/api/articles/none", {"article": {}}, status=404) == {"errors": {"body": ["article not found"]}}


def test_a_changed_title_evades_a_slug_that_is_taken(join):
    ada = join("ada")
    publish(ada, "Taken")
    publish(ada, "Other")
    changed = ada.put("/api/articles/other", {"article": {"title": "Taken", "description": "Changed"}})["article"]
    assert changed["slug"].startswith("taken-")
    assert (changed["title"], changed["description"]) == ("Taken", "Changed")
    assert ada.get("/api/articles/taken")["article"]["description"] == "About"


def test_delete_an_article_with_all_that_hangs_on_it(join):
    ada, bob = join("ada"), join("bob")
    publish(ada, "Doomed", ["gone"])
    bob.post("/api/articles/doomed/favorite")
    bob.post("/api/articles/doomed/comments", {"comment": {"body": "No!"}}, status=201)
    bob.delete("/api/articles/doomed", status=403)
    assert ada.delete("/api/articles/doomed", status=204) is None
    ada.get("/api/articles/doomed", status=404)
    assert ada.get("/api/tags") == {"tags": []}


def test_lists_filter_and_turn_pages_newest_first(join, anyone):
    ada, bob = join("ada"), join("bob")
    for number in range(1, 4):
        publish(ada, f"Ada {number}", ["odd"] if number % 2 else ["even"])
    publish(bob, "Bob 1", ["odd"])
    ada.post("/api/articles/bob-1/favorite")

    everything = anyone.get("/api/articles")
    assert slugs(everything) == ["bob-1", "ada-3", "ada-2", "ada-1"]
    assert everything["articlesCount"] == 4
    assert list(everything["articles"][0]) == LIST_KEYS

    page = anyone.get("/api/articles?limit=2&offset=1")
    assert (slugs(page), page["articlesCount"]) == (["ada-3", "ada-2"], 4)
    assert slugs(anyone.get("/api/articles?tag=odd")) == ["bob-1", "ada-3", "ada-1"]
    assert slugs(anyone.get("/api/articles?tag=odd&author=ada")) == ["ada-3", "ada-1"]
    assert slugs(anyone.get("/api/articles?favorited=ada")) == ["bob-1"]
    assert anyone.get("/api/articles?author=nobody") == {"articles": [], "articlesCount": 0}


@pytest.mark.parametrize("query", ["limit=0", "limit=x", "limit=-1", "offset=-1", "offset=99999999999999999999999"])
def test_a_page_that_makes_no_sense(anyone, query):
    anyone.get(f"/api/articles?{query}", status=422)


def test_the_feed_is_of_those_one_follows(join, anyone):
    ada, bob, eve = join("ada"), join("bob"), join("eve")
    publish(bob, "From Bob")
    publish(eve, "From Eve")
    assert ada.get("/api/articles/feed") == {"articles": [], "articlesCount": 0}
    ada.post("/api/profiles/bob/follow")
    feed = ada.get("/api/articles/feed")
    assert (slugs(feed), feed["articlesCount"]) == (["from-bob"], 1)
    assert feed["articles"][0]["author"]["following"] is True
    assert ada.get("/api/articles/from-eve")["article"]["author"]["following"] is False
    assert slugs(ada.get("/api/articles/feed?offset=1")) == []
    anyone.get("/api/articles/feed", status=401)


def test_favorites_count_each_user_once(join, anyone):
    ada, bob = join("ada"), join("bob")
    publish(ada, "Liked")

    def seen(article):
        return article["article"]["favorited"], article["article"]["favoritesCount"]

    assert seen(ada.post("/api/articles/liked/favorite")) == (True, 1)
    assert seen(ada.post("/api/articles/liked/favorite")) == (True, 1)
    assert seen(bob.post("/api/articles/liked/favorite")) == (True, 2)
    assert seen(anyone.get("/api/articles/liked")) == (False, 2)
    assert seen(ada.delete("/api/articles/liked/favorite")) == (False, 1)
    assert seen(ada.delete("/api/articles/liked/favorite")) == (False, 1)
    ada.post("/api/articles/none/favorite", status=404)
    anyone.post("/api/articles/liked/favorite", status=401)


def test_comments(join, anyone):
    ada, bob = join("ada"), join("bob")
    publish(ada, "Discussed")
    path = "/api/articles/discussed/comments"
    first = bob.post(path, {"comment": {"body": "First"}}, status=201)["comment"]
    assert MOMENT.fullmatch(first["createdAt"]) and isinstance(first["id"], int)
    assert first["body"] == "First"
    assert first["author"] == {"username": "bob", "bio": None, "image": None, "following": False}
    second = ada.post(path, {"comment": {"body": "Second"}}, status=201)["comment"]

    assert anyone.get(path) == {"comments": [second, first]}
    ada.post("/api/profiles/bob/follow")
    assert [comment["author"]["following"] for comment in ada.get(path)["comments"]] == [False, True]

    ada.delete(f"{path}/{first['id']}", status=403)
    bob.delete(f"{path}/{first['id']}", status=204)
    bob.delete(f"{path}/{first['id']}", status=404)
    bob.delete(f"{path}/99999999999999999999", status=404)
    assert anyone.get(path) == {"comments": [second]}
    assert ada.post(path, {"comment": {"body": ""}}, status=422)["errors"]["body"] == ["body can't be blank"]
    anyone.post(path, {"comment": {"body": "x"}}, status=401)
    anyone.get("/api/articles/none/comments", status=404)


def test_a_comment_belongs_to_its_article(join):
    ada = join("ada")
    publish(ada, "One")
    publish(ada, "Two")
    comment = ada.post("/api/articles/one/comments", {"comment": {"body": "Hi"}}, status=201)["comment"]
    ada.delete(f"/api/articles/two/comments/{comment['id']}", status=404)


def test_tags_most_used_first(join, anyone):
    ada = join("ada")
    publish(ada, "One", ["rare", "common"])
    publish(ada, "Two", ["common"])
    assert anyone.get("/api/tags") == {"tags": ["common", "rare"]}
