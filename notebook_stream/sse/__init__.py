"""One HTTP request -> server-sent events, asynchronous: `request` sends, `reading` reads.

The rooms behind them: `body` (bytes to bounded text), `inflate` (compressed bodies), `status` (answers that
are not 2xx), `failure` (exceptions of httpx), `closing` (that a cancellation does not break off).
"""

from .reading import Body, Item, Message, Opened, Pulse, read, read_text
from .request import Request, check_headers, make_client, secrets_of, trust

__all__ = [
    "Body",
    "Item",
    "Message",
    "Opened",
    "Pulse",
    "Request",
    "check_headers",
    "make_client",
    "read",
    "read_text",
    "secrets_of",
    "trust",
]
