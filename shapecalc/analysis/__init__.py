"""What is computed from a trace: what went wrong, and repairs."""
