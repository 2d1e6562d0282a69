"""Random networks to code and back: what is read is the network that was written."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from round_trips import comes_back

import shapecalc


@st.composite
def specs(draw: st.DrawFn) -> str:
    """Specs of images or sequences: repeats, branches, labels, shared layers, wrappers."""
    image = draw(st.booleans())
    units = st.integers(1, 6)
    labels: list[str] = []

    def layer() -> str:
        if image:
            return draw(
                st.sampled_from(
                    [f"conv2d:{draw(units)}:3:same", "bn", "relu", "maxpool2d:2:s=1:same",
                     f"dense:{draw(units)}:tanh", "drop:0.5", f"dwconv2d:{draw(units)}:same"]
                )
            )  # fmt: skip
        return draw(
            st.sampled_from(
                [f"lstm:{draw(units)}:seq", f"bi-gru:{draw(units)}:seq", f"dense:{draw(units)}",
                 "ln", f"td-dense:{draw(units)}", f"mha:2:{draw(units)}", "gelu"]
            )
        )  # fmt: skip

    def step(depth: int = 0) -> str:
        kind = draw(st.integers(0, 9))
        if kind == 0 and depth < 2:
            body = ",".join(step(depth + 1) for _ in range(draw(st.integers(1, 3))))
            return f"{draw(st.integers(2, 4))}x({body})"
        if kind == 1 and depth < 2:
            return f"concat({step(2)}|{step(2)},{layer()}|)"
        if kind == 2 and not depth:
            name = draw(st.sampled_from(["a", "skip", "max", "enc_1", "class", "x", "input"]))
            if name not in labels:
                labels.append(name)
                return f"{layer()}@{name}"
        if kind == 3 and labels and not depth:
            return f"concat:@{draw(st.sampled_from(labels))}"
        return layer()

    shape = "B:H:W:3" if image else draw(st.sampled_from(["B:T:4", "B:7:4"]))
    steps = [step() for _ in range(draw(st.integers(1, 6)))]
    return f"in:{shape}," + ",".join(steps)


@settings(max_examples=25, deadline=None)
@given(specs())
def test_random_specs_come_back(text: str) -> None:
    assert comes_back(shapecalc.parse(text))
