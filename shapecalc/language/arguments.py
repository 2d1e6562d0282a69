"""From the arguments of a step to the parameters of its layer, with the place of each."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from shapecalc import dialects
from shapecalc.dims import Dim
from shapecalc.errors import SpecError, did_you_mean
from shapecalc.language.refused import misspelt
from shapecalc.layers.layer import Layer
from shapecalc.layers.parameters import Parameter, common_names, flags, parameters

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from shapecalc.errors import Span
    from shapecalc.language.syntax import Argument, Ref, Value
    from shapecalc.layers.dialect import Dialect
    from shapecalc.network import Network


def parameter_of(cls: type[Layer], key: str, dialect: Dialect) -> str | None:
    """Return the parameter of a class that a key names, in full or in short."""
    known = parameters(cls)
    if key in known:
        return key
    return next((name for name in dialect.short_keys.get(key, ()) if name in known), None)


class Read(NamedTuple):
    """A tensor that a layer reads beside the current one: by name, or as one more to join."""

    key: str | None
    ref: Ref
    span: Span


_POSITIONAL = frozenset({"any", "const", "int", "float", "tuple", "size", "list", "text"})


class Assignment:
    """Arguments given to the parameters of a layer class."""

    def __init__(
        self,
        cls: type[Layer],
        subject: str,
        dialect: Dialect,
        filled: Mapping[Span, Any] | None = None,
    ) -> None:
        """Take the class, what messages call it, and values for ``?`` by its place."""
        self.cls = cls
        self.subject = subject
        self.dialect = dialect
        self.filled = filled or {}
        self.config: dict[str, Any] = {}
        self.places: dict[str, Span] = {}
        self.errors: list[SpecError] = []
        self.reads: list[Read] = []
        #: What the layer is called with beside what it works on: values by name, and masks.
        self.call: dict[str, Any] = {}
        self.masks: list[Read] = []
        self._positional = own_parameters(cls)
        self._next = 0
        #: The parameters to which further values are added.
        self._several: set[str] = set()

    def preset(self, values: Iterable[tuple[str, Any]]) -> None:
        """Set parameters that the name of the layer stands for."""
        self.config.update(values)

    def fill(self, arguments: Sequence[Argument], fallback: Assignment | None = None) -> None:
        """Assign all; what this layer does not take goes to ``fallback``, its wrapper."""
        for argument in arguments:
            try:
                if argument.key is None and argument.value.kind == "int":
                    self._set_next(argument.value, argument.span)
                else:
                    self._assign(argument, fallback)
            except SpecError as error:
                self.errors.append(error)

    def _assign(self, argument: Argument, fallback: Assignment | None) -> None:
        value = argument.value
        if self._read(argument) or self._called(argument, (fallback or self).cls):
            return
        if argument.key is not None:
            name = self.parameter(argument.key.text)
            if name is not None:
                self._set(name, self._value(parameters(self.cls)[name], value), argument.span)
            elif fallback is not None and fallback.parameter(argument.key.text):
                fallback.fill([argument])
            else:
                raise self._unknown_key(argument.key.text, argument.key.span)
        elif value.kind == "word":
            flag = flags(self.cls).get(value.value)
            if flag is not None:
                self._set(flag[0], flag[1], argument.span)
            elif fallback is not None and value.value in flags(fallback.cls):
                fallback.fill([argument])
            else:
                raise self._unknown_word(value, fallback)
        elif value.kind in _POSITIONAL or value.span in self.filled:
            self._set_next(value, argument.span)
        else:
            raise self._misplaced(value)

    def _read(self, argument: Argument) -> bool:
        """Take labels: those of a merge, or of a tensor that the layer reads by name."""
        value = argument.value
        if value.kind not in {"ref", "list"}:
            return False
        refs = value.value if value.kind == "list" else (value,)
        key = argument.key.text if argument.key else None
        if any(ref.kind != "ref" for ref in refs) or not refs:
            return False
        if key is None and self.cls.reads_in_order and not self.cls.merges:
            taken = {read.key for read in self.reads}
            free = [name for name in self.cls.reads if name not in taken]
            if self.cls.reads_states:
                # All states have the one name.
                free = [*self.cls.reads] * len(refs)
            self.reads += [
                Read(name, ref.value, ref.span) for name, ref in zip(free, refs, strict=False)
            ]
            return len(refs) <= len(free)
        known = {*self.cls.reads, *(("kv",) if "value" in self.cls.reads else ())}
        if key not in known and not (key is None and self.cls.merges):
            return False
        if key is not None and any(key == read.key for read in self.reads):
            raise SpecError(f"{key} is given twice", span=argument.span)
        self.reads += [Read(key, ref.value, ref.span) for ref in refs]
        return True

    def _called(self, argument: Argument, cls: type[Layer]) -> bool:
        """Take what a layer is called with: a value or a flag, or a mask by its label."""
        value, key = argument.value, argument.key.text if argument.key else None
        name = value.value if key is None and value.kind == "word" else key
        if name in self.call or any(name == mask.key for mask in self.masks):
            raise SpecError(f"{name} is given twice", span=argument.span)
        if name is None or self.parameter(name) or (key is None and name in flags(self.cls)):
            return False
        if name in cls.call_arguments:
            if key is not None and (value.kind != "const" or value.value is None):
                raise SpecError(f"{name} takes True or False", span=argument.span)
            self.call[name] = True if key is None else value.value
            return True
        if name not in cls.masks or key is None:
            return False
        refs = value.value if value.kind == "list" else (value,)
        if value.kind == "const" and value.value is None:
            self.call[name] = None
        elif refs and all(ref.kind == "ref" for ref in refs):
            self.masks += [Read(name, ref.value, ref.span) for ref in refs]
        else:
            raise SpecError(f"{name} takes the label of a mask", span=argument.span)
        return True

    def parameter(self, key: str) -> str | None:
        """Return the parameter that a key names, in full or in short."""
        return parameter_of(self.cls, key, self.dialect)

    @property
    def begins_open(self) -> bool:
        """Whether the first value is a size that may be left open."""
        return bool(self._positional) and self._positional[0].kind.open_ended

    def _set(self, name: str, value: Any, span: Span) -> None:  # noqa: ANN401
        if name in self.config and name not in self.places:
            known = self.dialect.counterparts.get(self.subject)
            raise SpecError(
                f"{self.subject} takes no {name}, which the name fixes", span=span, help=known
            )
        if name in self.places:
            raise SpecError(f"{name} is given twice", span=span)
        self.config[name] = value
        self.places[name] = span

    def _set_next(self, given: Value, span: Span) -> None:
        if self._next >= len(self._positional):
            raise SpecError(f"{self.subject} takes no more values", span=span, help=self.takes())
        parameter = self._positional[self._next]
        value = self._value(parameter, given)
        if parameter.kind.variadic:
            self._extend(parameter, value, span)
            return
        self._next += 1
        self._set(parameter.name, value, span)

    def _extend(self, parameter: Parameter, value: Any, span: Span) -> None:  # noqa: ANN401
        """Read a list alone as the whole argument; several values make one list."""
        name = parameter.name
        if name not in self._several:
            self._set(name, value if isinstance(value, list) else [value], span)
            self._several.add(name)
        else:
            self.config[name] = [*self.config[name], value]
            self.places[name] = (self.places[name][0], span[1])

    def _value(self, parameter: Parameter, value: Value) -> Any:  # noqa: ANN401
        """Say a value of a parameter in Python; ``_`` is None where whatever comes in will do."""
        return None if value.kind == "any" and parameter.kind.open_ended else self.data(value)

    def data(self, value: Value) -> Any:  # noqa: ANN401
        """Say a value in Python."""
        if value.kind in {"tuple", "list"}:
            items = value.value
            return list(items) if value.kind == "tuple" else [self.data(item) for item in items]
        if value.kind == "unknown" and value.span in self.filled:
            return self.filled[value.span]
        if value.kind in {"ref", "any", "unknown"}:
            raise self._misplaced(value)
        return value.value

    def _misplaced(self, value: Value) -> SpecError:
        shown = {"ref": "label", "any": "_", "unknown": "?"}[value.kind]
        return SpecError(f"{self.subject} takes no {shown}", span=value.span, help=self.takes())

    def _unknown_key(self, key: str, span: Span) -> SpecError:
        def names() -> list[str]:
            short = filter(self.parameter, self.dialect.short_keys)
            known = [*parameters(self.cls), *self.cls.reads, *short]
            return [*known, *self.cls.call_arguments, *self.cls.masks]

        def hint() -> str:
            elsewhere = self._elsewhere(key, lambda cls, of: parameter_of(cls, key, of) is not None)
            near = did_you_mean(key, names())
            if elsewhere is not None and near is not None:
                return f"{elsewhere}; or {near}"
            return elsewhere or near or self.takes()

        message = f"{self.subject} has no parameter {key}"
        return SpecError(message, span=span, help=hint, failure=misspelt(key, span, names))

    def _unknown_word(self, value: Value, fallback: Assignment | None) -> SpecError:
        word = value.value

        def words() -> dict[str, tuple[str, Any]]:
            others = flags(fallback.cls) if fallback is not None else {}
            return flags(self.cls) | others

        def hint() -> str:
            known = words()
            elsewhere = self._elsewhere(word, lambda cls, _: word in flags(cls))
            if elsewhere is not None:
                return elsewhere
            if word in parameters(self.cls):
                return did_you_mean(word, known) or f"{word} takes a value: {word}=…"
            return did_you_mean(word, known) or self._flag_list(known)

        message, failure = f"{self.subject} takes no flag {word}", misspelt(word, value.span, words)
        return SpecError(message, span=value.span, help=hint, failure=failure)

    def _elsewhere(self, word: str, takes: Callable[[type[Layer], Dialect], bool]) -> str | None:
        """Return the hint to another dialect whose layer of this name takes the word.

        ``takes`` is asked of that layer.
        """

        def has(other: Dialect) -> bool:
            entry = other.catalogue.find(self.subject)
            return entry is not None and takes(other.catalogue.load(entry), other)

        return dialects.hint(self.dialect, word, has)

    def _flag_list(self, known: Mapping[str, tuple[str, Any]]) -> str:
        """Return the flags that the layer takes; of the many activations one."""
        own = [word for word, (name, _) in known.items() if not name.endswith("activation")]
        if len(own) < len(known):
            own.append("an activation such as relu")
        if len(own) == 1:
            return f"its only flag is {own[0]}"
        return f"its flags are {', '.join(own)}" if own else "it takes no flags"

    def takes(self) -> str:
        """Return what the layer takes, in the order of its values."""
        own = self._positional
        if not own:
            return f"{self.subject} takes no arguments"
        listed = [p for p in own if telling(p.name)]
        shown = [p.name if p.required else f"{p.name}={p.default}" for p in listed[:8]]
        more = ", …" if len(own) > len(shown) else ""
        return f"{self.subject} takes {', '.join(shown)}{more}"


_UNTELLING: Final = r".*_(initializer|regularizer|constraint)|name|dtype|seed|input_shape|autocast"


def telling(name: str) -> bool:
    """Return whether a parameter is worth listing."""
    return not re.fullmatch(_UNTELLING, name)


@cache
def own_parameters(cls: type[Layer]) -> list[Parameter]:
    """Return what values without a key fill, in order: neither what all layers take nor a block."""
    shared = {*common_names(cls), cls.holds}
    return [parameter for name, parameter in parameters(cls).items() if name not in shared]


def argument_letters(network: Network) -> AbstractSet[str]:
    """Return the letters that stand in the arguments of a network's layers."""
    if network.source is not None:
        return network.source.letters
    return letters_in([layer.given() for layer in network.layers])


def letters_in(config: Any) -> set[str]:  # noqa: ANN401
    """Return the letters that stand in arguments."""
    if isinstance(config, int):
        return set()
    if isinstance(config, Dim):
        return set(config.letters)
    if isinstance(config, dict):
        config = config.values()
    elif not isinstance(config, (list, tuple)):
        return set()
    found: set[str] = set()
    for each in config:
        if each.__class__ not in _WITHOUT_LETTERS:
            found |= letters_in(each)
    return found


_WITHOUT_LETTERS: Final = frozenset({int, float, bool, str, type(None)})
