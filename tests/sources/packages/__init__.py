"""The packages that show() takes, as they are installed: run by test_packages.py, each set where it is."""
