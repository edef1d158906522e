"""A stream in a cell beside what else shows an answer as it comes: how old the text is, and what it costs."""
