"""The spec language: text to `Network` and back, with the place of every part."""
