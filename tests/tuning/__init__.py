"""`tune()`: its controls, its runs and what is kept of them, driven from Python without a page."""
