"""Exact integer algebra over letters: sizes, their text, and conditions on them."""

from shapecalc.dims.atoms import TooLargeError, check_digits
from shapecalc.dims.conditions import (
    AnyOf,
    Condition,
    Truth,
    any_of,
    at_least,
    equal,
    multiple_of,
)
from shapecalc.dims.effort import ExhaustedError, limited, spent
from shapecalc.dims.expression import Dim, Shape, Size, letters, product, sum_of
from shapecalc.dims.extrema import maximum, minimum
from shapecalc.dims.facts import Contradiction, Facts
from shapecalc.dims.options import condition_text
from shapecalc.dims.profiles import count_extrema
from shapecalc.dims.reader import SizeReader, SizeTextError, parse_size
from shapecalc.dims.rewrite import evaluated, holds_extrema, is_letter, substitute
from shapecalc.dims.text import field_text, shape_text, sum_text

__all__ = [
    "AnyOf",
    "Condition",
    "Contradiction",
    "Dim",
    "ExhaustedError",
    "Facts",
    "Shape",
    "Size",
    "SizeReader",
    "SizeTextError",
    "TooLargeError",
    "Truth",
    "any_of",
    "at_least",
    "check_digits",
    "condition_text",
    "count_extrema",
    "equal",
    "evaluated",
    "field_text",
    "holds_extrema",
    "is_letter",
    "letters",
    "limited",
    "maximum",
    "minimum",
    "multiple_of",
    "parse_size",
    "product",
    "shape_text",
    "spent",
    "substitute",
    "sum_of",
    "sum_text",
]
