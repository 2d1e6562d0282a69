"""Policies of numbers: which kind of numbers a layer keeps and computes with, and how packed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any, Final, NamedTuple

from shapecalc.layers.arguments import ArgumentKind

if TYPE_CHECKING:
    from collections.abc import Mapping

NUMBERS: Final = frozenset(
    {
        *("float16", "float32", "float64", "bfloat16", "float8_e4m3fn", "float8_e5m2"),
        *("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "int"),
        *("bool", "string", "complex64", "complex128", "mixed_float16", "mixed_bfloat16"),
    }
)
_QUANTIZED: Final = (
    r"(?P<mode>int8|float8|int4(/(?P<block>-1|[1-9]\d*))?"
    r"|gptq/(?P<bits>[2348])/(?P<group>-1|[1-9]\d*)|awq/4/(?P<share>-1|[1-9]\d*))_from_(?P<source>\w+)"
)
#: What begins as the policy of a quantized layer must be one: a bare int8 is none.
_MODES: Final = ("int8", "float8", "int4", "gptq", "awq")
#: How many of the largest numbers of the last steps float8 remembers.
HISTORY: Final = 1024


class Policy(NamedTuple):
    """How the numbers of a layer are kept.

    ``mode`` is None where they are not quantized. ``block`` is how many of them, one below the
    other, share a scale; None where all of a column do.
    """

    mode: str | None = None
    block: int | None = None
    bits: int = 4
    history: int = HISTORY

    @property
    def packs(self) -> bool:
        """Whether it keeps kernels in whole numbers, out of training."""
        return self.mode not in {None, "float8"}


PLAIN: Final = Policy()


def read_policy(value: Any) -> Policy:  # noqa: ANN401
    """Read a name or a stored policy; raises `ValueError` where it is none."""
    if value is None:
        return PLAIN
    if isinstance(value, dict):
        return _stored(value)
    if not isinstance(value, str):
        raise ValueError  # noqa: TRY004  (what pydantic reads)
    if not value.startswith(_MODES):
        return _plain(value)
    match = re.fullmatch(_QUANTIZED, value)
    if match is None:
        raise ValueError
    _plain(match["source"])
    mode = match["mode"].partition("/")[0]
    if mode == "int8" and match["source"] in {"float16", "mixed_float16"}:
        raise ValueError(f"does not take {value}: int8 does not compute with float16")
    block = int(match["block"] or match["group"] or match["share"] or -1)
    return Policy(mode, None if block == -1 else block, int(match["bits"] or 4))


def _plain(name: str) -> Policy:
    if name not in NUMBERS:
        raise ValueError
    return PLAIN


def _stored(stored: Mapping[str, Any]) -> Policy:
    """Read a policy as Keras stores it; the one of a map is that of what it does not name."""
    config = stored.get("config")
    if not isinstance(config, dict) or not isinstance(stored.get("class_name"), str):
        raise ValueError  # noqa: TRY004  (what pydantic reads)
    if stored["class_name"] == "DTypePolicyMap":
        return read_policy(config.get("default_policy"))
    policy = read_policy(policy_name(stored))
    length = config.get("amax_history_length", HISTORY)
    if type(length) is not int:
        raise ValueError
    return policy._replace(history=length)


def policy_name(stored: Mapping[str, Any]) -> Any:  # noqa: ANN401
    """Return the name of a stored policy: that of its dtype, or of its quantization."""
    config = stored["config"]
    if "mode" not in config:
        return config.get("name")
    return f"{config['mode']}_from_{config.get('source_name') or 'float32'}"


def is_named(stored: Mapping[str, Any]) -> bool:
    """Return whether the name of a stored policy says all of it."""
    config = stored.get("config")
    return (
        isinstance(config, dict)
        and stored.get("class_name") != "DTypePolicyMap"
        and config.get("amax_history_length", HISTORY) == HISTORY
    )


def within(value: Any, *path: str) -> Any:  # noqa: ANN401
    """Return the policy of an inner layer, or of one that a map of policies names."""
    if not isinstance(value, dict) or value.get("class_name") != "DTypePolicyMap":
        return value
    config = value["config"]
    named: Mapping[str, Any] = config.get("policy_map") or {}
    place = "/".join(path)
    found = [key for key in named if key == place] or [
        key for key in named if re.fullmatch(key, place)
    ]
    if len(found) > 1:
        raise ValueError(f"has several policies for {place}: {', '.join(found)}")
    return named[found[0]] if found else config.get("default_policy")


def _checked(value: Any) -> Any:  # noqa: ANN401
    read_policy(value)
    return value


DType = Annotated[
    Any,
    ArgumentKind(
        "the name of numbers, such as float32, or of a policy, "
        "such as mixed_float16 or int8_from_float32",
        _checked,
    ),
]


def _quantization(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, dict) and isinstance(value.get("class_name"), str):
        return value
    raise ValueError


Quantization = Annotated[
    Any, ArgumentKind("a configuration as Keras stores it", _quantization).or_none()
]


def blocks_of(stored: Any) -> int | None:  # noqa: ANN401
    """Return how many numbers share a scale, by a stored Int4QuantizationConfig."""
    config = stored.get("config") if isinstance(stored, dict) else None
    block = config.get("block_size") if isinstance(config, dict) else None
    return None if block == -1 else block


def in_blocks(policy: Any, stored: Mapping[str, Any]) -> dict[str, str]:  # noqa: ANN401
    """Return the int4 policy with the blocks of a stored configuration, unless it states them."""
    mode, _, source = policy.partition("_from_") if isinstance(policy, str) else ("", "", "")
    if mode.partition("/")[0] != "int4" or stored.get("class_name") != "Int4QuantizationConfig":
        return {}
    block = blocks_of(stored)
    return {"dtype": f"int4{'' if block is None else f'/{block}'}_from_{source}"}


def is_packed(layer: object) -> bool:
    """Return whether a layer keeps its kernel in whole numbers of a few bits."""
    return read_policy(getattr(layer, "dtype", None)).packs
