"""modules/networking, made by both engines. See same_worlds.py."""

from same_worlds import SameWorlds


class TestNetworking(SameWorlds):
    directory = "networking"
