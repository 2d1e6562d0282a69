"""What a caller in Python sees of the promised names."""

from __future__ import annotations

import doctest

import shapecalc


def test_the_example_of_the_package_runs() -> None:
    done = doctest.testmod(shapecalc)
    assert done.attempted > 3
    assert done.failed == 0


def test_only_promised_names_are_listed() -> None:
    listed = {name for name in dir(shapecalc) if not name.startswith("_")}
    assert listed == {name for name in shapecalc.__all__ if not name.startswith("_")}
    assert all(getattr(shapecalc, name).__doc__ for name in listed)


def test_a_trace_and_a_network_say_what_they_are() -> None:
    trace = shapecalc.trace("lstm:64:seq,td-dense:3")
    assert repr(trace) == "<Trace of 2 layers -> (B, T, 3)>"
    assert repr(trace.layers[0]) == "<Row 1 lstm: LSTM -> (B, T, 64)>"
    network = shapecalc.parse("in:B:4@x,dense:3")
    assert repr(network) == "<Network of 1 layer, keras>"
    assert repr(network.inputs) == "[<Input x: (B, 4)>]"
