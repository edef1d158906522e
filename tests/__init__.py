"""A package, so that tests/test_x.py and tests/browser/test_x.py may share a name and a helper."""
