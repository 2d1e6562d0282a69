"""One file for each format; only `table` imports rich."""
