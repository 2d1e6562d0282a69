"""Modules of PyTorch in Keras: one file per family, and the functional model that they become."""
