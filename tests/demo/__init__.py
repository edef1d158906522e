"""The demo server: its answers, dialects, faults, pace and process, over real sockets."""
