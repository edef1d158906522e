"""Tests that drive a real JupyterLab and Notebook 7 in a real Chromium, and what they stand on."""
