"""What plugins import: a layer in the manner of Keras is a model, and beside it a rule."""

from shapecalc.layers.keras.layer import KerasLayer as Layer
from shapecalc.layers.layer import Rule, apply, rule
from shapecalc.layers.layout import at_least_axes, axes
from shapecalc.layers.result import Result, Weight
from shapecalc.layers.scope import ContradictionError, Scope

__all__ = [
    "ContradictionError",
    "Layer",
    "Result",
    "Rule",
    "Scope",
    "Weight",
    "apply",
    "at_least_axes",
    "axes",
    "rule",
]
