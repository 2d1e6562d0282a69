"""Dialects: the step that says one, and what must agree with it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from terminal import called
from test_architecture import loaded_by, run_of

import shapecalc
from shapecalc.cli.suggestions import complete
from shapecalc.dims import Dim
from shapecalc.errors import ShapeError, SpecError
from shapecalc.language.heading import join, says_dialect
from shapecalc.layers.keras.dialect import KERAS, KERAS1

if TYPE_CHECKING:
    from pathlib import Path

STEP = "dialect:keras1"
FITS = "lstm:8:seq,td-dense:3"
MISFITS = "lstm:8:seq,dense:3"


def refusal(text: str, dialect: str | None = None) -> SpecError:
    with pytest.raises(SpecError) as caught:
        shapecalc.parse(text, dialect=dialect)
    return caught.value


def shown(error: SpecError) -> str:
    assert error.source is not None
    assert error.span is not None
    return error.source[slice(*error.span)]


# What the step means.


@pytest.mark.parametrize(
    "text",
    [
        f"{STEP},{FITS}",
        f"DIALECT : keras1 ,{FITS}",
        f"# old models\n\n{STEP}  # of 2016\n{FITS}",
        f" ,, {STEP},,{FITS}",
    ],
)
def test_the_step_says_the_dialect(text: str) -> None:
    network = shapecalc.parse(text)
    assert network.dialect is KERAS1
    assert str(network) == f"{STEP},{FITS}"
    assert shapecalc.parse(str(network)) == network == shapecalc.parse(FITS, dialect="keras1")
    assert network != shapecalc.parse(FITS)


def test_the_default_dialect_is_not_printed() -> None:
    assert str(shapecalc.parse(f"dialect:keras,{FITS}")) == FITS
    assert shapecalc.parse(f"dialect:keras,{FITS}") == shapecalc.parse(FITS)


def test_the_law_of_keras1_holds_where_the_spec_says_it() -> None:
    with pytest.raises(ShapeError) as caught:
        shapecalc.trace(f"{STEP},{MISFITS}")
    assert caught.value.message == "dense takes only 2-D input in keras1, but gets (B, T, 8)"
    assert caught.value.help == f"{STEP},{FITS}"
    assert shapecalc.trace(f"{STEP},{FITS}").to_dict()["dialect"] == "keras1"
    assert shapecalc.trace(f"dialect:keras,{MISFITS}").output[2] == 3


def test_a_repair_says_the_dialect_where_the_spec_does() -> None:
    with pytest.raises(ShapeError) as caught:
        shapecalc.trace(MISFITS, dialect="keras1")
    assert caught.value.help == FITS


def test_the_law_holds_for_a_layer_by_itself() -> None:
    layer = shapecalc.layer("Dense", dialect="keras1", units=3)
    assert layer == shapecalc.layer("Dense", units=3)
    assert layer.compute_output_shape((None, 4)) == (Dim("B"), 3)
    with pytest.raises(ShapeError, match="only 2-D input in keras1"):
        layer.compute_output_shape((None, 5, 4))
    assert shapecalc.layer("Dense", units=3).compute_output_shape((None, 5, 4))[1:] == (5, 3)


def test_an_input_is_given_an_axis_behind_the_step() -> None:
    with pytest.raises(ShapeError) as caught:
        shapecalc.trace(f"{STEP},conv2d:8:3", "B,28,28")
    assert caught.value.help == f"{STEP},in:B:28:28:1,conv2d:8:3"


# Where it stands.


@pytest.mark.parametrize(
    "text",
    [
        f"dense:3,{STEP}",
        f"dense:3,{STEP},dense:3",
        f"{STEP},{STEP},dense:3",
        f"({STEP},dense:3)",
        f"add({STEP},dense:3|)",
        f"2x-{STEP},dense:3",
        f"td-{STEP},dense:3",
        f"{STEP}@old,dense:3",
    ],
)
def test_it_stands_alone_at_the_beginning(text: str) -> None:
    error = refusal(text)
    assert error.message == "dialect: must stand alone at the beginning of a spec"
    assert STEP in shown(error)


@pytest.mark.parametrize(
    ("text", "message", "part"),
    [
        ("dialect:jax,lstm:8", "there is no dialect jax", "jax"),
        ("dialect:Keras,lstm:8", "there is no dialect Keras", "Keras"),
        ("dialect:?,lstm:8", "there is no dialect ?", "?"),
        ("dialect,lstm:8", "dialect: needs the name of a dialect", "dialect"),
        ("dialect:keras:keras1,lstm:8", "dialect: takes one name", "dialect:keras:keras1"),
        ("dialect:keras1", "there is no layer in this spec", "dialect:keras1"),
        ("dense:3@dialect", "dialect is reserved", "@dialect"),
    ],
)
def test_what_it_cannot_be(text: str, message: str, part: str) -> None:
    error = refusal(text)
    assert (error.message, shown(error)) == (message, part)


def test_an_unknown_dialect_is_answered_with_the_known_ones() -> None:
    assert refusal("dialect:jax,lstm:8").help == "it is keras, keras1 or torch"
    for unknown in ("jax", "", 3, []):
        with pytest.raises(SpecError, match="there is no dialect") as caught:
            shapecalc.trace("lstm:8", dialect=unknown)  # type: ignore[arg-type]
        assert caught.value.help == "it is keras, keras1 or torch"


def test_all_that_is_wrong_is_said_at_once() -> None:
    messages = [each.message for each in refusal(f"{STEP},foo,lstm:8:x=@").errors]
    assert messages == ["there is no layer foo", "@ is not a label"]
    messages = [each.message for each in refusal("dialect:nope,foo,lstm:8:x=@").errors]
    assert messages == ["there is no dialect nope", "@ is not a label"]


# What must agree.


def test_what_is_said_beside_the_spec_must_agree() -> None:
    error = refusal(f"{STEP},{FITS}", "keras")
    assert error.message == "this is in the dialect keras1, not keras"
    assert shown(error) == "keras1"
    assert shapecalc.parse(f"{STEP},{FITS}", dialect="keras1").dialect is KERAS1


def test_a_network_that_says_its_dialect_keeps_it() -> None:
    for network in (
        shapecalc.parse(f"{STEP},{FITS}"),
        shapecalc.parse(FITS, dialect="keras1"),
    ):
        assert shapecalc.trace(network).dialect == "keras1"
        with pytest.raises(SpecError, match="in the dialect keras1, not keras"):
            shapecalc.trace(network, dialect="keras")


def test_a_network_that_says_none_is_of_the_dialect_that_is_asked_for() -> None:
    network = shapecalc.parse(FITS)
    assert shapecalc.trace(network).dialect == "keras"
    traced = shapecalc.trace(network, dialect="keras1")
    assert (traced.dialect, traced.to_dict()["spec"]) == ("keras1", f"{STEP},{FITS}")
    assert network.dialect is KERAS


@pytest.mark.parametrize(
    ("parts", "answer"),
    [
        ((f"{STEP},lstm:8:seq", "td-dense:3"), f"{STEP},{FITS}"),
        ((f"{STEP},lstm:8:seq", f"{STEP},td-dense:3"), f"{STEP},{FITS}"),
        (("lstm:8:seq", "dialect:keras,td-dense:3"), FITS),
        (("-d", "keras1", "lstm:8:seq", f"{STEP},td-dense:3"), f"{STEP},{FITS}"),
        (("lstm:8:seq", f"{STEP},td-dense:3"), None),
        ((f"{STEP},lstm:8:seq", "dialect:keras,td-dense:3"), None),
        (("-d", "keras", f"{STEP},lstm:8:seq", "td-dense:3"), None),
        (("-d", "keras", "lstm:8:seq", f"{STEP},td-dense:3"), None),
    ],
)
def test_what_is_joined_must_agree(parts: tuple[str, ...], answer: str | None) -> None:
    done = called(*parts, "-f", "spec")
    if answer is not None:
        assert (done.code, done.out, done.err) == (0, f"{answer}\n", "")
        return
    assert (done.code, done.out) == (2, "")
    fact, line, caret, help_line = done.err.splitlines()
    assert fact.startswith("error: this is in the dialect keras")
    start = caret.index("^")
    assert line[start : start + caret.count("^")] in {"keras", "keras1"}
    assert help_line == "help: the step dialect:, -d and all joined specs must agree"


def test_files_are_joined_each_with_its_step(tmp_path: Path) -> None:
    names = ("a.shape", "b.shape")
    for name, layers in zip(names, ("lstm:8:seq", "td-dense:3"), strict=True):
        text = f"# {name}\n{STEP}\n{layers}\n"
        (tmp_path / name).write_text(text, encoding="utf-8")
    done = called(*(str(tmp_path / name) for name in names), "-f", "spec")
    assert (done.code, done.out, done.err) == (0, f"{STEP},{FITS}\n", "")


def test_a_text_that_says_none_is_seen_to_at_once() -> None:
    # Each mark can begin a comment, or belong to the one before it.
    assert join(["# " * 50_000 + "x", "relu"], None).endswith("x\nrelu")
    assert not says_dialect(" ,#" * 50_000 + f"\n,{STEP}x+")


# Every command.


@pytest.mark.parametrize(
    ("arguments", "code", "out"),
    [
        ((f"{STEP},{FITS}", "-q"), 0, "B,T,3\n"),
        ((FITS, "-d", "keras1", "-f", "spec"), 0, f"{STEP},{FITS}\n"),
        (("convert", f"{STEP},{FITS}"), 0, f"{STEP},{FITS}\n"),
        (("convert", "-d", "keras1", FITS), 0, f"{STEP},{FITS}\n"),
        (("fix", f"{STEP},{MISFITS}"), 0, f"{STEP},{FITS}\n"),
        (("fix", "-d", "keras1", MISFITS), 0, f"{FITS}\n"),
        (("fix", "-d", "keras1", FITS), 0, f"{FITS}\n"),
        (("solve", f"{STEP},in:B:T:4,{FITS}", "-o", "B,7,3"), 0, "T == 7\tT=7\n"),
        (("solve", f"{STEP},dense:?", "-o", "B,5"), 0, "? == 5\t?=5\n"),
        (("solve", f"{STEP},{MISFITS}", "-o", "B,7,3"), 1, ""),
        (("explain", f"{STEP},{MISFITS}"), 1, ""),
        (("diff", f"{STEP},{FITS}", FITS), 0, ""),
        (("diff", f"{STEP},{FITS}", FITS, "-d", "keras"), 2, ""),
    ],
)
def test_every_command_obeys_it(arguments: tuple[str, ...], code: int, out: str) -> None:
    done = called(*arguments)
    assert (done.code, done.out) == (code, out)


@pytest.mark.parametrize(
    ("command", "ending"),
    [
        ((), ()),
        (("explain",), ()),
        (("fix",), ()),
        (("convert",), ()),
        (("diff",), (FITS,)),
        (("solve",), ("-o", "B,T,3")),
    ],
)
def test_every_command_wants_them_to_agree(
    command: tuple[str, ...], ending: tuple[str, ...]
) -> None:
    done = called(*command, f"{STEP},{FITS}", *ending, "-d", "keras")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("error: this is in the dialect keras1, not keras\n")
    done = called(*command, FITS, *ending, "-d", "jax")
    assert (done.code, done.out) == (2, "")
    assert done.err == "error: there is no dialect jax\nhelp: it is keras, keras1 or torch\n"


def test_a_sweep_can_choose_among_dialects() -> None:
    done = called("sweep", "dialect:{keras,keras1},lstm:8:seq,dense:{3,4}")
    outcomes = [line.split("\t")[:2] for line in done.out.splitlines()]
    assert outcomes == [
        [f"dialect:{name},lstm:8:seq,dense:{units}", outcome]
        for name, outcome in (("keras", "ok"), ("keras1", "error"))
        for units in (3, 4)
    ]


def test_lines_of_a_batch_obey_it() -> None:
    lines = [
        {"spec": f"{STEP},{MISFITS}"},
        {"spec": f"{STEP},{FITS}", "dialect": "keras"},
        {"spec": MISFITS, "dialect": "keras1"},
        {"spec": FITS, "dialect": "jax"},
    ]
    text = "".join(f"{json.dumps(line)}\n" for line in lines) + f"{STEP},{FITS}\n{MISFITS}\n"
    fields = [line.split("\t") for line in called("batch", stdin=text.encode()).out.splitlines()]
    assert [line[1] for line in fields] == ["error"] * 4 + ["ok"] * 2
    assert [line[4].partition(";")[0] for line in fields[:4]] == [
        "dense takes only 2-D input in keras1, but gets (B, T, 8)",
        "this is in the dialect keras1, not keras",
        "dense takes only 2-D input in keras1, but gets (B, T, 8)",
        "there is no dialect jax",
    ]


def test_json_says_it_and_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "trace.json"
    path.write_text(called(FITS, "-d", "keras1", "-f", "json").out, encoding="utf-8")
    data = json.loads(path.read_text(encoding="utf-8"))
    assert (data["dialect"], data["spec"]) == ("keras1", f"{STEP},{FITS}")
    assert called(str(path), "-f", "spec").out == f"{STEP},{FITS}\n"
    assert called(str(path), "-d", "keras").code == 2
    # As it was written when no spec said its dialect.
    assert shapecalc.load(data | {"spec": FITS}).dialect is KERAS1


def test_a_model_file_is_of_the_dialect_of_the_option(tmp_path: Path) -> None:
    layers = [
        {"class_name": "InputLayer", "config": {"batch_shape": [None, None, 4]}},
        {"class_name": "Dense", "config": {"units": 3}},
    ]
    path = tmp_path / "model.json"
    model = {"class_name": "Sequential", "config": {"layers": layers}}
    path.write_text(json.dumps(model), encoding="utf-8")
    assert called(str(path), "-q").out == "B,T,3\n"
    done = called(str(path), "-q", "-d", "keras1")
    assert (done.code, done.out) == (1, "")
    assert "only 2-D input in keras1" in done.err
    assert called("convert", str(path), "-d", "keras1").out == f"{STEP},in:B:?:4,dense:3\n"
    assert called("fix", str(path), "-d", "keras1").out == f"{STEP},in:B:?:4,td-dense:3\n"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("shapecalc dial", ["dialect:keras", "dialect:keras1", "dialect:torch"]),
        ("shapecalc 'dialect:keras1", ["dialect:keras1"]),
        ("shapecalc 'dialect:keras1,lst", ["dialect:keras1,lstm", "dialect:keras1,lstmcell"]),
        ("shapecalc dense:3,dialect:", []),
        ("shapecalc -d ke", ["keras", "keras1"]),
    ],
)
def test_completion_offers_it(line: str, words: list[str]) -> None:
    assert complete(line) == words


def test_the_names_alone_load_no_catalogue() -> None:
    loaded = loaded_by(run_of("--help"))
    assert "shapecalc.dialects" in loaded
    assert not [name for name in loaded if name.startswith("shapecalc.layers.keras")]
    assert "shapecalc.layers.catalogue" not in loaded
    assert "shapecalc.layers.keras.names" in loaded_by("import shapecalc; shapecalc.parse('relu')")


@pytest.mark.parametrize(
    ("spec", "help_text"),
    [
        ("conv2d:8:3:stride=2", "torch has it: -d torch; or did you mean strides?"),
        ("conv2d:8:3:bias=False", "torch has it: -d torch; or did you mean use_bias?"),
        ("dialect:torch,conv2d:3:8:3:strides=2", "keras has it: -d keras; or did you mean stride?"),
        ("lstm:8:hidden_size=3", "torch has it: -d torch"),
    ],
)
def test_a_parameter_of_another_dialect_is_often_one_of_this_misspelt(
    spec: str, help_text: str
) -> None:
    assert refusal(spec).help == help_text
