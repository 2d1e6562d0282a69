"""The layers: one file per family, each class beside its rule."""
