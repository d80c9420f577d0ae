"""Starts the Conduit API. `python app.py` is what the container runs; the rest is in conduit/."""

import gc

# What is imported is never garbage. Not looking for any takes an eighth off the start, and what is
# frozen stays on pages that the workers share with the process that has forked them.
gc.disable()

from conduit.server import serve  # noqa: E402

gc.freeze()
gc.enable()

if __name__ == "__main__":
    serve()
