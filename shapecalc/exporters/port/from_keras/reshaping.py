"""Reshaping: the axes stand as in Keras, so that the numbers follow one another as there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from shapecalc.exporters.document import Call
from shapecalc.exporters.port.from_keras.values import Out

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapecalc.dims import Size
    from shapecalc.exporters.document import Expression
    from shapecalc.exporters.port.from_keras.applied import Applied
    from shapecalc.exporters.port.from_keras.families import Writer


def flatten(a: Applied) -> Out:
    """Make one axis of all but the batch."""
    layer: Any = a.layer
    x = a.plain()
    if a.rank == 1:
        return Out(f"{x}[:, None]")
    if layer.data_format == "channels_first" and a.rank > 2:  # noqa: PLR2004  (batch, channels)
        return Out(f"{x}.movedim(1, -1).flatten(1)")
    return Out(f"{x}.flatten(1)") if a.rank != 2 else Out(a.values[0])  # noqa: PLR2004


def reshape(a: Applied) -> Out:
    """Return other sizes."""
    x = a.plain()
    return Out(reshaped(a, x, a.outputs[0][1:]))


def reshaped(a: Applied, x: str, sizes: Sequence[Size]) -> Expression:
    """Reshape all axes but the batch; a size that is not known is left to be found."""
    open_ones = [size for size in sizes if not isinstance(size, int)]
    if not open_ones:
        return Call(f"{x}.reshape", ("-1", *map(str, sizes)))
    left = open_ones[0]
    found: list[Expression] = []
    for size in sizes:
        if size is left and "-1" not in found:
            found.append("-1")
        elif not isinstance(size, int) and size in a.shape:
            found.append(f"{x}.shape[{a.shape.index(size)}]")
        else:
            found.append(a.run_time_size(size))
    return Call(f"{x}.reshape", (f"{x}.shape[0]", *found))


def permute(a: Applied) -> Out:
    """Put the axes into another order."""
    layer: Any = a.layer
    return Out(Call(f"{a.plain()}.permute", ("0", *map(str, layer.dims))))


def repeat_vector(a: Applied) -> Out:
    """Repeat a vector as steps."""
    layer: Any = a.layer
    count = a.run_time_size(layer.n)
    return Out(f"{a.plain()}.unsqueeze(1).expand(-1, {count}, -1)")


WRITERS: Final[dict[str, Writer]] = {
    "Flatten": flatten,
    "Reshape": reshape,
    "Permute": permute,
    "RepeatVector": repeat_vector,
}
