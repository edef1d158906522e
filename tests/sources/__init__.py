"""The room sources: whatever already streams, as our events; how it stops, and what is left behind."""
