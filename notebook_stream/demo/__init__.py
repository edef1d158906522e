"""A language model server to try things with: real HTTP on loopback, scripted answers, no key, no network.

Speaks openai-chat and anthropic. Knows nothing of the rest of this package.
"""

from .server import Server, ensure_server

__all__ = ["Server", "ensure_server"]
