"""stream() and show() without Jupyter, against the demo server."""
