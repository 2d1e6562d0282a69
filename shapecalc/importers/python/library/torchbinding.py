"""How the arguments of a function of torch are bound to the step that it is."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, Any, Final

from shapecalc.importers.python.layers import flat, holds_unknown, plain_value
from shapecalc.importers.python.library.torchkinds import typed
from shapecalc.importers.python.values import Number, Tensor, Unknown, Value, Whole
from shapecalc.layers.parameters import parameters

if TYPE_CHECKING:
    from shapecalc.importers.python.calls import Call
    from shapecalc.layers.layer import Layer

#: Arguments that change no shape, and that the step does not have.
_DROPPED: Final = frozenset(
    "training inplace out dtype device generator requires_grad memory_format layout copy "
    "non_blocking weight pos_weight size_average reduce antialias recompute_scale_factor "
    "_stacklevel".split()
)
_RENAMED: Final = {"axis": "dim", "keepdims": "keepdim"}
_TENSORS: Final = frozenset(
    "input other tensors tensor mat1 mat2 x self query key value target attn_mask mask index "
    "exponent condition operands x1 x2".split()
)


#: Arguments that say which part of an axis is taken, which has the same shape wherever it is.
_PLACES: Final = frozenset({"index", "start"})


def bound(cls: type[Layer], call: Call) -> tuple[list[Tensor], dict[str, Any], Unknown | None]:
    """Take the tensors of a call, and bind what else there is to the parameters of a step."""
    inputs: list[Tensor] = []
    config: dict[str, Any] = {}
    args = list(call.args)
    most = cls.arity[1]
    if cls.__name__ == "Einsum" and args:
        config["equation"] = args.pop(0)
    while args and (most is None or len(inputs) < most):
        tensors, unknown = flat(args[0]), holds_unknown(args[0])
        if unknown is not None and (tensors or len(inputs) < cls.arity[0]):
            return inputs, config, unknown
        if not tensors:
            break
        inputs += tensors
        args.pop(0)
    if cls.arity[0] == most:
        # A tensor may stand behind a number, as in gather(x, dim, index).
        later = [each for each in args if isinstance(each, Tensor)][: most - len(inputs)]
        inputs += later
        args = [each for each in args if all(each is not tensor for tensor in later)]
        lost = next((each for each in args if isinstance(each, Unknown)), None)
        if lost is not None and len(inputs) < most:
            return inputs, config, lost
    _bind_rest(cls, args, config)
    unknown = _bind_named(cls, call, inputs, config)
    if unknown is not None:
        return inputs, config, unknown
    if inputs and "dtype" in call.kwargs:
        inputs[0] = typed(inputs[0], call, len(call.args))
    return inputs, *_plain(cls, config)


def _plain(cls: type[Layer], config: dict[str, Any]) -> tuple[dict[str, Any], Unknown | None]:
    """Return arguments as a step takes them, and one that is not known."""
    known = parameters(cls)
    plain: dict[str, Any] = {}
    for name, value in config.items():
        made = plain_value(value)
        fraction = isinstance(made, Number) and not isinstance(made, Whole)
        if fraction or (isinstance(made, float) and not isfinite(made)):
            # Whatever number it is, it changes no shape.
            made = 0 if name in _PLACES else 1.0
        if isinstance(made, Unknown) and name not in _DROPPED:
            return plain, made
        if name in known and not isinstance(made, Unknown) and made is not None:
            plain[name] = made
    return plain, None


def _bind_rest(cls: type[Layer], args: list[Value], config: dict[str, Any]) -> None:
    """Bind what stands behind the tensors to the parameters, in order."""
    for name, parameter in parameters(cls).items():
        if not args:
            return
        if name in config or name == "name":
            continue
        # Several axes stand one after the other as dims, and in a tuple as dim.
        spreads = parameter.kind.variadic and name != "dim"
        if spreads and not isinstance(args[0], list | tuple):
            config[name] = tuple(args)
            args.clear()
        else:
            config[name] = args.pop(0)


def _bind_named(
    cls: type[Layer], call: Call, inputs: list[Tensor], config: dict[str, Any]
) -> Unknown | None:
    """Bind what is given by name: tensors, parameters, and what changes no shape."""
    most = cls.arity[1]
    for key, value in call.kwargs.items():
        name = _RENAMED.get(key, key)
        unknown = holds_unknown(value)
        if flat(value) and (most is None or len(inputs) < most):
            inputs += flat(value)
        elif name in parameters(cls):
            config[name] = value
        elif unknown is not None and key in _TENSORS:
            return unknown
        elif value is None and key in _TENSORS:
            continue
        elif not {key, name} & _DROPPED and not isinstance(value, Tensor):
            call.fail(f"{cls.__name__.lower()}() got an unexpected keyword argument '{key}'")
    return None
