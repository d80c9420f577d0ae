"""Starts the Conduit API. `python app.py` is what the container runs; the rest is in conduit/."""

from conduit.server import serve

if __name__ == "__main__":
    serve()
