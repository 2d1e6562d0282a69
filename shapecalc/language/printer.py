"""Values, arguments, layers and steps as text, in the one canonical form.

All that writes a spec writes it with these, stacks that were parsed as networks that were made.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from shapecalc.language.arguments import own_parameters, parameter_of
from shapecalc.language.literals import data_text, text_literal
from shapecalc.layers.layer import Layer
from shapecalc.layers.parameters import common_names, flags, parameters

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from shapecalc.language.resolve import Resolver
    from shapecalc.language.syntax import Argument, Prefix, Ref, Stack, Step, Value
    from shapecalc.layers.dialect import Dialect

#: What a layer that is not in a spec may say of its input, which is a step there.
_OF_THE_INPUT: Final = ("input_shape", "input_length")
#: The parameters whose objects weights depend on.
_KEPT: Final = frozenset({"dtype", "quantization_config"})
#: A text in quotes, in which no mark means anything.
_QUOTED = re.compile(r"""("|').*?\1""")


def print_stack(stack: Stack, resolver: Resolver, wraps: tuple[str, ...] = ()) -> str:
    """Write steps, one after the other."""
    return ",".join(
        part for step in stack if (part := _step(step, step.form.prefixes, resolver, wraps))
    )


def _step(
    step: Step, prefixes: Sequence[Prefix], resolver: Resolver, wraps: tuple[str, ...]
) -> str:
    """Write a step; td goes to the layers that it wraps, a repeat stays a repeat."""
    for place, prefix in enumerate(prefixes):
        if isinstance(prefix.kind, int):
            inner = _step(step, prefixes[place + 1 :], resolver, wraps)
            return _repeated(prefix.kind, inner) if inner else ""
        wraps = (*wraps, prefix.kind)
    form = step.form
    label = f"@{step.label.text}" if step.label else ""
    if form.ref is not None:
        return value_text(form.ref)
    if form.name is None and not (wraps and wraps[-1] == "bi"):
        inner = print_stack((step.branches or [[]])[0], resolver, wraps)
        return f"({inner}){label}" if label else inner
    if form.name is not None and form.name.text.lower() in {"in", "is", "use"}:
        return plain_step(form.name.text.lower(), map(_shape_argument, form.args)) + label
    layer = resolver.layer(step, wraps)
    if layer is None:
        return ""
    branches = step.branches if layer.merges else None
    texts = None if branches is None else [print_stack(each, resolver) for each in branches]
    reads = [(read.key, read.ref) for read in resolver.reads(step)]
    values, masks = resolver.call(step)
    call = call_text(values, [(read.key, read.ref) for read in masks])
    return layer_step(layer, resolver.dialect, reads, texts) + call + label


def plain_step(word: str, arguments: Iterable[str]) -> str:
    """Write a step of ``in``, ``is`` or ``use``."""
    return ":".join([word, *arguments])


def layer_step(
    layer: Layer,
    dialect: Dialect,
    reads: Sequence[tuple[str | None, Ref]] = (),
    branches: Sequence[str] | None = None,
) -> str:
    """Write a layer with its branches, and with the labels that it reads, each with its key."""
    if not layer.merges:
        return layer_text(layer, dialect) + _named_reads(reads)
    block = "" if branches is None else f"({'|'.join(branches)})"
    joined = "".join(f":{ref_text(ref)}" for key, ref in reads if key is None)
    name = dialect.catalogue.spec_name(type(layer).__name__)
    return name + block + joined + _arguments(layer, dialect)


def call_text(values: Mapping[str, Any], masks: Sequence[tuple[str | None, Ref]]) -> str:
    """Write what a layer is called with beside what it works on."""
    flags = [f":{name}" if value is True else f":{name}={value}" for name, value in values.items()]
    return "".join(flags) + _named_reads(masks)


def _named_reads(reads: Sequence[tuple[str | None, Ref]]) -> str:
    found: dict[str, list[str]] = {}
    for key, ref in reads:
        found.setdefault(str(key), []).append(ref_text(ref))
    return "".join(
        f":{key}={refs[0] if len(refs) == 1 else '(' + ','.join(refs) + ')'}"
        for key, refs in found.items()
    )


def _repeated(count: int, inner: str) -> str:
    if count == 1:
        return inner
    return f"{count}x({inner})" if _needs_block(inner) else f"{count}x-{inner}"


def _needs_block(text: str) -> bool:
    """Return whether a text is more than one step, or a label, before which no prefix stands."""
    if text.startswith("@"):
        return True
    depth = 0
    for mark in _QUOTED.sub("", text):
        depth += (mark in "([") - (mark in ")]")
        if mark == "," and depth == 0:
            return True
    return False


