"""`%%stream` and `%stream_models`: line, cell, local servers, a real kernel, a terminal."""
