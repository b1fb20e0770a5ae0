"""One folder, one platform; the same file names in each. Nothing else needs to know that a platform exists."""
