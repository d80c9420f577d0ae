"""One file per subject of the specification, each a blueprint under /api."""
