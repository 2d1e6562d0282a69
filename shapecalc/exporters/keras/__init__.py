"""Code of Keras for networks of Keras."""
