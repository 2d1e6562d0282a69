"""Code of PyTorch for networks of PyTorch."""
