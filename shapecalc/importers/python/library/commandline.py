"""``argparse``: a program that is read gets no arguments, so that the defaults hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from shapecalc.importers.python.signals import Raised
from shapecalc.importers.python.values import (
    UNKNOWN,
    Builtin,
    Instance,
    LibraryClass,
    Unknown,
    Value,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from shapecalc.importers.python.calls import Call
    from shapecalc.importers.python.machine import Machine


class _Argument:
    """What an argument gives where it is not written, and what becomes of a text."""

    def __init__(self, m: Machine, call: Call) -> None:
        self.flags = [each for each in call.args if isinstance(each, str)]
        given = call.kwargs
        self.is_option = not self.flags or self.flags[0].startswith("-")
        long = [each for each in self.flags if each.startswith("--")]
        name = (long or self.flags or [""])[0].lstrip("-").replace("-", "_")
        self.name = given.get("dest", name)
        self.action = _action(given.get("action"))
        self.type = given.get("type")
        self.const = given.get("const", self.action != "store_false")
        self.nargs = given.get("nargs")
        self.default = self._default(m, call)

    def _default(self, m: Machine, call: Call) -> Value:
        given = call.kwargs
        if "default" in given:
            default = given["default"]
            return self.read(m, default, call) if isinstance(default, str) else default
        if self.action in {"store_true", "store_false"}:
            return self.action == "store_false"
        may_miss = self.is_option or self.nargs in {"?", "*"}
        if given.get("required") is True or not may_miss:
            return Unknown(f"the argument {self.name}", call.position)
        return [] if self.nargs == "*" and not self.is_option else None

    def read(self, m: Machine, text: Value, call: Call) -> Value:
        """Read a text as its type says."""
        if self.type is None or isinstance(self.type, Unknown):
            return text
        try:
            return m.call(self.type, [text], {}, call.position)
        except Raised:
            return UNKNOWN


def _action(value: Value) -> str:
    if isinstance(value, LibraryClass):
        return value.name.rpartition(".")[2]
    return value if isinstance(value, str) else "store"


def _parser(_m: Machine, instance: Instance, _call: Call) -> None:
    instance.payload = {}
    instance.attrs["?set"] = {}


def _add(m: Machine, instance: Instance, call: Call) -> Value:
    made = _Argument(m, call)
    if made.action not in {"help", "version"} and isinstance(made.name, str):
        instance.payload[made.name] = made
    return UNKNOWN


def _group(_m: Machine, instance: Instance, call: Call) -> Value:
    """Add the arguments of a group to its parser."""
    made = Instance(PARSER, call.position)
    made.payload, made.attrs["?set"] = instance.payload, instance.attrs["?set"]
    return made


def _parsers(_m: Machine, instance: Instance, call: Call) -> Value:
    name = call.kwargs.get("dest")
    if isinstance(name, str):
        instance.attrs["?set"][name] = Unknown(f"the argument {name}", call.position)
    return _group(_m, instance, call)


def _set_defaults(_m: Machine, instance: Instance, call: Call) -> Value:
    instance.attrs["?set"].update(call.kwargs)


def _get_default(_m: Machine, instance: Instance, call: Call) -> Value:
    name = call.get(0, "dest")
    found = instance.payload.get(name)
    return instance.attrs["?set"].get(name, None if found is None else found.default)


def _parse(m: Machine, instance: Instance, call: Call) -> Value:
    made = Instance(NAMESPACE, call.position)
    for name, argument in instance.payload.items():
        made.attrs[name] = argument.default
    made.attrs.update(instance.attrs["?set"])
    given, onto = call.get(0, "args"), call.get(1, "namespace")
    if isinstance(given, list | tuple) and all(isinstance(each, str) for each in given):
        _take(m, instance, list(given), made, call)
    elif given is not None and not isinstance(given, list):
        made.attrs = dict.fromkeys(made.attrs, Unknown("parse_args", call.position))
    if isinstance(onto, Instance):
        onto.attrs.update(made.attrs)
        return onto
    return made


def _take(m: Machine, parser: Instance, words: list[str], onto: Instance, call: Call) -> None:
    """Take what is written, as ``parse_args(["--depth", "3"])`` has it."""
    arguments = list(parser.payload.values())
    plain = [each for each in arguments if not each.is_option]
    while words:
        word, sign, value = words.pop(0).partition("=")
        known = next((each for each in arguments if word in each.flags and each.is_option), None)
        if known is None and not word.startswith("-") and plain:
            known, sign, value = plain.pop(0), "=", word
        if known is None:
            continue
        if known.action.startswith("store_") or known.action == "BooleanOptionalAction":
            onto.attrs[known.name] = known.const
            continue
        values = [value] if sign else []
        many = known.nargs in {"*", "+"} or (isinstance(known.nargs, int) and known.nargs > 0)
        while words and not words[0].startswith("-") and (many or not values):
            values.append(words.pop(0))
        read = [known.read(m, each, call) for each in values]
        onto.attrs[known.name] = read if many else read[0] if read else known.const


def _parse_known(m: Machine, instance: Instance, call: Call) -> Value:
    return _parse(m, instance, call), []


def _method(function: Callable[[Machine, Instance, Call], Value]) -> Any:  # noqa: ANN401
    return lambda _m, instance: Builtin("argparse", lambda m, call: function(m, instance, call))


PARSER: Final = LibraryClass(
    "argparse.ArgumentParser",
    construct=_parser,
    attributes={
        "add_argument": _method(_add),
        "add_argument_group": _method(_group),
        "add_mutually_exclusive_group": _method(_group),
        "add_subparsers": _method(_parsers),
        "add_parser": _method(_group),
        "set_defaults": _method(_set_defaults),
        "get_default": _method(_get_default),
        "parse_args": _method(_parse),
        "parse_intermixed_args": _method(_parse),
        "parse_known_args": _method(_parse_known),
        "print_help": _method(lambda _m, _instance, _call: None),
        "print_usage": _method(lambda _m, _instance, _call: None),
        "error": _method(lambda m, _i, call: m.fail("SystemExit", "", call.position)),
    },
)


def _namespace(_m: Machine, instance: Instance, call: Call) -> None:
    instance.attrs.update(call.kwargs)


NAMESPACE: Final = LibraryClass("argparse.Namespace", construct=_namespace)

_HARMLESS: Final = [
    "ArgumentDefaultsHelpFormatter", "RawTextHelpFormatter", "RawDescriptionHelpFormatter",
    "MetavarTypeHelpFormatter", "HelpFormatter", "Action", "ArgumentTypeError", "ArgumentError",
]  # fmt: skip

NAMES: Final[dict[str, Any]] = {
    "argparse.ArgumentParser": PARSER,
    "argparse.Namespace": NAMESPACE,
    "argparse.BooleanOptionalAction": LibraryClass("argparse.BooleanOptionalAction"),
    **{f"argparse.{name}": LibraryClass(f"argparse.{name}") for name in _HARMLESS},
}
