"""Lets the tests import what scripts/build-image is made of."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent.parent / "scripts"))
sys.dont_write_bytecode = True
