"""What is said of a trace: explanations, differences, what went wrong and what repairs it."""
