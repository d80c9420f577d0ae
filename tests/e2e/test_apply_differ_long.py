"""Databases, CodeDeploy and what public modules are made of, by both engines. See same_worlds.py."""

from same_worlds import SameWorlds


class TestDatabase(SameWorlds):
    directory = "database"
    long = True


class TestBlueGreen(SameWorlds):
    directory = "blue-green"
    long = True


class TestConstructs(SameWorlds):
    directory = "constructs"
    long = True
