"""Normalizations, with PyTorch's epsilons, and its momentum the other way round."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from shapecalc.exporters.document import Call, literal
from shapecalc.exporters.port.from_torch.values import Out

if TYPE_CHECKING:
    from shapecalc.exporters.port.from_torch.applied import Applied, Keywords
    from shapecalc.exporters.port.from_torch.families import Writer

#: What PyTorch adds in RMSNorm where nothing is said: the smallest step of float32.
_FLOAT32_STEP: Final = 1.1920928955078125e-07


def _learned(layer: Any, affine: bool) -> Keywords:  # noqa: ANN401, FBT001
    """Return what says that there is no scale or no offset."""
    keywords: Keywords = []
    if not affine:
        keywords.append(("scale", "False"))
    if not affine or not layer.bias:
        keywords.append(("center", "False"))
    return keywords


def batch_norm(a: Applied) -> Out:
    """Normalize each channel by what was seen of the batches."""
    layer: Any = a.layer
    if layer.momentum is None or not layer.track_running_stats:
        a.refuse("keeps no running mean with a momentum, as Keras's does")
    keywords: Keywords = [
        ("momentum", literal(round(1 - layer.momentum, 12))),
        ("epsilon", literal(layer.eps)),
        *_learned(layer, layer.affine),
    ]
    x = a.last()
    made = a.weighted("BatchNormalization", (), keywords)
    a.copy("copy_batch_norm")
    return Out(Call(made, (x,)), last=a.values[0].last)


def instance_norm(a: Applied) -> Out:
    """Normalize each channel of each example by itself."""
    layer: Any = a.layer
    if layer.track_running_stats:
        a.refuse("keeps running means, which Keras's does not")
    x = a.spatial()
    keywords: Keywords = [("epsilon", literal(layer.eps)), *_learned(layer, layer.affine)]
    made = a.weighted("GroupNormalization", (a.size(a.shape[1]),), keywords)
    if layer.affine:
        a.copy("copy_norm")
    return Out(Call(made, (x,)), last=True)


def group_norm(a: Applied) -> Out:
    """Normalize groups of channels."""
    layer: Any = a.layer
    x = a.last()
    keywords: Keywords = [("epsilon", literal(layer.eps)), *_learned(layer, layer.affine)]
    made = a.weighted("GroupNormalization", (str(layer.num_groups),), keywords)
    if layer.affine:
        a.copy("copy_norm")
    return Out(Call(made, (x,)), last=a.values[0].last)


def _axes(a: Applied) -> Keywords:
    """Return the last axes that a module normalizes along."""
    shape = a.layer.normalized_shape  # type: ignore[attr-defined]
    count = len(shape) if isinstance(shape, tuple) else 1
    if count >= a.rank:
        a.refuse("normalizes along the batch")
    return [] if count == 1 else [("axis", literal(list(range(-count, 0))))]


def layer_norm(a: Applied) -> Out:
    """Normalize along the last axes."""
    layer: Any = a.layer
    learned = _learned(layer, layer.elementwise_affine)
    keywords: Keywords = [*_axes(a), ("epsilon", literal(layer.eps)), *learned]
    x = a.plain()
    made = a.weighted("LayerNormalization", (), keywords)
    if layer.elementwise_affine:
        a.copy("copy_norm")
    return Out(Call(made, (x,)))


def rms_norm(a: Applied) -> Out:
    """Divide by the root of the mean of the squares along the last axes."""
    layer: Any = a.layer
    epsilon = _FLOAT32_STEP if layer.eps is None else layer.eps
    x = a.plain()
    made = a.weighted("RMSNormalization", (), [*_axes(a), ("epsilon", literal(epsilon))])
    if layer.elementwise_affine:
        a.copy("copy_norm")
    return Out(Call(made, (x,)))


WRITERS: Final[dict[str, Writer]] = {
    **{f"{lazy}BatchNorm{rank}d": batch_norm for lazy in ("", "Lazy") for rank in (1, 2, 3)},
    **{f"InstanceNorm{rank}d": instance_norm for rank in (1, 2, 3)},
    "LayerNorm": layer_norm,
    "RMSNorm": rms_norm,
    "GroupNorm": group_norm,
}
