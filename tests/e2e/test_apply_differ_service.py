"""modules/ECS, made by both engines. See same_worlds.py."""

from same_worlds import SameWorlds


class TestService(SameWorlds):
    directory = "service"
