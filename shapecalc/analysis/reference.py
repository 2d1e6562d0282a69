"""What is known about a layer: its text, its arguments, and examples that are traced."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from shapecalc import dialects
from shapecalc.analysis.variants import variants
from shapecalc.errors import UnknownLayerError
from shapecalc.language.arguments import parameter_of
from shapecalc.language.build import parse
from shapecalc.language.literals import data_text
from shapecalc.layers.layer import Layer, plain
from shapecalc.layers.parameters import flags, parameters
from shapecalc.tracing.walk import trace_network

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shapecalc.analysis.variants import Variant
    from shapecalc.layers.catalogue import Entry
    from shapecalc.layers.dialect import Dialect
    from shapecalc.tracing.rows import Row

#: Stands for an argument that must be given, in an example.
_VALUES: Final[dict[str, str]] = {
    "units": "64",
    "filters": "8",
    "kernel_size": "3",
    "pool_size": "2",
    "output_size": "4",
    "input_dim": "5000",
    "output_dim": "100",
    "num_heads": "8",
    "key_dim": "64",
    "head_dim": "64",
    "num_query_heads": "8",
    "num_key_value_heads": "2",
    "rate": "0.5",
    "stddev": "0.1",
    "factor": "0.2",
    "height_factor": "0.2",
    "width_factor": "0.2",
    "height": "32",
    "width": "32",
    "scale": "0.5",
    "n": "5",
    "max_number": "10",
    "num_tokens": "10",
    "num_bins": "10",
    "num_classes": "10",
    "drop_path_rate": "0.1",
    "in_channels": "3",
    "out_channels": "16",
    "in_features": "64",
    "out_features": "10",
    "num_features": "16",
    "num_channels": "16",
    "num_groups": "4",
    "groups": "4",
    "input_size": "10",
    "hidden_size": "20",
    "embed_dim": "64",
    "d_model": "64",
    "nhead": "8",
    "padding": "1",
    "norm_type": "2",
    "normalized_shape": "64",
    "num_embeddings": "10000",
    "embedding_dim": "64",
    "size": "5",
    "threshold": "0.1",
    "value": "0.5",
}
#: From how many flags of one parameter on they are one line.
MANY: Final = 8


class Example(NamedTuple):
    """A spec with what its layers do."""

    spec: str
    rows: list[Row]
    conditions: list[str]


class Reference(NamedTuple):
    """A layer as its page shows it."""

    cls: type[Layer]
    entry: Entry
    dialect: Dialect
    names: tuple[str, ...]
    examples: list[Example]

    @property
    def text(self) -> str:
        """The docstring."""
        return inspect.cleandoc(self.cls.__doc__ or "").replace("``", "`")

    def arguments(self) -> Iterator[tuple[str, str, str]]:
        """Yield each parameter in order, with its default and what it accepts."""
        for parameter in parameters(self.cls).values():
            if parameter.name == "input_shape":
                continue
            default = "required" if parameter.required else data_text(plain(parameter.default))
            yield parameter.name, default, parameter.kind.expects

    @property
    def shown(self) -> Row | None:
        """The row of the first example in which the layer itself is applied."""
        rows = self.examples[0].rows if self.examples else []
        return next((row for row in reversed(rows) if type(row.model) is self.cls), None)

    def variants(self) -> list[Variant]:
        """Return what the layer of the first example returns with other values of arguments."""
        row = self.shown
        if row is None:
            return []
        return variants(row, alone=not self.examples[0].spec.startswith("in:"))

    def words(self) -> dict[str, str]:
        """Return each flag with what it stands for; the many activations are one entry."""
        found: dict[str, str] = {}
        many: dict[str, list[str]] = {}
        for word, (name, value) in flags(self.cls).items():
            many.setdefault(name, []).append(word)
            found[word] = f"{name}={data_text(value)}"
        for name, words in many.items():
            if len(words) > MANY:
                found = {word: said for word, said in found.items() if word not in words}
                found[f"{words[0]}, {words[1]}, … {words[-1]}"] = name
        return found

    def keys(self) -> dict[str, str]:
        """Return each short key with the parameter that it leads to."""
        return {
            short: long
            for short in self.dialect.short_keys
            if (long := parameter_of(self.cls, short, self.dialect))
        }

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data, as JSON has it."""
        changing = {variant.argument for variant in self.variants()}
        return {
            "layer": self.entry.cls,
            "family": self.entry.family,
            "origin": self.dialect.catalogue.origin(self.entry),
            "names": list(self.names),
            "text": self.text,
            "arguments": [
                {
                    "name": name,
                    "default": default,
                    "expects": expects,
                    "changes_shape": name in changing,
                }
                for name, default, expects in self.arguments()
            ],
            "flags": self.words(),
            "keys": self.keys(),
            "examples": [
                {
                    "spec": example.spec,
                    "layers": [row.to_dict() for row in example.rows],
                    "conditions": example.conditions,
                }
                for example in self.examples
            ],
        }


def reference(name: str, dialect: Dialect) -> Reference:
    """Find what is known about a layer; raises `SpecError` where there is none."""
    catalogue = dialect.catalogue
    plain_name = name.strip().rstrip("-")
    entry = catalogue.find(dialect.prefixes.get(plain_name.lower(), plain_name))
    if entry is None:
        elsewhere = dialects.hint(
            dialect, plain_name, lambda other: bool(other.catalogue.find(plain_name))
        )
        hint = elsewhere or catalogue.hint(plain_name)
        raise UnknownLayerError(name, help=hint)
    cls = catalogue.load(entry)
    names = next((names for known, names in catalogue.listed() if known.cls == entry.cls), ())
    texts = (entry.name,) if entry.preset else examples_of(cls, entry)
    return Reference(cls, entry, dialect, names, [_traced(text, dialect) for text in texts])


def examples_of(cls: type[Layer], entry: Entry) -> tuple[str, ...]:
    """Return specs that show a layer: its own, else one made of its required arguments."""
    own: tuple[str, ...] = vars(cls).get("examples", ())
    if own:
        return own
    required = [p.name for p in parameters(cls).values() if p.required]
    values = [_VALUES.get(name, "") for name in required]
    text = ":".join([entry.name, *values])
    if cls.merges:
        return (f"in:B:T:8@one,in:B:T:8@two,{text}:@one",)
    variants = [f"{text}:{word}" for word in ("seq", "same", "s=2") if _takes(cls, word)]
    return (text, *variants)


def _takes(cls: type[Layer], word: str) -> bool:
    if word == "s=2":
        known = parameters(cls)
        return "kernel_size" in known and ("strides" in known or "stride" in known)
    return word in flags(cls)


def _traced(spec: str, dialect: Dialect) -> Example:
    trace = trace_network(parse(spec, dialect=dialect))
    return Example(spec, trace.layers, trace.conditions)
