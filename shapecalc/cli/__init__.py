"""The command; only click is imported before a run knows what it needs."""

from shapecalc.cli.main import main

__all__ = ["main"]
