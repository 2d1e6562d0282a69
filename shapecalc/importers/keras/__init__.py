"""Stored Keras models, of all versions, as networks."""
