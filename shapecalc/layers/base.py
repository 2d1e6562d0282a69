"""What plugins import: a `Layer` of Keras or a `Module` of torch, and a rule beside it."""

from shapecalc.layers.keras.layer import KerasLayer as Layer
from shapecalc.layers.layer import Rule, apply, rule
from shapecalc.layers.layout import at_least_axes, axes
from shapecalc.layers.result import Result, Weight
from shapecalc.layers.scope import ContradictionError, Scope
from shapecalc.layers.torch.layer import Module

__all__ = [
    "ContradictionError",
    "Layer",
    "Module",
    "Result",
    "Rule",
    "Scope",
    "Weight",
    "apply",
    "at_least_axes",
    "axes",
    "rule",
]
