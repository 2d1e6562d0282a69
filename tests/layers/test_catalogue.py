"""The whole catalogue: every layer loads, teaches, is tested, and goes to text and back."""

from __future__ import annotations

import inspect
import re
from collections import defaultdict
from typing import Any

import pytest
from failing import failing, parts
from layers.keras.recorded import SETTLING, same_shape
from layers.keras.test_ground_truth import CASES

import shapecalc
from shapecalc import layer
from shapecalc.language.printer import layer_text
from shapecalc.layers.catalogue import fold
from shapecalc.layers.keras.activations import ACTIVATIONS
from shapecalc.layers.keras.dialect import CATALOGUE, KERAS
from shapecalc.layers.keras.names import FAMILIES, FILES
from shapecalc.layers.layer import Layer
from shapecalc.layers.parameters import flags, parameters
from shapecalc.network import Apply

LAYERS = {cls: family for family, layers in FAMILIES.items() for cls in layers}

#: Families of what only functional models hold; recorded models show that they are right.
OPERATIONS = ("ops", "rearranging", "slicing", "applications")

#: Layers without recorded cases, each with the reason.
UNRECORDED = {
    "Lambda": "what its function does is known only where it runs",
    **dict.fromkeys(
        FAMILIES["legacy"], "Keras 3 has them no more: tests/layers/keras/test_legacy.py"
    ),
} | {
    cls: "tests/importers/test_ops.py and test_models.py have it in models"
    for family in OPERATIONS
    for cls in FAMILIES[family]
}

#: Whose traces say the sizes that Keras leaves open: the conditions of a trace settle them, as
#: that of Reshape, the number of numbers, which stays the same.
SETTLED = SETTLING | {"Reshape"}

#: How many recorded cases of a class are written and read.
MOST = 12

#: Words that mean something else wherever an argument stands.
RESERVED = {"td", "bi", "in", "is", "use", "dialect", "true", "false", "none"}


def loaded(name: str) -> type[Layer]:
    entry = CATALOGUE.find(name)
    assert entry is not None
    return CATALOGUE.load(entry)


def successes(name: str) -> list[dict[str, Any]]:
    return [case for case in CASES.get(name, ()) if "error" not in case]


def test_catalogue_has_each_layer_of_the_signature_list() -> None:
    assert len(CASES) == 153
    assert not [name for name in CASES if CATALOGUE.find(name) is None]
    led = {entry.cls for name in CASES if (entry := CATALOGUE.find(name))}
    assert led == set(LAYERS) - set(UNRECORDED)


def test_each_class_is_in_the_file_that_the_table_says() -> None:
    assert FILES.keys() <= LAYERS.keys()
    for entry, _ in CATALOGUE.listed():
        assert CATALOGUE.load(entry).__module__ == f"{CATALOGUE.package}.{CATALOGUE.file(entry)}"


def test_a_class_stands_in_one_family_only() -> None:
    assert len(LAYERS) == sum(map(len, FAMILIES.values()))


def test_no_name_leads_to_two_classes() -> None:
    led: dict[str, set[str]] = defaultdict(set)
    for layers in FAMILIES.values():
        for cls, names in layers.items():
            for name in (cls, *names.split()):
                led[fold(name)].add(cls)
    assert not {name: classes for name, classes in led.items() if len(classes) > 1}
    assert not set(led) & (RESERVED - {"none"})
    assert all(CATALOGUE.index[name].cls in classes for name, classes in led.items())


def test_an_activation_is_a_layer_of_that_name() -> None:
    for activation in ACTIVATIONS:
        entry = CATALOGUE.find(activation)
        assert entry is not None
        assert entry.cls == "Activation" or fold(entry.cls) == fold(activation)


def loads_with_a_rule(name: str) -> None:
    cls = loaded(name)
    assert issubclass(cls, Layer)
    assert cls.__name__ == name
    assert callable(cls.infer)


def test_classes_load_and_have_a_rule() -> None:
    assert not failing(loads_with_a_rule, LAYERS)


