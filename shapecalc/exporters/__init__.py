"""What can be read back or run: networks as the source code of a framework."""
