"""One file for each format; only `table` and `progress` import rich."""
