"""The command; only click is imported before a run knows what it needs."""

from shapecalc.garbage import rare_collection

# What is imported stays: to look for garbage in it is a tenth of what --help takes.
with rare_collection():
    from shapecalc.cli.main import main

__all__ = ["main"]
