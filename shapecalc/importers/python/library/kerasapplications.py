"""The models of ``keras.applications``: what comes out of each; their weights are not known."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

from shapecalc.importers.python.layers import holds_unknown
from shapecalc.importers.python.values import HIDDEN, Builtin, LibraryClass, Tensor, Value
from shapecalc.layers.coded import Opaque

if TYPE_CHECKING:
    from shapecalc.importers.python.calls import Call
    from shapecalc.importers.python.machine import Machine

#: The channels behind the last block of each, and the size that it is made for.
_MODELS: Final = {
    "VGG16": (512, 224), "VGG19": (512, 224), "ResNet50": (2048, 224), "ResNet101": (2048, 224),
    "ResNet152": (2048, 224), "ResNet50V2": (2048, 224), "ResNet101V2": (2048, 224),
    "ResNet152V2": (2048, 224), "InceptionV3": (2048, 299), "InceptionResNetV2": (1536, 299),
    "Xception": (2048, 299), "MobileNet": (1024, 224), "MobileNetV2": (1280, 224),
    "MobileNetV3Small": (576, 224), "MobileNetV3Large": (960, 224), "DenseNet121": (1024, 224),
    "DenseNet169": (1664, 224), "DenseNet201": (1920, 224), "NASNetMobile": (1056, 224),
    "NASNetLarge": (4032, 331), "EfficientNetB0": (1280, 224), "EfficientNetB1": (1280, 240),
    "EfficientNetB2": (1408, 260), "EfficientNetB3": (1536, 300), "EfficientNetB4": (1792, 380),
    "EfficientNetB5": (2048, 456), "EfficientNetB6": (2304, 528), "EfficientNetB7": (2560, 600),
    "EfficientNetV2B0": (1280, 224), "EfficientNetV2B1": (1280, 240),
    "EfficientNetV2B2": (1408, 260), "EfficientNetV2B3": (1536, 300),
    "EfficientNetV2S": (1280, 384), "EfficientNetV2M": (1280, 480),
    "EfficientNetV2L": (1280, 480), "ConvNeXtTiny": (768, 224), "ConvNeXtSmall": (768, 224),
    "ConvNeXtBase": (1024, 224), "ConvNeXtLarge": (1536, 224), "ConvNeXtXLarge": (2048, 224),
}  # fmt: skip
#: Those whose convolutions take no pixels from beyond the edge.
_UNPADDED: Final = frozenset({"InceptionV3", "InceptionResNetV2"})
_FLOORED: Final = frozenset({"VGG16", "VGG19", "ConvNeXtTiny", "ConvNeXtSmall", "ConvNeXtBase"})


@cache
def application(name: str) -> Builtin | LibraryClass | None:
    """Return a model by its name; None where there is none."""
    return Builtin(f"keras.applications.{name}", _made(name)) if name in _MODELS else None


def _made(name: str) -> Any:  # noqa: ANN401
    channels, usual = _MODELS[name]

    def make(m: Machine, call: Call) -> Value:
        from shapecalc.importers.python.library.kerasgraph import Graph
        from shapecalc.importers.python.library.kerasmodels import MODEL
        from shapecalc.importers.python.library.kerastensors import symbolic
        from shapecalc.importers.python.tape import Tape
        from shapecalc.importers.python.values import Instance, Unknown

        names = "include_top weights input_tensor input_shape pooling classes"
        given = dict(zip(names.split(), call.args, strict=False)) | call.kwargs
        top = given.get("include_top", True)
        shape, tensor = given.get("input_shape"), given.get("input_tensor")
        lost = holds_unknown([shape, top, given.get("classes")])
        if lost is not None:
            return Unknown(lost.name or name, lost.position)
        if not isinstance(tensor, Tensor):
            side = usual if top else None
            sizes = list(shape) if isinstance(shape, list | tuple) else [side, side, 3]
            tensor = symbolic(m, [None, *sizes], None, call.position)
        output = _output(name, channels, tensor.shape, given)
        instance = Instance(MODEL, call.position)
        instance.attrs["name"] = given.get("name") or name.lower()
        layer = Opaque(shape=tuple(output), class_name=name)
        tape = tensor.tape
        assert isinstance(tape, Tape)  # noqa: S101  (it comes from Input)
        (found,) = tape.apply(
            layer, [tensor], call.position, label=instance.attrs["name"], owner=instance
        )
        instance.payload = Graph(tensor, found)
        instance.attrs[HIDDEN] = True
        return instance

    return make


def _output(name: str, channels: int, x: Any, given: dict[str, Value]) -> list[Value]:  # noqa: ANN401
    """Return the shape that comes out."""
    batch, height, width, _ = x
    if given.get("include_top", True):
        return [batch, given.get("classes", 1000)]
    if given.get("pooling") in {"avg", "max"}:
        return [batch, channels]
    return [batch, _side(name, height), _side(name, width), channels]


def _side(name: str, size: Any) -> Any:  # noqa: ANN401
    """Return the height or width after five halvings."""
    if name in _UNPADDED:
        # Three convolutions and pools without padding, then two blocks that halve.
        size = (size - 3) // 2 + 1
        size = (size - 2 - 3) // 2 + 1
        size = (size - 2 - 3) // 2 + 1
        return ((size - 3) // 2 + 1 - 3) // 2 + 1
    if name in _FLOORED:
        return size // 32
    for _ in range(5):
        size = (size + 1) // 2
    return size
