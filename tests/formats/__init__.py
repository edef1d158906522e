"""The wire formats, against recorded streams and against what the documentation says."""
