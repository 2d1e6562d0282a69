"""A question is a value; what is asked of it: a trace, the inputs for an output, many of them."""
