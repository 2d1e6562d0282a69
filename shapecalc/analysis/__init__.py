"""What is said of a trace: explanations and differences."""
