"""TensorFlow by its names, as far as models are built of it."""

from __future__ import annotations

from typing import Final

from shapecalc.importers.python.library.kerasfunctions import FUNCTIONS, function_of
from shapecalc.importers.python.values import NONE, UNKNOWN, Builtin, Library, LibraryClass, Value

_MODULES: Final = frozenset(
    "tensorflow tensorflow.nn tensorflow.math tensorflow.image tensorflow.random tensorflow.linalg "
    "tensorflow.compat tensorflow.compat.v1 tensorflow.config tensorflow.data tensorflow.losses "
    "tensorflow.train tensorflow.layers tensorflow.contrib tensorflow.initializers "
    "tensorflow.signal tensorflow.dtypes tensorflow.strings tensorflow.io tensorflow.debugging "
    "tensorflow.compat.v2".split()
)
_RENAMED: Final = {
    "mul": "multiply", "sub": "subtract", "div": "divide", "divide": "divide",
    "zeros": "zeros", "Variable": "variable", "convert_to_tensor": "constant",
    "stft": "short_time_fourier", "psnr": "image_psnr", "resize_images": "resize",
}  # fmt: skip
_DTYPES: Final = frozenset(
    "float16 float32 float64 int8 int32 int64 uint8 bool string bfloat16".split()
)


def find(name: str) -> Value | None:
    """Return what a full name stands for; None where it is not known."""
    if name in _MODULES:
        return Library(name)
    home, _, last = name.rpartition(".")
    if last in _DTYPES and home == "tensorflow":
        return last
    if last == "function" and home == "tensorflow":
        return Builtin(name, lambda _m, call: call.get(0, "func", UNKNOWN))
    if last == "newaxis":
        return NONE
    if last == "Tensor":
        return LibraryClass("tensorflow.Tensor")
    known = _RENAMED.get(last, last)
    if known in FUNCTIONS and home in {
        "tensorflow", "tensorflow.nn", "tensorflow.math", "tensorflow.random", "tensorflow.linalg",
        "tensorflow.image", "tensorflow.signal", "tensorflow.dtypes",
    }:  # fmt: skip
        return function_of(known)
    return None
