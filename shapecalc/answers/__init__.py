"""Questions as values, and their answers: a trace, the inputs for an output, many of them."""
