"""Models of other tools as networks; nothing in a file is ever executed."""
