"""Recordings: kept, saved, loaded, replayed."""
