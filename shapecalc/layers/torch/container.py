"""Containers: modules that hold modules and hand on what each of them gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shapecalc.dims import Shape, Size
from shapecalc.errors import ShapeError
from shapecalc.layers.held import first_input
from shapecalc.layers.layer import Layer, apply, rule
from shapecalc.layers.result import Result
from shapecalc.layers.scope import Scope
from shapecalc.layers.torch.inner import InnerModules
from shapecalc.layers.torch.layer import Module
from shapecalc.layers.torch.linear import Identity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shapecalc.layers.explaining import Applied
    from shapecalc.layers.looking import Looks, Passed


class Sequential(Module):
    """Passes the output of each module, one tensor, to the next.

    A module that returns a tuple, such as an LSTM, is only allowed at the end. In a spec the steps
    need no Sequential: each reads the first tensor of the step before.

    Shape   what the last module makes of what the one before it gives
    Errors  a module does not take what the one before it gives (usual cause: an LSTM's tuple)
    Source  torch.nn.Sequential
    """

    holds = "layers"
    examples = (
        "sequential(conv2d:3:8:3,relu,maxpool2d:2)",
        "in:N:1:28:28,sequential(flatten,linear:784:10)",
    )

    layers: InnerModules = ()

    def input_letters(self) -> tuple[str, ...] | None:
        """Return the letters of the default input: that of the first module that fixes one."""
        return first_input(self.layers, lambda layer: layer.input_letters())

    def default_input(self) -> tuple[str | Size, ...] | None:
        """Return the default input, with what the module that reads it declares."""
        return first_input(self.layers, lambda layer: layer.default_input())

    def explain(self, applied: Applied) -> Iterator[str]:  # noqa: ARG002
        """Explain which modules it holds."""
        for place, layer in enumerate(self.layers):
            yield f"({place}): {layer.called}"

    def looks(self, passed: Passed) -> Looks:
        """Return what its modules see, one behind the other."""
        from shapecalc.layers.following import chained

        return chained(self.layers, passed)


@rule(Sequential)
def sequential(layer: Sequential, scope: Scope, x: Shape) -> Result:
    """Hand what each module gives to the next, in modules within modules too."""
    return _handed_on(layer, scope, Result(x), None)[0]


def _handed_on(
    layer: Sequential, scope: Scope, before: Result, giver: Layer | None
) -> tuple[Result, Layer | None]:
    """Return what comes out of the modules, and which of them gave it.

    Only Identity takes a tuple, and so does what holds nothing else.
    """
    scope.budget.enter(layer)
    results: list[Result] = []
    outputs = before.outputs
    for place, inner in enumerate(layer.layers):
        try:
            if isinstance(inner, Sequential):
                result, giver = _handed_on(inner, scope, Result(*outputs), giver)
            elif isinstance(inner, Identity):
                result = Result(*outputs)
            else:
                _require_tensor(outputs, giver, inner)
                result, giver = apply(inner, outputs, scope), inner
        except ShapeError as error:
            raise error.noted([f"in module ({place}), {inner.called}"]) from None
        outputs = result.outputs
        results.append(result.named(f"{place}."))
    return Result.together(outputs, results), giver


def _require_tensor(outputs: tuple[Shape, ...], giver: Layer | None, reader: Layer) -> None:
    """Refuse a tuple, and say what to write instead."""
    if len(outputs) == 1 or giver is None:
        return
    given: str = getattr(giver, "gives", Module.gives)
    raise ShapeError(
        f"{giver.called} gives a tuple {given}, and {reader.called} reads one tensor",
        help=f"call it outside Sequential, {given[1:-1]} = {giver.called.lower()}(x), and hand"
        " on output; steps of a spec without sequential(…) do that",
    )
