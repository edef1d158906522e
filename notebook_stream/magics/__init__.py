"""`%load_ext notebook_stream`: `%%stream`, `%stream_models`, and completion of the names of models."""

from .registering import load, unload

__all__ = ["load", "unload"]
