"""What runs in a virtual environment of its own, with the real packages: one program for each set of them."""
