"""A finished run in, what the notebook keeps of it out: safe HTML, neutral Markdown, plain text, and metadata."""
import html as _h

from .record import Answer, ErrorInfo, Record
from .replayed import events_of


def bundle(record, *, remark=""):
    t = record.answers[0].text
    return ({"text/html": f"<pre>{_h.escape(t)}</pre><p>{record.model} · {record.status} {_h.escape(remark)}</p>", "text/markdown": t, "text/plain": t}, {"notebook_stream": {"text": t}})
def from_metadata(value): raise NotImplementedError
