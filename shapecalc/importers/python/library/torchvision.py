"""torchvision by its names: its networks are programs, everything else is not known."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

from shapecalc.importers.python.library.written import names_of
from shapecalc.importers.python.values import (
    Builtin,
    Instance,
    Library,
    LibraryClass,
    Unknown,
    Value,
)

if TYPE_CHECKING:
    from shapecalc.importers.python.calls import Call
    from shapecalc.importers.python.machine import Machine

_MODULES: Final = frozenset(
    {
        "torchvision",
        "torchvision.models",
        "torchvision.ops",
        "torchvision.ops.misc",
        "torchvision.transforms",
        "torchvision.datasets",
    }
)
#: The files of ``torchvision.models``.
_FILES: Final = frozenset(
    {
        "resnet",
        "vgg",
        "alexnet",
        "densenet",
        "mobilenet",
        "mobilenetv2",
        "squeezenet",
        "efficientnet",
        "mobilenetv3",
        "googlenet",
        "inception",
        "vision_transformer",
        "convnext",
        "segmentation",
        "_utils",
    }
)
#: The files of ``torchvision.models.segmentation``.
_SEGMENTATION: Final = frozenset({"fcn", "deeplabv3", "lraspp"})


@cache
def _sources() -> tuple[str, ...]:
    from shapecalc.importers.python.library import (
        inceptions,
        mobilenets,
        patchnets,
        segmentations,
        visionnets,
    )

    parts = (visionnets, mobilenets, inceptions, patchnets, segmentations)
    return tuple(each.SOURCE for each in parts)


def _operation(m: Machine, name: str) -> Value | None:
    """Return a module of ``torchvision.ops``."""
    from shapecalc.importers.python.library import visionops

    return names_of(m, "torchvision.ops", visionops.SOURCE).get(name)


def _network(m: Machine, name: str) -> Value | None:
    """Return a class or a function of the networks; each part is read once in a run."""
    wanted = (f"\ndef {name}(", f"\nclass {name}(", f"\n{name} = ")
    source = next((each for each in _sources() if any(text in each for text in wanted)), None)
    if source is None or name.startswith("_"):
        return None
    return names_of(m, "torchvision.models", source).get(name)


#: Weights that are loaded: which they are changes no shape.
_WEIGHTS: Final = LibraryClass("torchvision.models.Weights")
_ENUM: Final = LibraryClass(
    "torchvision.models.WeightsEnum",
    attributes={
        name: lambda m, _instance: Instance(_WEIGHTS, m.here)
        for name in "DEFAULT IMAGENET1K_V1 IMAGENET1K_V2 IMAGENET1K_FEATURES COCO_V1 "
        "COCO_WITH_VOC_LABELS_V1 IMAGENET1K_SWAG_E2E_V1 IMAGENET1K_SWAG_LINEAR_V1".split()
    },
)


def _by_name(m: Machine, call: Call) -> Value:
    """``get_model("resnet18", num_classes=10)``."""
    name, *args = call.args or [None]
    found = _network(m, name) if isinstance(name, str) else None
    if found is None:
        return Unknown("torchvision.models.get_model", call.position)
    return m.call(found, args, call.kwargs, call.position)


def find_in(m: Machine, name: str) -> Value | None:
    """Return what a full name stands for; None where it is not known."""
    if name in _MODULES:
        return Library(name)
    parts = name.split(".")
    last = parts[-1]
    if parts[1] == "ops":
        return _operation(m, last)
    if parts[1] != "models":
        return None
    if last.endswith("_Weights"):
        return Instance(_ENUM, m.here)
    if last == "get_model":
        return Builtin(name, _by_name)
    known = _network(m, last)
    if known is None and (last in _FILES if len(parts) == 3 else last in _SEGMENTATION):  # noqa: PLR2004
        return Library(name)
    return known
