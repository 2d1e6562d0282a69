"""Models of Keras."""

from __future__ import annotations

from shapecalc.importers.python.values import LibraryClass

MODEL = LibraryClass("keras.Model")


def is_keras_model(value):
    return False
