"""Budgets: what is said of the sizes that are within them."""

from __future__ import annotations

from terminal import called


def test_a_long_statement_on_several_letters_gives_way_to_the_limit_of_each() -> None:
    spec = "in:B:T:C,40x(conv1d:4:3:s=2:same,upsample1d:3)"
    said = called(spec, "--max-macs", "1e11").err
    assert "holds when" not in said
    assert "  with C == 1 and T == 1 that is B <= 58\n" in said
    short = called("in:B:T:C,conv1d:4:3:same", "--max-macs", "1e6").err
    assert "holds when" in short
    assert "that is T <=" in short
