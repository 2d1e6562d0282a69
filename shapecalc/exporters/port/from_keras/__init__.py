"""Layers of Keras in PyTorch: one file per family, and the module that they become together."""
