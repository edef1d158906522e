"""Live LLM output in Jupyter notebook cells: it streams, it stops, it stays."""

__version__ = "0.1.0"
