"""The inspector, without a page."""
