"""What check says of a file with several models."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

from shapecalc.answers.check import check_file

if TYPE_CHECKING:
    from pathlib import Path


def found(folder: Path, text: str) -> list[tuple[int, str, str | None]]:
    path = folder / "models.py"
    path.write_text(dedent(text), encoding="utf-8")
    report = check_file(str(path))
    assert report.unclear is None
    return [
        (each.line, each.rule, each.help and each.help.rpartition(": ")[2])
        for each in report.findings
    ]


def test_each_class_of_a_file_is_looked_at_by_itself(tmp_path: Path) -> None:
    text = """
        from torch import nn
        class A(nn.Module):
            def __init__(self):
                super().__init__()
                self.fc, self.out = nn.Linear(8, 4), nn.Linear(5, 2)
            def forward(self, x):
                return self.out(self.fc(x))
        class B(nn.Module):
            def __init__(self):
                super().__init__()
                self.c = nn.Conv2d(3, 8, 3)
            def forward(self, x):
                return self.c(x)
        class C(nn.Module):
            def __init__(self):
                super().__init__()
                self.c = nn.Conv2d(3, 8, 3)
                self.d = nn.Conv2d(16, 8, 3)
            def forward(self, x):
                return self.d(self.c(x))
        """
    assert [each[:2] for each in found(tmp_path, text)] == [(8, "features"), (21, "channels")]


def test_each_statement_of_a_script_is_looked_at_by_itself(tmp_path: Path) -> None:
    text = """
        from keras import Sequential, layers
        a = Sequential([layers.Input((8, 3)), layers.LSTM(3), layers.LSTM(3)])
        b = Sequential([layers.Input((8, 8, 1)), layers.Conv2D(3, 9)])
        a.summary()
        c = Sequential([layers.Input((8,)), layers.Dense(3)])
        d = Sequential([*a.layers, layers.Dense(3)])
        """
    findings = found(tmp_path, text)
    assert [each[:2] for each in findings] == [(3, "rank"), (4, "window")]
    assert findings[0][2] is not None
    assert "return_sequences=True" in findings[0][2]


def test_a_fault_that_several_models_share_is_one_finding(tmp_path: Path) -> None:
    text = """
        from torch import nn
        class Block(nn.Module):
            def __init__(self, width):
                super().__init__()
                self.c = nn.Conv2d(width, width / 4, 3)
            def forward(self, x):
                return self.c(x)
        def small():
            return Block(8)
        def large():
            return Block(16)
        """
    assert [each[:2] for each in found(tmp_path, text)] == [(6, "argument")]