def _shape_argument(argument: Argument) -> str:
    value = argument.value
    if argument.key is not None:
        refs = value.value if value.kind == "list" else [value]
        named = ",".join(map(value_text, refs))
        return f"{argument.key.text}={named if len(refs) == 1 else f'({named})'}"
    if value.kind == "list":
        return ":".join(value_text(item) for item in value.value)
    return value_text(value)


def ref_text(ref: Ref) -> str:
    """Write a label, and the port where it is not the first."""
    return f"@{ref.label}" + (f".{ref.port}" if ref.port is not None else "")


def value_text(value: Value) -> str:
    """Write a value as the text of a spec has it."""
    if value.kind == "ref":
        return ref_text(value.value)
    if value.kind in {"any", "unknown"}:
        return "_" if value.kind == "any" else "?"
    return data_text(value.value)


def layer_text(layer: Layer, dialect: Dialect) -> str:
    """Write a layer as a step: its name, what it must have, flags, then keys."""
    cls = type(layer)
    prefix = dialect.prefix_of(cls.__name__)
    # After a prefix these would go to the layer inside.
    shared = any(
        getattr(layer, name) != parameters(cls)[name].default for name in common_names(cls)
    )
    if prefix and not shared and layer.also_inside() is None:
        inner = getattr(layer, cls.holds)
        return f"{prefix}-{layer_text(inner, dialect)}{_arguments(layer, dialect)}"
    if cls.holds:
        held = getattr(layer, cls.holds)
        several = list(held) if isinstance(held, (list, tuple)) else [held]
        several += [each for each in (layer.also_inside(),) if each is not None]
        between = "," if cls.holds in {"cells", "layers"} else "|"
        block = between.join(layer_text(each, dialect) for each in several)
        name = prefix if prefix and not shared else dialect.catalogue.spec_name(cls.__name__)
        return f"{name}({block}){_arguments(layer, dialect)}"
    preset = dialect.catalogue.preset_of(layer)
    if preset is not None:
        return preset.name + _arguments(layer, dialect, done=[name for name, _ in preset.preset])
    return dialect.catalogue.spec_name(cls.__name__) + _arguments(layer, dialect)


def _arguments(layer: Layer, dialect: Dialect, done: Sequence[str] = ()) -> str:
    """Write arguments: values in order as far as each is required, then flags and keys."""
    cls = type(layer)
    skipped = {*done, cls.holds, cls.holds_also, *_OF_THE_INPUT}
    rest = {
        name: value
        for name, parameter in parameters(cls).items()
        if name not in skipped
        and (value := getattr(layer, name)) != parameter.default
        # A user-defined object, which only a model file can hold; no shape depends on it.
        and (name in _KEPT or not _holds_object(value))
    }
    parts: list[str] = []
    # The values of a wrapper would go to the layer that it holds.
    for place, parameter in enumerate([] if cls.holds else own_parameters(cls)):
        if parameter.name not in rest or not (parameter.required or place == 0):
            break
        value = rest[parameter.name]
        if isinstance(value, (str, bool)) and _flag(cls, parameter.name, value):
            break
        del rest[parameter.name]
        if parameter.kind.variadic and isinstance(value, (list, tuple)) and value:
            parts += [positional_text(item) for item in value]
        elif value is None and parameter.kind.open_ended:
            parts.append("_")
        else:
            parts.append(positional_text(value))
    parts += [argument_text(cls, name, value, dialect) for name, value in rest.items()]
    return "".join(f":{part}" for part in parts)


def argument_text(cls: type[Layer], name: str, value: Any, dialect: Dialect) -> str:  # noqa: ANN401
    """Write an argument as a flag, else with its key."""
    if value is None and parameters(cls)[name].kind.open_ended:
        return f"{_key(cls, name, dialect)}=_"
    return _flag(cls, name, value) or f"{_key(cls, name, dialect)}={data_text(value)}"


def _holds_object(value: Any) -> bool:  # noqa: ANN401
    if isinstance(value, (list, tuple)):
        return any(map(_holds_object, value))
    return isinstance(value, dict)


def _key(cls: type[Layer], name: str, dialect: Dialect) -> str:
    """Return the short key, where it leads to this parameter in this class."""
    short = dialect.short_key_of(name)
    return short if short is not None and parameter_of(cls, short, dialect) == name else name


def _flag(cls: type[Layer], name: str, value: Any) -> str | None:  # noqa: ANN401
    for word, (parameter, meaning) in flags(cls).items():
        if parameter == name and meaning is not None and meaning == value:
            return word
    return None


def positional_text(value: Any) -> str:  # noqa: ANN401
    """Write a value without its key, where a bare word would be a flag."""
    return text_literal(value) if isinstance(value, str) else data_text(value)
