"""Cells break where a reader would break them, and lose nothing."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from shapecalc.render.wrapping import NUMBER, SHAPE, TEXT, WHOLE_TEXT, fitted

Cells = list[list[str]]
CALL = "Conv2D(64, 3, padding='same', activation='relu')"


def wrapped(rows: list[Cells], width: int) -> list[Cells] | None:
    fit = fitted(lambda: rows, width)
    return None if fit is None else [fit.broken(cells) for cells in rows]


def test_calls_break_at_commas() -> None:
    assert wrapped([[["conv2d"], [CALL]]], 42) == [
        [["conv2d"], ["Conv2D(64, 3, padding='same',", "activation='relu')"]]
    ]


def test_long_names_break_at_underscores() -> None:
    assert wrapped([[["conv2d_transpose_1"], ["(B, H, W)"]]], 20) == [
        [["conv2d_", "transpose_", "1"], ["(B,", "H,", "W)"]]
    ]


@given(
    st.lists(
        st.lists(st.lists(st.text("ab_(=, ", min_size=1), min_size=1), min_size=2, max_size=2),
        min_size=1,
    ),
    st.integers(8, 60),
)
def test_nothing_is_lost_and_it_fits(cells: list[Cells], width: int) -> None:
    fitted = wrapped(cells, width)
    if fitted is None:
        return
    joined = [["".join(c).replace(" ", "") for c in row] for row in fitted]
    assert joined == [["".join(c).replace(" ", "") for c in row] for row in cells]
    widest = [max(len(s.strip()) for row in fitted for s in row[i]) for i in range(2)]
    assert sum(widest) + 7 <= width


def test_where_nobody_says_how_wide_it_is_all_lines_stay_whole() -> None:
    fit = fitted(lambda: [[["conv2d"], [CALL, "a"]]], None)
    assert fit is not None
    assert fit.widths == [6, len(CALL)]
    assert fit.broken([[CALL]]) == [[CALL]]


def test_columns_are_as_wide_as_their_broken_lines() -> None:
    rows = [[["conv2d"], [CALL]], [["a"], ["b"]]]
    fit = fitted(lambda: rows, 50)
    assert fit is not None
    assert fit.widths == [6, len("Conv2D(64, 3, padding='same',")]


def test_wide_letters_take_the_room_that_they_need() -> None:
    fit = fitted(lambda: [[["層"]]], None, lambda text: 2 * len(text))
    assert fit is not None
    assert fit.widths == [2]


def test_texts_break_before_numbers_and_shapes() -> None:
    rows = [[[CALL], ["(B, H//16, W//16, 64)"], ["256*F + 16640"]]]
    fit = fitted(lambda: rows, 65, kinds=(TEXT, SHAPE, NUMBER))
    assert fit is not None
    assert fit.broken(rows[0])[1:] == rows[0][1:]
    narrow = fitted(lambda: rows, 48, kinds=(TEXT, SHAPE, NUMBER))
    assert narrow is not None
    assert narrow.broken(rows[0])[1] == ["(B, H//16, W//16, 64)"]
    assert len(narrow.broken(rows[0])[2]) > 1


def test_what_can_be_spared_goes_before_shapes_break() -> None:
    shape = ["(B, H//16, W//16, 64)"]
    rows = [[["conv2d_transpose"], shape, shape]]
    assert fitted(lambda: rows, 70, kinds=(TEXT, SHAPE, SHAPE), spare={1}).kept is None  # type: ignore[union-attr]
    fit = fitted(lambda: rows, 50, kinds=(TEXT, SHAPE, SHAPE), spare={1})
    assert fit is not None
    assert fit.kept == [0, 2]
    assert fit.broken(rows[0]) == [["conv2d_transpose"], shape]


def test_what_is_to_be_copied_never_breaks() -> None:
    spec = "in:B:T:4, conv1d:8:3, name=add(x)"
    assert fitted(lambda: [[[spec], ["a b"]]], 30, kinds=(WHOLE_TEXT, TEXT)) is None


def test_names_of_classes_break_before_shapes() -> None:
    rows = [[["MultiHeadAttention(8, 64)"], ["(B, T, 512)"]]]
    fit = fitted(lambda: rows, 32, kinds=(TEXT, SHAPE))
    assert fit is not None
    assert fit.broken(rows[0]) == [["MultiHead", "Attention(8,", "64)"], ["(B, T, 512)"]]
