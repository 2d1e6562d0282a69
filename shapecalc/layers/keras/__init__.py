"""Keras's layers: one file for each family, each class beside its rule."""
