"""Explanations and differences of traces."""
