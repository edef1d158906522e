"""Side-by-side measurements of the product in real front ends; README.md says how to run them."""