def teaches(name: str) -> None:
    text = inspect.cleandoc(vars(loaded(name)).get("__doc__") or "")
    form = (
        r"[A-Z][^\n]*[\s\S]*?\.\n\n(?:[\s\S]+?\n\n)?"
        r"Shape   \S[^\n]*\n(?:        +\S[^\n]*\n)*"
        r"Errors  \S[^\n]*\n(?:        +\S[^\n]*\n)*"
        rf"Source  keras\.(layers\.{name}|(ops|applications)[^\n]*)"
    )
    assert re.fullmatch(form, text), text


def test_docstrings_have_the_form_used_everywhere() -> None:
    assert not failing(teaches, LAYERS)


def is_recorded(name: str) -> None:
    assert bool(CASES.get(name)) == (name not in UNRECORDED)
    assert bool(successes(name)) == (name not in UNRECORDED)


def test_classes_have_recorded_cases() -> None:
    assert not failing(is_recorded, LAYERS)


def flags_mean_one_thing(name: str) -> None:
    cls = loaded(name)
    meanings: dict[str, list[tuple[str, Any]]] = defaultdict(list)
    for parameter in parameters(cls).values():
        for word, value in parameter.kind.words.items():
            meanings[word].append((parameter.name, value))
        if parameter.kind.expects == "True or False" and parameter.default is False:
            meaning = (parameter.name, True)
            if meaning not in meanings[parameter.name]:
                meanings[parameter.name].append(meaning)
    assert not {word: each for word, each in meanings.items() if len(each) != 1}
    assert {word: each[0] for word, each in meanings.items()} == flags(cls)
    assert not RESERVED & {word.lower() for word in meanings}
    assert all(re.fullmatch(r"[a-z][A-Za-z0-9_]*", word) for word in meanings)


def test_no_flag_means_two_things() -> None:
    assert not failing(flags_mean_one_thing, LAYERS)


def parsed_layer(made: Layer, text: str) -> Layer:
    """The layer that its text gives; merges and readers of states read several tensors."""
    spec = text
    if made.merges:
        spec = f"in:B:F@one,in:B:F@two,{text}:@one"
    applied = [node for node in shapecalc.parse(spec).nodes if isinstance(node, Apply)]
    assert len(applied) == 1, text
    return applied[0].layer


def told_otherwise(case: dict[str, Any], text: str) -> str | None:
    """What the trace of a text says otherwise than Keras, or None."""
    (shape,) = case["input_shapes"]
    row = shapecalc.trace(text, input=tuple(shape)).layers[-1]
    settling = case["layer"] in SETTLED
    told, known = row.outputs, case["output_shapes"]
    if len(told) != len(known) or not all(
        same_shape(ours, theirs, settling=settling)
        for ours, theirs in zip(told, known, strict=True)
    ):
        return f"gives {told}, Keras {known}"
    counted = (row.params, row.trainable_params)
    if counted != (case["params"], case["trainable"]):
        return f"counts {counted}, Keras {(case['params'], case['trainable'])}"
    return None


def lost(case: dict[str, Any]) -> str | None:
    """What the text of a layer does not say again, or None.

    The shape of an input is a step of its own in a spec.
    """
    config = {key: value for key, value in case["config"].items() if key != "input_shape"}
    made = layer(case["layer"], **(case["config"] if case["layer"] == "InputLayer" else config))
    text = layer_text(made, KERAS)
    try:
        parsed = parsed_layer(made, text)
        if parsed != made:
            return f"{text} is {parsed!r}, not {made!r}"
        again = layer_text(parsed, KERAS)
        if again != text:
            return f"{text} prints again as {again}"
        if len(case["input_shapes"]) == 1 and not made.merges and made.arity[0] == 1:
            said = told_otherwise(case, text)
            return f"{text} {said}" if said else None
    except shapecalc.ShapecalcError as error:
        return f"{text} refused: {error}"
    return None


def is_its_text(name: str) -> None:
    recorded = successes(name)
    taken = recorded[:: len(recorded) // MOST + 1]
    found = [(case, said) for case in taken if (said := lost(case))]
    shown = "\n".join(
        f"{case['config']} on {case['input_shapes']}: {said}" for case, said in found[:20]
    )
    assert not found, f"{len(found)} of {len(taken)}\n{shown}"


@pytest.mark.parametrize("names", parts(sorted(CASES), 3))
def test_text_of_a_layer_is_that_layer(names: list[str]) -> None:
    assert not failing(is_its_text, names)
