"""Why the shapes do not fit, and what to write instead."""
