"""A real server that nobody here wrote: llama.cpp's own, with a tiny random model made on the spot."""
