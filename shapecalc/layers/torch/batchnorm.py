"""Norms with running statistics: over the batch, or over each example by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Self

from pydantic import model_validator

from shapecalc.dims import Dim, Shape, Size, any_of, at_least, equal, shape_text
from shapecalc.errors import RankError
from shapecalc.layers.arguments import Anything, ArgumentKind, switch, whole
from shapecalc.layers.layer import rule
from shapecalc.layers.result import Result, Weight
from shapecalc.layers.scope import Scope
from shapecalc.layers.torch.arguments import Affine, Bias, InputSize, Number, OptionalNumber
from shapecalc.layers.torch.layer import LETTERS, SpatialModule, require_filled, split

if TYPE_CHECKING:
    from shapecalc.layers.looking import Looks, Passed


def _any_size(value: Any) -> Size | None:  # noqa: ANN401
    return value if value is None or isinstance(value, Dim) else whole(value)


AnySize = Annotated[
    Size | None,
    ArgumentKind("a size, or _ for any size", _any_size, least=1, open_ended=True),
]
Tracking = Annotated[bool, switch("track", off=("notrack",))]


class Normalization(SpatialModule):
    """Base class of the norms: a weight and a bias for each channel, and running statistics."""

    keeps_rank = True

    eps: Number = 1e-5
    momentum: OptionalNumber = 0.1
    affine: Affine = True
    track_running_stats: Tracking = True
    bias: Bias = True

    def weights(self, channels: Size) -> list[Weight]:
        """Return the weights and the buffers for so many channels."""
        found: list[Weight] = []
        if self.affine:
            found.append(Weight("weight", (channels,)))
        if self.affine and self.bias:
            found.append(Weight("bias", (channels,)))
        if self.track_running_stats:
            statistics = {"running_mean": (channels,), "running_var": (channels,)}
            for name, shape in {**statistics, "num_batches_tracked": ()}.items():
                found.append(Weight(name, shape, trainable=False, buffer=True))
        return found


class BatchNormalization(Normalization):
    """Base class of the norms over the batch: their channels stand behind it."""

    @property
    def declared_axis(self) -> int:
        """The axis of the channels."""
        return 1


class DeclaredBatchNorm(BatchNormalization):
    """Base class of layers that declare their channels."""

    declares = ("num_features", 1)
    positional = ("num_features",)

    num_features: InputSize


class BatchNorm1d(DeclaredBatchNorm):
    """Normalizes each channel of vectors or sequences over the batch, then scales and shifts it.

    Shape   (N, C) or (N, C, L) -> the same
    Errors  the channels are not num_features; one value per channel in training;
            no batch (it takes no unbatched input)
    Source  torch.nn.BatchNorm1d
    """

    rank = 1


class BatchNorm2d(DeclaredBatchNorm):
    """Normalizes each channel of images over the batch, then scales and shifts it.

    Shape   (N, C, H, W) -> the same
    Errors  the channels are not num_features; one value per channel in training;
            no batch (it takes no unbatched input)
    Source  torch.nn.BatchNorm2d
    """

    rank = 2


class BatchNorm3d(DeclaredBatchNorm):
    """Normalizes each channel of volumes over the batch, then scales and shifts it.

    Shape   (N, C, D, H, W) -> the same
    Errors  the channels are not num_features; one value per channel in training;
            no batch (it takes no unbatched input)
    Source  torch.nn.BatchNorm3d
    """

    rank = 3


class LazyBatchNorm1d(BatchNormalization):
    """A BatchNorm1d that takes its num_features from the first input.

    Shape   (N, C) or (N, C, L) -> the same
    Errors  as BatchNorm1d, but for num_features
    Source  torch.nn.LazyBatchNorm1d
    """

    rank = 1


class LazyBatchNorm2d(BatchNormalization):
    """A BatchNorm2d that takes its num_features from the first input.

    Shape   (N, C, H, W) -> the same
    Errors  as BatchNorm2d, but for num_features
    Source  torch.nn.LazyBatchNorm2d
    """

    rank = 2


class LazyBatchNorm3d(BatchNormalization):
    """A BatchNorm3d that takes its num_features from the first input.

    Shape   (N, C, D, H, W) -> the same
    Errors  as BatchNorm3d, but for num_features
    Source  torch.nn.LazyBatchNorm3d
    """

    rank = 3


class SyncBatchNorm(DeclaredBatchNorm):
    """A BatchNorm over the batches of all processes, for any number of axes.

    Shape   (N, C, *) -> the same
    Errors  the channels are not num_features; one value per channel in training
    Source  torch.nn.SyncBatchNorm
    """

    rank = 1
    process_group: Anything = None


@rule(
    BatchNorm1d,
    BatchNorm2d,
    BatchNorm3d,
    LazyBatchNorm1d,
    LazyBatchNorm2d,
    LazyBatchNorm3d,
    SyncBatchNorm,
)
def batch_norm(layer: BatchNormalization, scope: Scope, x: Shape) -> Result:
    """Keep the shape; in training every channel needs more than one value."""
    least = 2 if layer.rank == 1 else layer.rank + 2
    most = max(len(x), 2) if isinstance(layer, SyncBatchNorm) else layer.rank + 2
    if not least <= len(x) <= most:
        names = ", ".join(("N", "C", *LETTERS[layer.rank]))
        also = "(N, C) or " if layer.rank == 1 else ""
        raise RankError(f"needs {also}({names}), with a batch, but gets {shape_text(x)}")
    declared = layer.declared
    if declared is None or layer.affine or layer.track_running_stats:
        why = "normalizes {} channels, but gets {} on axis 1 of {}"
        scope.require(declared is None or equal(x[1], declared), why, declared, x[1], x)
    if layer.affine:
        require_filled(scope, x, x[1:2])
    if scope.training or not layer.track_running_stats:
        several = any_of(*(at_least(size, 2) for size in (x[0], *x[2:])))
        why = "needs more than 1 value for each channel in training, but gets {}"
        scope.require(several, why, x)
    return Result(x, weights=layer.weights(x[1] if declared is None else declared))


class InstanceNormalization(Normalization):
    """Base class of the norms over each example."""

    affine: Affine = False
    track_running_stats: Tracking = False

    def looks(self, passed: Passed) -> Looks:
        """Return where it looks: each channel is normalized over all its positions."""
        from shapecalc.layers.looking import along
        from shapecalc.layers.spans import ALL

        return along(self.layout(), passed.rank, [ALL] * self.rank)


class DeclaredInstanceNorm(InstanceNormalization):
    """Base class of layers that declare their channels, ignored where none has parameters."""

    declares = ("num_features", 1)
    positional = ("num_features",)

    num_features: AnySize

    @model_validator(mode="after")
    def _channels_are_a_size(self) -> Self:
        size = self.num_features
        if (self.affine or self.track_running_stats) and isinstance(size, int) and size < 1:
            raise ValueError(f"num_features takes a size of at least 1, not {size}")
        return self


class LazyInstance(InstanceNormalization):
    """Base class of layers that take their channels from axis 1, and have weights by default."""

    affine: Affine = True
    track_running_stats: Tracking = True


class InstanceNorm1d(DeclaredInstanceNorm):
    """Normalizes each channel of each sequence separately; it has no weights unless `affine`.

    Shape   (N, C, L) or (C, L) -> the same
    Errors  the channels are not num_features, if it has weights or statistics; a single
            place to normalize over
    Source  torch.nn.InstanceNorm1d
    """

    rank = 1


class InstanceNorm2d(DeclaredInstanceNorm):
    """Normalizes each channel of each image separately; it has no weights unless `affine`.

    Shape   (N, C, H, W) or (C, H, W) -> the same
    Errors  the channels are not num_features, if it has weights or statistics; a single
            place to normalize over
    Source  torch.nn.InstanceNorm2d
    """

    rank = 2


class InstanceNorm3d(DeclaredInstanceNorm):
    """Normalizes each channel of each volume separately; it has no weights unless `affine`.

    Shape   (N, C, D, H, W) or (C, D, H, W) -> the same
    Errors  the channels are not num_features, if it has weights or statistics; a single
            place to normalize over
    Source  torch.nn.InstanceNorm3d
    """

    rank = 3


class LazyInstanceNorm1d(LazyInstance):
    """An InstanceNorm1d that takes num_features from axis 1 of the first input.

    Shape   (N, C, L) or (C, L) -> the same
    Errors  as InstanceNorm1d; without a batch axis 1 is not a channel axis
    Source  torch.nn.LazyInstanceNorm1d
    """

    rank = 1


class LazyInstanceNorm2d(LazyInstance):
    """An InstanceNorm2d that takes num_features from axis 1 of the first input.

    Shape   (N, C, H, W) or (C, H, W) -> the same
    Errors  as InstanceNorm2d; without a batch axis 1 is not a channel axis
    Source  torch.nn.LazyInstanceNorm2d
    """

    rank = 2


class LazyInstanceNorm3d(LazyInstance):
    """An InstanceNorm3d that takes num_features from axis 1 of the first input.

    Shape   (N, C, D, H, W) or (C, D, H, W) -> the same
    Errors  as InstanceNorm3d; without a batch axis 1 is not a channel axis
    Source  torch.nn.LazyInstanceNorm3d
    """

    rank = 3


@rule(
    InstanceNorm1d,
    InstanceNorm2d,
    InstanceNorm3d,
    LazyInstanceNorm1d,
    LazyInstanceNorm2d,
    LazyInstanceNorm3d,
)
def instance_norm(layer: InstanceNormalization, scope: Scope, x: Shape) -> Result:
    """Keep the shape; every channel of an example needs more than one place."""
    _, channels, sizes = split(x, layer.rank)
    declared = layer.declared
    keeps = layer.affine or layer.track_running_stats
    expected = x[1] if isinstance(layer, LazyInstance) or declared is None else declared
    if keeps:
        why = "normalizes {} channels, but gets {} in {}"
        scope.require(equal(channels, expected), why, expected, channels, x)
    if layer.affine:
        require_filled(scope, x, (channels,))
    if scope.training or not layer.track_running_stats:
        several = any_of(*(at_least(size, 2) for size in sizes))
        scope.require(several, "needs more than 1 place to normalize over, but gets {}", x)
    return Result(x, weights=layer.weights(expected))
