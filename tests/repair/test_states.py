"""The states of an encoder that do not fit a decoder: joined, added up, or those that it needs."""

from __future__ import annotations

import pytest
from terminal import called

import shapecalc


@pytest.mark.parametrize(
    ("spec", "found"),
    [
        ("in:B:T:1,bi-lstm:8:state@e,in:B:U:1,lstm:16:initial_state=@e", ["in:B:T:1,bi-lstm:8:state@e,@e.1,concat:@e.3@h,@e.2,concat:@e.4@c,in:B:U:1,lstm:16:initial_state=(@h,@c)"]),
        (
            "in:B:T:1,bi-gru:8:state@e,in:B:U:1,gru:8:initial_state=@e",
            [
                "in:B:T:1,bi-gru:8:state@e,@e.1,concat:@e.2@h,in:B:U:1,gru:16:initial_state=@h.0",
                "in:B:T:1,bi-gru:8:state@e,@e.1,add:@e.2@h,in:B:U:1,gru:8:initial_state=@h.0",
            ],
        ),
        ("in:B:T:1,bi-lstm:8:seq@e,in:B:U:1,lstm:16:initial_state=(@e,@e)", ["in:B:T:1,bi-lstm:8:state@e,@e.1,concat:@e.3@h,@e.2,concat:@e.4@c,in:B:U:1,lstm:16:initial_state=(@h,@c)"]),
        ("in:B:T:2,gru:8:seq:state@e,in:B:U:2,gru:8:initial_state=(@e.0,@e.1)", ["in:B:T:2,gru:8:seq:state@e,in:B:U:2,gru:8:initial_state=@e"]),
        ("in:B:T:2,lstm:8:state@e,in:B:U:2,gru:8:initial_state=@e", ["in:B:T:2,lstm:8:state@e,in:B:U:2,gru:8:initial_state=@e.1"]),
        ("in:B:T:2,lstm:8:state@e,in:B:U:2,bi-lstm:8:initial_state=@e", ["in:B:T:2,lstm:8:state@e,in:B:U:2,bi-lstm:8:initial_state=(@e.1,@e.2,@e.1,@e.2)"]),
        ("in:B:T:2,lstm:8:state@e,in:B:U:2,lstm:9:initial_state=@e", ["in:B:T:2,lstm:8:state@e,in:B:U:2,lstm:8:initial_state=@e"]),
    ],
)  # fmt: skip
def test_states_are_made_to_fit(spec: str, found: list[str]) -> None:
    lines = called("fix", spec, "--all").out.splitlines()
    assert lines[: len(found)] == found
    for line in lines:
        assert str(shapecalc.trace(line).network) == line


def test_states_of_no_recurrent_layer_are_left() -> None:
    spec = "in:B:8@x,dense:4@e,in:B:U:2,gru:8:initial_state=(@e.0,@x.0)"
    assert called("fix", spec, "--all").err.startswith("error: ")
