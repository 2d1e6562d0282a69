"""Walks a network once and records what each layer got and gave."""
