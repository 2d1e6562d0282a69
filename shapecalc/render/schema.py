"""The models of the JSON output, version 1; only ``shapecalc schema`` and the tests import them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, StrictStr

from shapecalc.dialects import DIALECTS
from shapecalc.render.columns import COLUMNS

Size = Annotated[
    StrictInt | StrictStr, Field(description="A whole number, or an expression over letters.")
]
Shape = Annotated[list[Size], Field(description="The sizes of all axes, the batch first.")]


if TYPE_CHECKING:
    DialectName = str
else:
    DialectName = Literal[DIALECTS]


def _column(name: str, more: str = "", **options: Any) -> Any:  # noqa: ANN401  (as Field)
    """Describe a key of JSON as the column of the same value, and what is of JSON alone."""
    return Field(description=f"{COLUMNS[name].sentence} {more}".rstrip(), **options)


class JsonObject(BaseModel):
    """The base of all JSON objects, which have no other keys."""

    model_config = ConfigDict(extra="forbid")


_UNKNOWN: Final = "Null where it does not fit."
_UNCOUNTED: Final = "Null where it does not fit, or its weights are unknown."
_COSTS: Final = "Present only if costs are requested; null if unknown."
_CODE: Final = "Present only for source code; lines and columns count from 1."
_BUFFERS: Final = "Present only in dialects that have buffers."


class NamedShape(JsonObject):
    """An input or an output."""

    name: StrictStr
    shape: Shape


class WeightOutput(JsonObject):
    """A tensor that a layer keeps."""

    name: StrictStr
    shape: Shape
    trainable: StrictBool
    kind: Annotated[
        Literal["buffer"] | None,
        Field(description="Present only if it is not a parameter: a buffer, counted apart."),
    ] = None


class FieldOutput(JsonObject):
    """What one place of an axis of an output sees of an axis of an input."""

    axis: Annotated[StrictInt, Field(description="The axis of the output; the batch is axis 0.")]
    size: Annotated[
        Size, Field(description="The most positions that one output sees, or the string all.")
    ]
    stride: Annotated[
        Size,
        Field(description="How far apart two outputs look: a number, or a string such as 3/2."),
    ]
    offset: Annotated[
        Size | None,
        Field(description="The first that output 0 sees; negative in padding. Null if very long."),
    ]
    input: Annotated[
        StrictStr | None, Field(description="Present only if there are several inputs.")
    ] = None


class LayerOutput(JsonObject):
    """A layer as it was applied; also each line of the format jsonl."""

    index: Annotated[StrictInt, _column("index", ge=1)]
    name: Annotated[StrictStr, _column("name")]
    layer: Annotated[StrictStr, _column("layer")]
    line: Annotated[StrictInt | None, _column("line", _CODE)] = None
    config: Annotated[
        dict[str, Any], Field(description="The arguments that differ from the defaults.")
    ]
    from_: Annotated[list[StrictStr], _column("from", alias="from")]
    inputs: Annotated[list[Shape], _column("input")]
    outputs: Annotated[list[Shape] | None, _column("output", _UNKNOWN)]
    weights: Annotated[list[WeightOutput], _column("weights")]
    params: Annotated[Size | None, _column("params", _UNCOUNTED)]
    trainable_params: Annotated[Size | None, _column("trainable", _UNCOUNTED)]
    buffers: Annotated[Size | None, _column("buffers", _BUFFERS)] = None
    macs: Annotated[Size | None, _column("macs", _COSTS)] = None
    flops: Annotated[Size | None, _column("flops", _COSTS)] = None
    memory: Annotated[Size | None, _column("memory", _COSTS)] = None
    receptive: Annotated[list[FieldOutput] | None, _column("receptive", _COSTS)] = None


class PeakOutput(JsonObject):
    """The most numbers that are alive at once in a forward pass."""

    size: Size
    layers: Annotated[
        list[StrictStr],
        Field(
            description="The rows at which it is reached; an input where that is before the first."
        ),
    ]


class ErrorOutput(JsonObject):
    """Why the shapes do not fit, with --partial; or what fits, but is likely a mistake."""

    message: StrictStr
    layer: StrictStr | None
    span: list[StrictInt] | None
    help: StrictStr | None
    rule: Annotated[StrictStr | None, Field(description=_CODE)] = None
    path: Annotated[StrictStr | None, Field(description=_CODE)] = None
    line: Annotated[StrictInt | None, Field(description=_CODE)] = None
    column: Annotated[StrictInt | None, Field(description=_CODE)] = None
    end_line: Annotated[StrictInt | None, Field(description=_CODE)] = None
    end_column: Annotated[StrictInt | None, Field(description=_CODE)] = None


class ParamsOutput(JsonObject):
    """How many numbers the weights hold; null where some of the weights are unknown."""

    total: Size | None
    trainable: Size | None
    non_trainable: Size | None
    buffers: Annotated[Size | None, Field(description=_BUFFERS)] = None
    at_least: Annotated[
        Size | None, Field(description="Present only if the total is null: its known part.")
    ] = None


class TraceOutput(JsonObject):
    """What ``shapecalc -f json`` writes."""

    model_config = ConfigDict(extra="forbid", title="shapecalc trace, version 1")

    version: Literal[1]
    model: Annotated[
        StrictStr | None, Field(description="Present only for source code: the name of the model.")
    ] = None
    spec: Annotated[
        StrictStr | None, Field(description="The canonical spec; null if no spec can express it.")
    ]
    dialect: DialectName
    inputs: list[NamedShape]
    layers: list[LayerOutput]
    outputs: list[NamedShape]
    params: ParamsOutput
    macs: Annotated[Size | None, Field(description=f"Those of all layers. {_COSTS}")] = None
    flops: Annotated[Size | None, Field(description=f"Those of all layers. {_COSTS}")] = None
    peak: Annotated[PeakOutput | None, Field(description=_COSTS)] = None
    conditions: Annotated[
        list[StrictStr], Field(description="What must hold, as Python expressions.")
    ]
    assumptions: Annotated[
        list[StrictStr], Field(description="Sufficient where the exact condition is not known.")
    ]
    fixed: Annotated[
        list[StrictStr],
        Field(description="The letters that the framework needs as numbers to build the weights."),
    ]
    warnings: Annotated[
        list[ErrorOutput] | None,
        Field(description="Present only if there are any: what fits, but is likely a mistake."),
    ] = None
    error: Annotated[
        ErrorOutput | None, Field(description="Present only with --partial, if it does not fit.")
    ] = None


class LossOutput(JsonObject):
    """A loss that suits an output."""

    loss: Annotated[StrictStr, Field(description="How it is written.")]
    y: Annotated[StrictStr, Field(description="The kind of y that it takes.")]
    shape: Annotated[Shape | None, Field(description="The shape of that y; null if any will do.")]


class EndOutput(JsonObject):
    """An input or an output of the model, and what is given for it."""

    end: Annotated[Literal["x", "y"], Field(description="x is an input, y an output.")]
    name: StrictStr
    given: Annotated[Shape | None, Field(description="The shape of the data; null if not given.")]
    shape: Annotated[Shape, Field(description="The shape in the model.")]
    loss: Annotated[
        StrictStr | None, Field(description="The class of the loss; null if none is said.")
    ]
    losses: Annotated[
        list[LossOutput], Field(description="The losses that suit it, where none is said.")
    ]


class ProblemOutput(JsonObject):
    """What does not fit, or is likely a mistake."""

    rule: Annotated[StrictStr, Field(description="The name of its kind.")]
    end: Annotated[Literal["x", "y", "model"], Field(description="What it is about.")]
    name: Annotated[StrictStr, Field(description="The input, the output or the layer.")]
    message: StrictStr
    lines: Annotated[
        list[StrictStr], Field(description="Code to write instead, the most likely first.")
    ]
    spec: Annotated[StrictStr | None, Field(description="A model to write instead.")]
    notes: Annotated[list[StrictStr], Field(description="Why.")]
    refused: Annotated[StrictBool, Field(description="True for an error, false for a warning.")]
    path: Annotated[StrictStr | None, Field(description=_CODE)] = None
    line: Annotated[StrictInt | None, Field(description=_CODE)] = None


class FitOutput(JsonObject):
    """What ``shapecalc fit -f json`` writes."""

    model_config = ConfigDict(extra="forbid", title="shapecalc fit, version 1")

    model: Annotated[
        StrictStr | None, Field(description="Present only if there are several: its name.")
    ] = None
    version: Literal[1]
    fits: Annotated[StrictBool, Field(description="Whether there are no errors.")]
    ends: list[EndOutput]
    problems: list[ProblemOutput]


#: What has a schema, by the word that asks for it.
OUTPUTS: Final[Mapping[str, type[JsonObject]]] = {"trace": TraceOutput, "fit": FitOutput}


def schema(output: str = "trace") -> dict[str, Any]:
    """Return the JSON Schema of an output, draft 2020-12."""
    found = OUTPUTS[output].model_json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **found}
