"""Labels against the outputs of a model: which y a loss takes, and what to write if not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from shapecalc.dims import Dim, letters, shape_text, substitute
from shapecalc.layers.losses import BATCH, Outcome, agree, repeated

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shapecalc.analysis.endings import Ending
    from shapecalc.dims import Shape, Size
    from shapecalc.layers.losses import Loss, Losses, Target

#: What kinds of y are of classes, so that one can be made of the other.
ONE_HOT: Final = frozenset({"one-hot", "probabilities", "class probabilities", "0 or 1"})
CLASSES: Final = "class indices"
#: How many lines and how many losses are named.
MOST: Final = 2


class Labels(NamedTuple):
    """A y and the output that it is compared with; both begin with `BATCH` for the batch."""

    name: str
    y: Shape
    output: Shape
    ending: Ending
    batch: str = "B"
    is_torch: bool = False
    dtype: str | None = None

    def shown(self, shape: Shape) -> str:
        """Say a shape, with the batch of the model."""
        return shape_text(shape).replace(str(BATCH), self.batch)

    @property
    def classes(self) -> Size | None:
        """How many classes the output has; None where it has no axis for them."""
        rank = len(self.output)
        return None if rank < 2 else self.output[1 if self.is_torch else -1]  # noqa: PLR2004


def losses_for(made: Labels, losses: Losses) -> Iterator[Loss]:
    """Yield the losses that suit an output, as far as its activation and its shape are known."""
    kind = made.ending.range
    for loss in losses.listed:
        if not loss.name[0].isupper() or loss.order:
            continue
        suiting = loss
        if kind is not None and kind not in loss.suits:
            if loss.logits is not kind:
                continue
            suiting = loss._replace(arguments={"from_logits": True})
        if loss.rank is not None and len(made.output) != loss.rank:
            continue
        few = made.classes is None or made.classes == 1
        if loss.classes and few:
            continue
        yield suiting


def written(loss: Loss, *, is_torch: bool) -> str:
    """Return how code says a loss."""
    if is_torch:
        return f"nn.{loss.name}()"
    if loss.is_of_logits:
        return f"keras.losses.{loss.name}(from_logits=True)"
    word = loss.words.split()[0] if loss.words else loss.name
    if loss.name == "CategoricalGeneralizedCrossEntropy":
        return f"keras.losses.{loss.name}()"
    return f'"{word}"'


def lines(made: Labels, loss: Loss) -> Iterator[str]:
    """Yield the lines that turn y to what the loss takes, the most likely first."""
    found = 0
    for line, y, kind in _turns(made, loss):
        takes = [t for t in loss.takes if agree(t.shape(made.output), y)] or loss.takes
        if kind is not None and not any(_is(kind, target) for target in takes):
            continue
        if loss.outcome(y, made.output) is Outcome.FITS:
            yield line
            found += 1
            if found == MOST:
                return


def _is(kind: str, target: Target) -> bool:
    return target.name in ONE_HOT if kind == "one-hot" else target.name == kind


def _turns(made: Labels, loss: Loss) -> Iterator[tuple[str, Shape, str | None]]:
    """Yield lines, each with the shape that y gets, and the kind of target that it then is."""
    name, y, is_torch, classes = made.name, made.y, made.is_torch, made.classes
    names = {target.name for target in loss.takes}
    one_hot = bool(names & ONE_HOT) and CLASSES not in names
    axis = 1 if is_torch else -1
    if len(y) == len(made.output) and y[-1] == 1 and len(y) > 1:
        yield f"{name} = {name}.squeeze(-1)", y[:-1], None
    if len(y) == len(made.output) and len(y) > 1 and y[axis] == classes:
        rest = (y[0], *y[2:]) if is_torch else y[:-1]
        yield f"{name} = {name}.argmax({axis})", rest, CLASSES
    if len(y) == len(made.output) and made.output[-1] == 1 and y[-1] == 2:  # noqa: PLR2004  (no and yes)
        one = f"{name}.argmax(-1, keepdim=True).float()" if is_torch else f"{name}.argmax(-1)"
        yield f"{name} = {one}", (*y[:-1], 1) if is_torch else y[:-1], "0 or 1"
    if len(y) == len(made.output) - 1 and made.output[-1] == 1:
        more = f"{name}.unsqueeze(-1)" if is_torch else f"{name}[..., None]"
        yield f"{name} = {more}", (*y, 1), None
    if one_hot and isinstance(classes, int) and classes > 1:
        yield from _one_hot(name, y, classes, is_torch=is_torch)
    if len(y) > 2:  # noqa: PLR2004  (of two axes none is behind the batch)
        move = f"{name}.movedim({{}})" if is_torch else f"np.moveaxis({name}, {{}})"
        yield f"{name} = {move.format('1, -1')}", (y[0], *y[2:], y[1]), None
        yield f"{name} = {move.format('-1, 1')}", (y[0], y[-1], *y[1:-1]), None
    if len(y) == len(made.output) + 1 and y[-1] == 1:
        yield f"{name} = {name}.squeeze(-1)", y[:-1], None


def _one_hot(
    name: str, y: Shape, classes: int, *, is_torch: bool
) -> Iterator[tuple[str, Shape, str | None]]:
    """Make a row of 0 and 1 of each class number."""
    flat = y[:-1] if len(y) > 1 and y[-1] == 1 else y
    if not is_torch:
        yield f"{name} = keras.utils.to_categorical({name}, {classes})", (*flat, classes), "one-hot"
        return
    squeezed = "" if flat == y else ".squeeze(-1)"
    line = f"{name} = F.one_hot({name}{squeezed}, {classes}).float()"
    if len(flat) > 1:
        line = line.replace(".float()", ".movedim(-1, 1).float()")
    yield line, (flat[0], classes, *flat[1:]), "one-hot"


def other_losses(made: Labels, loss: Loss, losses: Losses) -> Iterator[Loss]:
    """Yield losses that take y as it is: those of the same sort first, then those of classes."""
    suit = [each for each in losses_for(made, losses) if each.name != loss.name]
    fit = [e for e in suit if e.outcome(made.y, made.output, made.dtype) is Outcome.FITS]
    yield from (each for each in fit if _is_of_classes(each) is _is_of_classes(loss))
    if not _is_of_classes(loss):
        yield from (each for each in fit if any(t.name == CLASSES for t in each.takes))


def _is_of_classes(loss: Loss) -> bool:
    return bool(loss.classes) or any(target.name == "0 or 1" for target in loss.takes)


def patterns(made: Labels, loss: Loss) -> Iterator[tuple[Size | None, ...]]:
    """Yield the outputs with which the loss would take this y, as patterns; None matches any size.

    Only the classes are asked for first: an axis between may have a letter, which is any number.
    """
    exact = list(_patterns(made, loss))
    for pattern in exact:
        if len(pattern) > 2:  # noqa: PLR2004  (the batch and the classes)
            kept = 1 if made.is_torch else len(pattern) - 1
            yield tuple(size if at == kept else None for at, size in enumerate(pattern))
    yield from exact


def _patterns(made: Labels, loss: Loss) -> Iterator[tuple[Size | None, ...]]:
    for target in loss.takes:
        if target.shape(made.output) == made.output:
            y = made.y if len(made.y) > 1 else (*made.y, 1)
            yield (None, *y[1:])
        elif target.name == CLASSES and len(made.y) != len(made.output):
            rest = made.y[1:]
            yield (None, None, *rest) if made.is_torch else (None, *rest, None)


def misfit(made: Labels, loss: Loss) -> str:
    """Say what the loss takes, and what y is."""
    takes = [(each.name, each.shape(made.output)) for each in loss.takes]
    listed = dict.fromkeys(f"{made.shown(x)} ({name})" for name, x in takes if x is not None)
    wanted = " or ".join(listed) or "another output"
    output, y = made.shown(made.output), made.shown(made.y)
    needs = f"{loss.name} needs {made.name} of shape {wanted}"
    return f"{needs} for an output of shape {output}, but gets {y}"


def compared(made: Labels, loss: Loss) -> str:
    """Return which shapes are compared where they broadcast."""
    both = repeated(made.y, made.output)
    to = "" if both is None else f" to {made.shown(both)}"
    shapes = f"{made.name} {made.shown(made.y)} and the output {made.shown(made.output)}"
    return f"{loss.name} broadcasts {shapes}{to}, which compares predictions with the wrong labels"


def numbered(output: Shape, batch: Size) -> Shape:
    """Return the shape of an output with `BATCH` instead of the batch."""
    if isinstance(batch, Dim):
        return tuple(substitute(size, {str(batch): BATCH}) for size in output)
    axis = output.index(batch) if batch in output else len(output)
    return (*output[:axis], BATCH, *output[axis + 1 :]) if axis < len(output) else output


def rows_made(output: Shape, batch: Size) -> Size | None:
    """Return how many samples a reshape has made of the batch; None where it is as it was."""
    if not isinstance(batch, Dim) or batch in output:
        return None
    return next((size for size in output if str(batch) in letters(size)), None)
