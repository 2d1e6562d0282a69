"""A user-defined class, of which only a model file or the user knows the shape."""

from __future__ import annotations

from typing import Annotated, Any

from shapecalc.dims import Shape, Size, equal, shape_text
from shapecalc.errors import ShapeError
from shapecalc.layers.arguments import Anything, Switch, Text, choice
from shapecalc.layers.keras.dialect import CATALOGUE
from shapecalc.layers.keras.layer import KerasLayer
from shapecalc.layers.keras.shapes import OptionalShape
from shapecalc.layers.layer import Layer, plain, rule
from shapecalc.layers.result import Result
from shapecalc.layers.scope import Scope


class Custom(KerasLayer):
    """Stands for a user-defined class, with the shape that the file or the user gives.

    Its weights are unknown, unless it stands for a function, which has none.

    Shape   what the file records; with ``same`` the shape of the input; or what was said
    Errors  the input is not the recorded one
    Source  the model file
    """

    arity = (1, None)

    class_name: Text
    shape: Annotated[str, choice("recorded", "same", "said")]
    recorded: Anything = None
    #: The shape that was said: the first size is the batch, None is not known.
    said: OptionalShape = None
    weightless: Switch = False

    @property
    def called(self) -> str:
        """The class that the file names."""
        return self.class_name

    def in_spec(self) -> Layer | None:
        """Return a Lambda that says the recorded shape; with several outputs there is none."""
        if self.shape == "same":
            return CATALOGUE.layer("Identity")
        outputs = [self.said] if self.said is not None else self.recorded[1]
        if len(outputs) != 1:
            return None
        return CATALOGUE.layer("Lambda", output_shape=list(outputs[0][1:]))

    def config(self) -> dict[str, Any]:
        """Return where its shape is from."""
        return {"shape": self.shape if self.said is None else plain(self.said)}


@rule(Custom)
def custom(layer: Custom, scope: Scope, *inputs: Shape) -> Result:
    """Return what was said; else what the file records, if the first input is that too."""
    x = inputs[0]
    if layer.shape == "same":
        return Result(x, counted=layer.weightless)
    if layer.said is not None:
        return Result(scope.named((*x[:1], *layer.said[1:])), counted=layer.weightless)
    before, outputs = layer.recorded
    if before is not None:
        _check_recorded(layer, scope, x, before)
    filled = [_filled(output, before, x, scope) for output in outputs]
    return Result(*filled, counted=layer.weightless)


def _check_recorded(layer: Custom, scope: Scope, x: Shape, before: tuple[int | None, ...]) -> None:
    hint = f"--custom {layer.class_name}=same says that it keeps the shape"
    if len(x) != len(before):
        fact = f"is recorded for {_text(before)}, but gets {shape_text(x)}"
        raise ShapeError(fact, help=hint)
    for size, known in zip(x, before, strict=True):
        if known is not None:
            scope.require(equal(size, known), "is recorded for {}, but gets {}", _text(before), x)


def _filled(
    output: tuple[int | None, ...], before: tuple[int | None, ...] | None, x: Shape, scope: Scope
) -> Shape:
    """Return the recorded shape.

    A size that is unknown is the input's where that is unknown too.
    """
    aligned = before is not None and len(before) == len(output) == len(x)
    sizes: list[Size] = []
    for axis, size in enumerate(output):
        if size is not None:
            sizes.append(size)
        elif axis == 0 or (aligned and before is not None and before[axis] is None):
            sizes.append(x[axis])
        else:
            sizes.append(scope.missing("N"))
    return tuple(sizes)


def _text(shape: tuple[int | None, ...]) -> str:
    return f"({', '.join('?' if size is None else str(size) for size in shape)})"
