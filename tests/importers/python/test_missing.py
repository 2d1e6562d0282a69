"""Numbers that source does not know: comments say them, and the notes say which comment to write."""

from __future__ import annotations

from textwrap import dedent

import pytest
from importers.python.reading import shapes

from shapecalc.importers.python.program import Program

TEXT = dedent("""
    import settings
    import torch
    from torch import nn

    words = settings.load("words.txt")


    class Net(nn.Module):
        def __init__(self, count, width=4):
            super().__init__()
            self.fc = nn.Linear(16, width)
            self.out = nn.Linear(width, count)
            self.two = nn.Linear(width, out_features=count)
            self.three = nn.Linear(width, len(words))

        def forward(self, x):
            x = self.fc(x)
            return x, self.out(x), self.two(x), self.three(x)


    net = Net(len(words))
""")


def told(text: str) -> str | None:
    """Return the comment that the notes of a program tell to write."""
    program = Program(text, "model.py")
    ((_, network),) = program.networks({}, {})
    assert network.source is not None
    helps = [note.help for note in network.source.notes if note.help]
    return helps[0] if helps else None


def test_the_comment_that_says_most_is_told_and_then_the_next_one() -> None:
    assert told(TEXT) == "model.py:9: class Net(nn.Module):  # shapecalc: count=…"
    more = TEXT.replace("class Net(nn.Module):", "class Net(nn.Module):  # shapecalc: count=9")
    line = "self.three = nn.Linear(width, len(words))"
    assert told(more) == f"model.py:15: {line}  # shapecalc: out_features=…"
    whole = more.replace(line, f"{line}  # shapecalc: out_features=3")
    assert told(whole) is None
    assert shapes(whole) == "N,4; N,9; N,9; N,3"


def test_a_comment_at_a_value_that_is_known_changes_nothing() -> None:
    text = TEXT.replace("net = Net(len(words))", "net = Net(7)").replace("len(words)", "5")
    said = text.replace("class Net(nn.Module):", "class Net(nn.Module):  # shapecalc: count=9")
    assert shapes(said) == shapes(text) == "N,4; N,7; N,7; N,5"


@pytest.mark.parametrize(
    "line",
    [
        "width = settings.width()  # shapecalc: width=64",
        "width = len(settings.load('x'))  # shapecalc: width=64",
        "class Kept: pass\nkept = Kept()\nkept.width = settings.x  # shapecalc: width=64\n"
        "width = kept.width",
    ],
)
def test_a_comment_says_what_an_assignment_gives(line: str) -> None:
    text = f"import settings\nfrom torch import nn\n{line}\n"
    assert shapes(f"{text}net = nn.Sequential(nn.Linear(width, 2), nn.ReLU())\n") == "N,2"


def test_a_class_is_made_with_what_its_comment_says() -> None:
    text = """
    from torch import nn

    class Head(nn.Module):  # shapecalc: x=N,T,64; words=1000; sizes=3,5
        def __init__(self, words, sizes):
            super().__init__()
            self.fc = nn.Linear(64, words + sizes[1])

        def forward(self, x):
            return self.fc(x)
    """
    assert shapes(text) == "N,T,1005"


def test_keras_layers_are_told_by_their_arguments() -> None:
    text = dedent("""
        import keras
        import settings
        from keras import layers
        x = keras.Input((4,))
        y = layers.Dense(settings.width())(x)
        model = keras.Model(x, [layers.Dense(3)(x)])
    """)
    assert told(text) == "model.py:6: y = layers.Dense(settings.width())(x)  # shapecalc: units=…"
    said = text.replace("width())(x)", "width())(x)  # shapecalc: units=5").replace(
        "(3)(x)", "(3)(y)"
    )
    assert shapes(said) == "B,3"
