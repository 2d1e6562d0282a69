"""Reads Python source that builds models, without running it."""
