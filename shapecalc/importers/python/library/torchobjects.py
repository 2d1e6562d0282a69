"""Objects of torch that are not functions of shapes: devices, types, contexts, parameters."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from shapecalc.importers.python.library.torchautograd import FUNCTION
from shapecalc.importers.python.values import (
    NONE,
    UNKNOWN,
    Builtin,
    Instance,
    Library,
    LibraryClass,
    Tensor,
    Value,
)

if TYPE_CHECKING:
    from shapecalc.importers.python.calls import Call
    from shapecalc.importers.python.machine import Machine


def _parameter(m: Machine, call: Call) -> Value:
    data = call.get(0, "data")
    if isinstance(data, int | float | list | tuple):
        text = f"a parameter is made of a tensor, but gets a {type(data).__name__}"
        m.fail("TypeError", text, call.position, rule="argument")
    if not isinstance(data, Tensor):
        return data
    made = Tensor(data.shape, "torch", trained=True, whole=False)
    made.numbers = data.numbers
    made.frozen = call.get(1, "requires_grad", True) is False
    return made


CONTEXT: Final = LibraryClass("torch.no_grad", apply=lambda _m, _instance, call: call.get(0, "f"))


def _context(_m: Machine, call: Call) -> Value:
    # As a decorator it gives back the function.
    if call.args and not isinstance(call.args[0], bool):
        return call.args[0]
    return Instance(CONTEXT, call.position)


def _device(_m: Machine, call: Call) -> Value:
    return call.get(0, "type", "cpu")


def _first(_m: Machine, call: Call) -> Value:
    """Return what gives back its first argument, such as ``jit.script(model)``."""
    return call.get(0, "module", UNKNOWN)


def _false(_m: Machine, _call: Call) -> Value:
    return False


def _nothing(_m: Machine, _call: Call) -> Value:
    return None


def _weight_norm(_m: Machine, call: Call) -> Value:
    from shapecalc.importers.python.library.torchmodules import normed

    return normed(call)


def _finfo(_m: Machine, call: Call) -> Value:
    made = Instance(LibraryClass("torch.finfo"), call.position)
    made.attrs.update(max=3.4e38, min=-3.4e38, eps=1.2e-7)
    return made


_DTYPES: Final = (
    "float float16 float32 float64 bfloat16 half double int int8 int16 int32 int64 long short "
    "uint8 bool complex64 strided channels_last contiguous_format"
).split()

OBJECTS: Final[dict[str, Any]] = {
    **{f"torch.{name}": Library(f"torch.{name}") for name in _DTYPES},
    "torch.Tensor": Builtin("torch.Tensor", lambda m, call: _new("Tensor", m, call)),
    "torch.nn.Parameter": Builtin("torch.nn.Parameter", _parameter),
    "torch.nn.parameter.Parameter": Builtin("torch.nn.Parameter", _parameter),
    "torch.nn.Buffer": Builtin("torch.nn.Buffer", lambda _m, call: call.get(0, "data")),
    **dict.fromkeys(("torch.autograd.Function", "torch.autograd.function.Function"), FUNCTION),
    "torch.autograd.Variable": Builtin("torch.autograd.Variable", _first),
    "torch.device": Builtin("torch.device", _device),
    "torch.no_grad": Builtin("torch.no_grad", _context),
    "torch.enable_grad": Builtin("torch.enable_grad", _context),
    "torch.inference_mode": Builtin("torch.inference_mode", _context),
    "torch.set_grad_enabled": Builtin("torch.set_grad_enabled", _context),
    "torch.autograd.set_detect_anomaly": Builtin("context", _context),
    "torch.manual_seed": Builtin("torch.manual_seed", _nothing),
    "torch.set_printoptions": Builtin("torch.set_printoptions", _nothing),
    "torch.cuda.is_available": Builtin("torch.cuda.is_available", _false),
    "torch.cuda.device_count": Builtin("torch.cuda.device_count", lambda _m, _call: 0),
    "torch.cuda.manual_seed": Builtin("torch.cuda.manual_seed", _nothing),
    "torch.cuda.manual_seed_all": Builtin("torch.cuda.manual_seed_all", _nothing),
    "torch.is_tensor": Builtin(
        "torch.is_tensor", lambda _m, call: isinstance(call.get(0, "obj"), Tensor)
    ),
    "torch.numel": Builtin(
        "torch.numel", lambda m, call: m.call(m.attribute(call.args[0], "numel"))
    ),
    "torch.compile": Builtin("torch.compile", _first),
    **{
        f"torch.jit.{name}": Builtin(f"torch.jit.{name}", _first)
        for name in ("script", "trace", "freeze", "optimize_for_inference")
    },
    **{
        f"torch.jit.{name}": Builtin(f"torch.jit.{name}", _context)
        for name in ("export", "ignore", "unused", "script_method", "script_if_tracing")
    },
    "torch.jit.annotate": Builtin("torch.jit.annotate", lambda _m, call: call.get(1, "the_value")),
    **{
        name: Builtin(name, _false)
        for name in (
            "torch.jit.is_scripting",
            "torch.jit.is_tracing",
            "torch.onnx.is_in_onnx_export",
        )
    },
    "torch.nn.utils.weight_norm": Builtin("torch.nn.utils.weight_norm", _weight_norm),
    "torch.nn.utils.parametrizations.weight_norm": Builtin("weight_norm", _weight_norm),
    "torch.nn.utils.spectral_norm": Builtin("torch.nn.utils.spectral_norm", _first),
    "torch.nn.utils.parametrizations.spectral_norm": Builtin("spectral_norm", _first),
    "torch.nn.DataParallel": Builtin("torch.nn.DataParallel", _first),
    "torch.nn.utils.clip_grad_norm_": Builtin("torch.nn.utils.clip_grad_norm_", _nothing),
    **{f"torch.{name}": getattr(math, name) for name in ("pi", "e", "inf", "nan")},
    "torch.newaxis": NONE,
    "torch.finfo": Builtin("torch.finfo", _finfo),
    "torch.Size": Builtin("torch.Size", lambda _m, call: tuple(call.get(0, "size", ()))),
}


def _new(name: str, m: Machine, call: Call) -> Value:
    from shapecalc.importers.python.library.torchcreating import CREATING

    return CREATING[name](m, call)


for _kind in ("FloatTensor", "LongTensor", "IntTensor", "DoubleTensor", "BoolTensor"):
    _known = _kind if _kind in {"FloatTensor", "LongTensor", "IntTensor"} else "FloatTensor"
    OBJECTS[f"torch.{_kind}"] = Builtin(f"torch.{_kind}", partial(_new, _known))
    OBJECTS[f"torch.cuda.{_kind}"] = OBJECTS[f"torch.{_kind}"]
