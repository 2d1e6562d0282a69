"""One more dialect, which nothing in the package knows, is a value and no change of the code."""

from __future__ import annotations

import copy
import pickle
import sys
from typing import TYPE_CHECKING, Annotated, ClassVar

import pytest
from terminal import called
from test_dialects import refusal

import shapecalc
from shapecalc import dialects
from shapecalc.analysis.reference import reference
from shapecalc.answers.question import ask
from shapecalc.answers.solve import solve
from shapecalc.answers.trace import trace
from shapecalc.cli.suggestions import complete
from shapecalc.dims import Dim, Shape, Size
from shapecalc.errors import ShapeError, SpecError
from shapecalc.language.build import parse
from shapecalc.language.printer import layer_text
from shapecalc.layers.arguments import integer, size
from shapecalc.layers.catalogue import Catalogue, Entry
from shapecalc.layers.dialect import Dialect
from shapecalc.layers.keras.dialect import KERAS
from shapecalc.layers.layer import Layer, rule
from shapecalc.layers.layout import axes
from shapecalc.layers.letters import Letters
from shapecalc.layers.result import Result, Weight
from shapecalc.layers.scope import Scope

if TYPE_CHECKING:
    from pathlib import Path


class Project(Layer):
    """Multiplies the features with a matrix.

    Shape   (rows, features) -> (rows, width)
    Errors  none
    Source  nowhere
    """

    framework: ClassVar[str] = "tiny"

    width: Annotated[Size, size()]
    copies: Annotated[int, integer(1)] = 1


@rule(Project)
def project(layer: Project, scope: Scope, x: Shape) -> Result:
    rows, features = axes(x, "rows features")
    if "narrow" in scope.laws and isinstance(layer.width, int) and layer.width > 99:
        raise ShapeError("is too wide")
    return Result((rows, layer.width), weights=[Weight("matrix", (features, layer.width))])


TINY = Dialect(
    name="tiny",
    catalogue=Catalogue(
        "tiny",
        "tiny_layers",
        {"linear": {"Project": "proj project"}},
        [Entry("Project", "linear", "twice", (("copies", 2),))],
    ),
    short_keys={"w": ("width",), "c": ("copies",)},
    row_name=lambda cls: f"a_{cls.lower()}",
    input_name="given",
    letters=Letters("N", {2: "X"}),
    laws=frozenset({"narrow"}),
)


