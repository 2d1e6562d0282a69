"""The laws of windows: letters and numbers agree, conditions are exact, the formats mirror."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shapecalc import layer
from shapecalc.dims import Contradiction, Dim, Shape, Size, equal, substitute
from shapecalc.errors import ShapeError, SpecError
from shapecalc.layers.keras.transposed import grown
from shapecalc.layers.layer import apply
from shapecalc.layers.result import Result
from shapecalc.layers.scope import Scope
from shapecalc.layers.window import extent, window

SMALL = st.integers(1, 6)
SIZES = st.integers(1, 40)
WINDOWS = st.fixed_dictionaries(
    {
        "axis": st.just("steps"),
        "kernel": SMALL,
        "stride": SMALL,
        "dilation": SMALL,
        "padding": st.sampled_from(["valid", "same", "causal"]),
    }
)


@st.composite
def growths(draw: st.DrawFn) -> dict[str, Any]:
    stride = draw(SMALL)
    return {
        "reach": draw(SMALL),
        "stride": stride,
        "padding": draw(st.sampled_from(["valid", "same"])),
        "more": draw(st.none() | st.integers(0, stride - 1)),
    }


STEPS = st.tuples(st.just(window), WINDOWS) | st.tuples(st.just(grown), growths())


def chain(size: Size, steps: list[tuple[Any, dict[str, Any]]]) -> tuple[Size, Scope]:
    scope = Scope()
    for function, arguments in steps:
        size = function(size, scope, **arguments)
    return size, scope


@given(st.lists(STEPS, min_size=1, max_size=3), SIZES)
def test_letters_then_number_is_number(steps: list[tuple[Any, dict[str, Any]]], n: int) -> None:
    try:
        concrete = chain(n, steps)[0]
    except ShapeError:
        concrete = None
    try:
        symbolic, scope = chain(Dim("T"), steps)
        scope.facts.require(equal(Dim("T"), n))
    except (Contradiction, ShapeError):
        assert concrete is None
    else:
        assert substitute(symbolic, {"T": n}) == concrete


@given(WINDOWS, SIZES)
def test_window_takes_the_places_that_there_are(arguments: dict[str, Any], n: int) -> None:
    stride, reach = arguments["stride"], extent(arguments["kernel"], arguments["dilation"])
    last = n - reach if arguments["padding"] == "valid" else n - 1
    places = len(range(0, last + 1, stride))
    if places:
        assert window(n, Scope(), **arguments) == places
    else:
        with pytest.raises(ShapeError):
            window(n, Scope(), **arguments)


@given(SMALL, SMALL, st.sampled_from(["same", "causal"]))
def test_padding_with_stride_one_keeps_the_size(kernel: int, dilation: int, padding: str) -> None:
    steps = Dim("T")
    assert window(steps, Scope(), "steps", kernel, 1, dilation, padding) == steps


@given(SMALL, SMALL)
def test_transposed_same_undoes_same(kernel: int, stride: int) -> None:
    steps = Dim("T")
    longer = grown(steps, Scope(), reach=kernel, stride=stride, padding="same")
    assert window(longer, Scope(), "steps", kernel, stride, padding="same") == steps


CONVOLUTION = {"filters": 4, "kernel_size": 3, "strides": 2}
CONFIGS: dict[str, dict[str, Any]] = {
    **{f"Conv{rank}D": CONVOLUTION for rank in (1, 2, 3)},
    **{f"Conv{rank}DTranspose": CONVOLUTION for rank in (1, 2, 3)},
    **{f"SeparableConv{rank}D": CONVOLUTION for rank in (1, 2)},
    **{f"DepthwiseConv{rank}D": {"kernel_size": 3, "depth_multiplier": 2} for rank in (1, 2)},
    **{
        f"{kind}Pooling{rank}D": {"pool_size": 2}
        for kind in ("Max", "Average")
        for rank in (1, 2, 3)
    },
    **{
        f"Global{kind}Pooling{rank}D": {"keepdims": True}
        for kind in ("Max", "Average")
        for rank in (1, 2, 3)
    },
}


def run(class_name: str, shape: Shape, **config: Any) -> Result:
    return apply(layer(class_name, **config), [shape], Scope())


@pytest.mark.parametrize("name", CONFIGS)
def test_channels_first_is_channels_last_permuted(name: str) -> None:
    last = layer(name, **CONFIGS[name])
    letters = last.input_letters() or ()
    shape = tuple(map(Dim, letters))
    first = layer(name, **CONFIGS[name], data_format="channels_first")
    assert first.input_letters() == (letters[0], letters[-1], *letters[1:-1])
    one = apply(last, [shape], Scope())
    other = apply(first, [(shape[0], shape[-1], *shape[1:-1])], Scope())
    (batch, *sizes, channels) = one.outputs[0]
    assert other.outputs[0] == (batch, channels, *sizes)
    assert other.weights == one.weights


def test_groups_ask_that_channels_can_be_split() -> None:
    scope = Scope()
    made = layer("Conv1D", filters=4, kernel_size=3, groups=2, padding="same")
    result = apply(made, [(Dim("B"), Dim("T"), Dim("C"))], scope)
    assert scope.facts.conditions() == ["C % 2 == 0"]
    assert [(w.name, w.shape) for w in result.weights] == [
        ("kernel", (3, Dim("C") // 2, 4)),
        ("bias", (4,)),
    ]


@pytest.mark.parametrize(
    ("name", "config", "shape", "message"),
    [
        (
            "Conv1D",
            {"filters": 4, "kernel_size": 3},
            (8, 2, 5),
            "needs at least 3 steps for its kernel of 3, but gets 2",
        ),
        (
            "Conv2D",
            {"filters": 4, "kernel_size": 3, "dilation_rate": (1, 2)},
            (8, 4, 4, 5),
            "needs a width of at least 5 for its kernel of 3 with dilation 2, but gets 4",
        ),
        (
            "MaxPooling3D",
            {"data_format": "channels_first"},
            (8, 5, 1, 4, 4),
            "needs a depth of at least 2 for its window of 2, but gets 1",
        ),
        (
            "Conv2D",
            {"filters": 4, "kernel_size": 3, "data_format": "channels_first"},
            (8, 64),
            "needs a 4-D input (batch, channels, height, width), but gets (8, 64)",
        ),
        (
            "Conv1D",
            {"filters": 4, "kernel_size": 3, "groups": 2},
            (8, 9, 5),
            "cannot split 5 channels into 2 groups",
        ),
        (
            "Conv1DTranspose",
            {"filters": 4, "kernel_size": 2, "strides": 2, "padding": "same", "output_padding": 0},
            (8, 0, 5),
            "cannot make -2 steps out of 0",
        ),
    ],
)
def test_shapes_that_do_not_fit(
    name: str, config: dict[str, Any], shape: Shape, message: str
) -> None:
    with pytest.raises(ShapeError) as caught:
        run(name, shape, **config)
    assert caught.value.message == message


@pytest.mark.parametrize(
    ("name", "config", "message"),
    [
        (
            "Conv2D",
            {"filters": 4, "kernel_size": (3, 3, 3)},
            "Conv2D: kernel_size takes one number or 2, not 3",
        ),
        ("MaxPooling1D", {"strides": (2, 2)}, "MaxPooling1D: strides takes one number, not 2"),
        (
            "Conv1D",
            {"filters": 4, "kernel_size": 3, "strides": 2, "dilation_rate": 2},
            "Conv1D: strides 2 and dilation_rate 2 cannot both be above 1",
        ),
        (
            "Conv1D",
            {"filters": 3, "kernel_size": 3, "groups": 2},
            "Conv1D: filters 3 cannot be split into 2 groups",
        ),
        (
            "Conv2DTranspose",
            {"filters": 4, "kernel_size": 3, "strides": (2, 1), "output_padding": 1},
            "Conv2DTranspose: output_padding 1 must be below strides (2, 1)",
        ),
    ],
)
def test_arguments_that_do_not_agree(name: str, config: dict[str, Any], message: str) -> None:
    with pytest.raises(SpecError) as caught:
        layer(name, **config)
    assert caught.value.message == message


def test_equal_numbers_are_kept_as_one() -> None:
    made = layer("Conv2D", filters=4, kernel_size=[3, 3], strides=(1, 1), padding="SAME")
    assert made.config() == {"filters": 4, "kernel_size": 3, "padding": "same"}
