"""Code of the other framework that computes the same function."""
