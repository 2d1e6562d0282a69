"""What is said of a trace: explanations, differences, receptive fields."""
