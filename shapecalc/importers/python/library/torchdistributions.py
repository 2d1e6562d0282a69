"""``torch.distributions``: what is drawn from a distribution has the shape of its parameters."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from shapecalc.importers.python.layers import computed_layer, flat, holds_unknown, run_layer
from shapecalc.importers.python.values import (
    UNKNOWN,
    Builtin,
    Instance,
    LibraryClass,
    Tensor,
    Value,
    method_of,
)
from shapecalc.layers.broadcast import joined
from shapecalc.layers.scope import Scope

if TYPE_CHECKING:
    from collections.abc import Callable

    from shapecalc.dims import Shape
    from shapecalc.importers.python.calls import Call
    from shapecalc.importers.python.machine import Machine

#: How many of the last axes of the parameters one choice, and one draw, has.
_EVENTS: Final = {
    "Categorical": (1, 0), "OneHotCategorical": (1, 1), "Dirichlet": (1, 1),
    "MultivariateNormal": (1, 1), "Multinomial": (1, 1),
    **dict.fromkeys(
        "Normal Bernoulli Beta Gamma Exponential Uniform Laplace Poisson LogNormal StudentT "
        "Cauchy Geometric HalfNormal Gumbel RelaxedBernoulli".split(), (0, 0)
    ),
}  # fmt: skip


def _construct(name: str, m: Machine, instance: Instance, call: Call) -> Value:
    tensors = [each for each in call if isinstance(each, Tensor)]
    if holds_unknown(list(call)) is not None or not tensors:
        return UNKNOWN
    scope = Scope() if m.tape is None else m.tape.scope
    # A covariance says no more of the shape than the mean.
    tensors = tensors[:1] if name == "MultivariateNormal" else tensors
    shape = joined(scope, [each.shape for each in tensors])
    cut, drawn = _EVENTS[name]
    batch = shape[: len(shape) - cut] if cut else shape
    instance.payload = (batch, shape[len(batch) :] if drawn else (), tensors)
    instance.attrs.update(zip(("probs", "logits", "loc", "mean"), [tensors[0]] * 4, strict=True))
    if len(tensors) > 1:
        instance.attrs.update(scale=tensors[1], stddev=tensors[1])
    return None


def _given(
    m: Machine, instance: Instance, shape: Shape, call: Call, title: str, *more: Tensor
) -> Value:
    title = f"{instance.cls.name}.{title}"
    layer = computed_layer([shape], title)
    tensors = [*instance.payload[2], *more]
    (made,) = run_layer(m, layer, tensors, call.position, library="torch")
    made.whole = instance.cls.name.endswith("Categorical") and title.endswith("sample")
    return made


def _sample(m: Machine, instance: Instance, call: Call) -> Value:
    batch, event, _ = instance.payload
    before = call.get(0, "sample_shape", ())
    if not isinstance(before, list | tuple):
        return UNKNOWN
    return _given(m, instance, (*before, *batch, *event), call, "sample")


def _log_prob(m: Machine, instance: Instance, call: Call) -> Value:
    batch, event, _ = instance.payload
    value = call.get(0, "value")
    if not isinstance(value, Tensor):
        return UNKNOWN
    scope = Scope() if m.tape is None else m.tape.scope
    shape = joined(scope, [(*batch, *event), value.shape])
    shape = shape[: len(shape) - len(event)] if event else shape
    return _given(m, instance, shape, call, "log_prob", value)


def _entropy(m: Machine, instance: Instance, call: Call) -> Value:
    return _given(m, instance, instance.payload[0], call, "entropy")


_ATTRIBUTES: Final[dict[str, Callable[[Machine, Instance], Value]]] = {
    **dict.fromkeys(("sample", "rsample"), method_of(_sample)),
    "log_prob": method_of(_log_prob),
    "entropy": method_of(_entropy),
    "batch_shape": lambda _m, instance: tuple(instance.payload[0]),
    "event_shape": lambda _m, instance: tuple(instance.payload[1]),
}


def _divergence(m: Machine, call: Call) -> Value:
    """``kl_divergence(p, q)``: a number for each distribution of the batch."""
    held = [each for each in call if isinstance(each, Instance) and isinstance(each.payload, tuple)]
    if len(held) != 2:  # noqa: PLR2004  (p and q)
        return UNKNOWN
    scope = Scope() if m.tape is None else m.tape.scope
    shape = joined(scope, [each.payload[0] for each in held])
    return _given(m, held[0], shape, call, "kl_divergence", *flat(held[1].payload[2]))


_CLASSES: Final[dict[str, Any]] = {
    name: LibraryClass(
        f"torch.distributions.{name}", construct=partial(_construct, name), attributes=_ATTRIBUTES
    )
    for name in _EVENTS
}


def find(name: str) -> Value | None:
    """Return a distribution by its full name; None where it is not known."""
    last = name.rpartition(".")[2]
    if last == "kl_divergence":
        return Builtin(name, _divergence)
    return _CLASSES.get(last)
