"""What scripts/build-image is made of: recipes, Debian packages, layers, and the OCI layout."""
