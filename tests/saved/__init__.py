"""The saved copy of a run."""
