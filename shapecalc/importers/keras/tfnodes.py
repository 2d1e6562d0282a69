"""The NodeDef of a TensorFlowOpLayer: as an object, as JSON, or as the bytes of a message."""

from __future__ import annotations

import base64
import binascii
import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from shapecalc.errors import SpecError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


class NodeDef(NamedTuple):
    """An operation of TensorFlow: its name, how many tensors it reads, its attributes."""

    op: str
    inputs: int
    attrs: dict[str, Any]


def read_node(stored: Any) -> NodeDef:  # noqa: ANN401
    """Read what a file has; raises `SpecError`."""
    if isinstance(stored, str):
        try:
            stored = json.loads(stored) if stored.lstrip().startswith("{") else _message(stored)
        except (ValueError, IndexError, RecursionError):
            raise SpecError("a TensorFlowOpLayer has a node_def that cannot be read") from None
    if isinstance(stored, NodeDef):
        return stored
    if not isinstance(stored, dict) or not isinstance(stored.get("op"), str):
        raise SpecError("a TensorFlowOpLayer has a node_def that names no operation")
    attrs = stored.get("attr") or {}
    found = {name: _plain(value) for name, value in attrs.items() if isinstance(value, dict)}
    return NodeDef(stored["op"], _tensors(stored.get("input") or []), found)


def _tensors(names: list[Any]) -> int:
    """Return how many inputs are tensors, and not operations to wait for."""
    return sum(not str(name).startswith("^") for name in names)


def _plain(value: Mapping[str, Any]) -> Any:  # noqa: ANN401
    """Return an attribute of a message as JSON, with integers as strings and strings as base64."""
    if "list" in value:
        held = value["list"] or {}
        return [_plain({key: each}) for key, values in held.items() for each in values]
    if "i" in value:
        return int(value["i"])
    if "s" in value:
        return _text(str(value["s"]))
    return next((value[key] for key in ("b", "f", "type") if key in value), None)


def _text(value: str) -> str:
    try:
        return base64.b64decode(value, validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        return value


#: The numbers of the fields of NodeDef, of its map of attributes, and of AttrValue.
_OP, _INPUT, _ATTR = 2, 3, 5
_KEY, _VALUE = 1, 2
_LIST: Final = 1
_KINDS: Final = {2: "s", 3: "i", 4: "f", 5: "b", 6: "type"}
#: How fields are written: a number, so many bytes, four bytes, eight bytes.
_NUMBER, _BYTES, _FOUR, _EIGHT = 0, 2, 5, 1


def _message(text: str) -> NodeDef:
    """Return a message in its binary form, which files have as text or as base64."""
    try:
        return _node(text.encode("utf-8"))
    except (ValueError, IndexError):
        return _node(base64.b64decode(text, validate=True))


def _node(data: bytes) -> NodeDef:
    fields = _fields(data)
    if len(fields[_OP]) != 1:
        raise ValueError
    attrs = {}
    for each in fields[_ATTR]:
        pair = _fields(each)
        attrs[pair[_KEY][0].decode("utf-8")] = _attribute(pair[_VALUE][0])
    names = [name.decode("utf-8") for name in fields[_INPUT]]
    return NodeDef(fields[_OP][0].decode("utf-8"), _tensors(names), attrs)


def _attribute(data: bytes) -> Any:  # noqa: ANN401
    fields = _fields(data)
    if fields[_LIST]:
        held = _fields(fields[_LIST][0])
        return [each for number in _KINDS for value in held[number] for each in _listed(value)]
    for number, kind in _KINDS.items():
        if fields[number]:
            value = fields[number][0]
            if kind == "b":
                return bool(value)
            return value.decode("utf-8", "replace") if isinstance(value, bytes) else value
    return None


def _listed(value: Any) -> Iterator[Any]:  # noqa: ANN401
    """Yield the numbers of a list, which may be written into one field."""
    if not isinstance(value, bytes):
        yield value
        return
    place = 0
    while place < len(value):
        number, place = _number(value, place)
        yield _signed(number)


def _fields(data: bytes) -> defaultdict[int, list[Any]]:
    """Return the fields of a message by their numbers; raises `ValueError` or `IndexError`."""
    found: defaultdict[int, list[Any]] = defaultdict(list)
    place = 0
    while place < len(data):
        key, place = _number(data, place)
        kind = key & 7
        if kind == _NUMBER:
            value, place = _number(data, place)
            found[key >> 3].append(_signed(value))
            continue
        size = {_FOUR: 4, _EIGHT: 8}.get(kind)
        if kind == _BYTES:
            size, place = _number(data, place)
        if size is None or place + size > len(data):
            raise ValueError
        found[key >> 3].append(data[place : place + size])
        place += size
    return found


def _signed(number: int) -> int:
    """Return a number of 64 bits, of which the highest is its sign."""
    return number - (1 << 64) if number >> 63 else number


def _number(data: bytes, place: int) -> tuple[int, int]:
    """Return a number in base 128, and where it ends."""
    value = shift = 0
    while True:
        value |= (data[place] & 0x7F) << shift
        place += 1
        if not data[place - 1] & 0x80:
            return value, place
        shift += 7
        if shift > 63:  # noqa: PLR2004  (no number has more bits)
            raise ValueError
