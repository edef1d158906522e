"""compare() without a front end, against the demo server and servers that fail."""
