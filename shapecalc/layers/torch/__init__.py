"""The modules and functions of PyTorch: a file for each family, named as torch names them."""