@pytest.fixture(autouse=True)
def tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the module of the family be found, and its name: a line in the table of dialects."""
    module = sys.modules[__name__]
    monkeypatch.setitem(sys.modules, "tiny_layers.linear", module)
    monkeypatch.setitem(sys.modules, "tiny_layers.dialect", module)


@pytest.fixture
def listed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(dialects.PLACES, "tiny", "tiny_layers.dialect:TINY")


def test_another_dialect_is_parsed_printed_and_traced() -> None:
    network = parse("proj:w=4,2x-project:8:c=3,twice:9", dialect=TINY)
    assert str(network) == "dialect:tiny,proj:4,2x-proj:8:c=3,twice:9"
    assert parse(str(network), dialect=TINY) == network
    found = trace(ask(network))
    assert [name for name, _ in found.inputs] == ["given"]
    assert [row.name for row in found.layers] == [
        "a_project",
        *(f"a_project_{n}" for n in range(1, 4)),
    ]
    assert found.inputs[0][1] == (Dim("N"), Dim("X"))
    assert found.output == (Dim("N"), 9)
    assert found.params == 4 * Dim("X") + 4 * 8 + 8 * 8 + 8 * 9
    assert found.to_dict()["dialect"] == "tiny"
    assert layer_text(network.layers[0], TINY) == "proj:4"


def test_another_dialect_has_its_laws_values_and_solutions() -> None:
    with pytest.raises(ShapeError, match=r"^proj is too wide$"):
        trace(ask("proj:100", dialect=TINY))
    free = TINY.replaced(name="free", laws=frozenset())
    assert trace(ask("proj:100", dialect=free)).output[1] == 100
    assert trace(ask("proj:K", dialect=TINY, values={"K": 5})).output == (Dim("N"), 5)
    with pytest.raises(SpecError, match="proj: width takes sizes of at least 1, but K - 3 is 0"):
        trace(ask("proj:K-3", dialect=TINY, values={"K": 3}))
    (solution,) = solve(ask("proj:?", dialect=TINY), (Dim("N"), 6))
    assert (solution.where, solution.spec) == ("? == 6", "dialect:tiny,proj:6")


def test_another_dialect_refuses_in_its_own_words() -> None:
    for text, message, hint in (
        ("proj:3:w=4", "width is given twice", None),
        ("pro:3", "there is no layer pro", "did you mean proj or project?"),
        ("lstm:3", "there is no layer lstm", "keras has it: -d keras"),
        ("td-proj:3", "tiny has no prefix td-", "keras has it: -d keras"),
    ):
        with pytest.raises(SpecError) as caught:
            parse(text, dialect=TINY)
        assert (caught.value.message, caught.value.help) == (message, hint)
    with pytest.raises(ShapeError) as refused:
        trace(ask("in:N:3:4,proj:2", dialect=TINY))
    assert refused.value.message == "proj needs a 2-D input (rows, features), but gets (N, 3, 4)"


def test_layers_of_one_dialect_are_not_traced_in_another() -> None:
    with pytest.raises(SpecError, match="in the dialect keras, not tiny"):
        shapecalc.parse("dense:3").under(TINY)
    with pytest.raises(SpecError, match="in the dialect tiny, not keras"):
        shapecalc.trace(parse("proj:3", dialect=TINY), dialect="keras")


@pytest.mark.usefixtures("listed")
def test_a_line_in_the_table_makes_it_a_dialect_of_every_command(tmp_path: Path) -> None:
    spec = "dialect:tiny,proj:4"
    assert called(spec).out == "1\ta_project\tProject\tN,X\tN,4\t4*X\n"
    assert called("proj:4", "-d", "tiny", "-f", "spec").out == f"{spec}\n"
    assert called("explain", spec).code == called(spec, "-f", "table").code == 0
    assert called("layers", "-d", "tiny", "proj").out.startswith("Project  proj, project")
    assert reference("proj", TINY).keys() == {"w": "width", "c": "copies"}
    assert complete("shapecalc 'dialect:tiny,pro") == ["dialect:tiny,proj"]
    assert complete("shapecalc -d tiny proj:c") == ["proj:copies="]
    made = shapecalc.layer("Project", dialect="tiny", width=4)
    assert made.compute_output_shape((None, None)) == (Dim("N"), 4)
    path = tmp_path / "trace.json"
    path.write_text(called(spec, "-f", "json").out, encoding="utf-8")
    assert shapecalc.load(path).dialect is TINY
    network = shapecalc.parse(spec)
    for other in (pickle.loads(pickle.dumps(network)), copy.deepcopy(network)):  # noqa: S301
        assert other == network
        assert other.dialect is TINY


@pytest.mark.usefixtures("listed")
def test_what_another_dialect_has_is_hinted_at() -> None:
    assert refusal("proj:3").help == "tiny has it: -d tiny"
    assert refusal("dialect:keras1,project:3").help == "tiny has it: -d tiny"
    assert refusal("dence:3").help == "did you mean dense?"
    with pytest.raises(SpecError) as caught:
        reference("proj", KERAS)
    assert caught.value.help == "tiny has it: -d tiny"


@pytest.mark.usefixtures("listed")
def test_an_argument_that_another_dialect_has_is_hinted_at(monkeypatch: pytest.MonkeyPatch) -> None:
    # The same name in another framework, whose layer takes other arguments.
    other = Catalogue("tiny", "tiny_layers", {"linear": {"Project": "dense"}})
    monkeypatch.setattr(sys.modules[__name__], "OTHER", TINY.replaced(catalogue=other), False)
    monkeypatch.setitem(dialects.PLACES, "tiny", "tiny_layers.dialect:OTHER")
    assert refusal("dense:3:copies=2").help == "tiny has it: -d tiny"
    assert refusal("dense:3:w=2").help == "tiny has it: -d tiny"
    assert refusal("dense:3:unit=2").help == "did you mean units?"
