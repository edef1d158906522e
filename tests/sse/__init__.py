"""The room sse against real servers that misbehave: the fault contract's rows of a single request."""
