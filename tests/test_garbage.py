"""When Python looks for garbage: rarely in commands, not while a network is read and traced."""

from __future__ import annotations

import contextlib
import gc
from typing import TYPE_CHECKING

import pytest

import shapecalc
from shapecalc.errors import ShapeError
from shapecalc.garbage import MANY, no_collection, rare_collection

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def _collecting() -> Iterator[None]:
    """What is left of other tests is no garbage of these."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()
    gc.enable()


def test_collection_is_rare_only_meanwhile() -> None:
    gc.unfreeze()
    before = gc.get_threshold()
    with rare_collection():
        assert gc.get_threshold()[0] > before[0]
        assert gc.get_freeze_count() > 0
    assert gc.get_threshold() == before
    assert gc.get_freeze_count() == 0


def test_collection_is_off_only_meanwhile() -> None:
    with no_collection(MANY):
        assert not gc.isenabled()
        with pytest.raises(ShapeError), no_collection(MANY):
            raise ShapeError("does not fit")
        assert not gc.isenabled()
    assert gc.isenabled()
    with no_collection(MANY - 1):
        assert gc.isenabled()


def test_what_somebody_turned_off_stays_off() -> None:
    gc.disable()
    with no_collection(MANY):
        pass
    assert not gc.isenabled()


def many(count: int) -> str:
    return ",".join(["conv1d:8:3"] * count)


def looks(spec: str, shape: str) -> list[int]:
    """Which generations are looked through while a spec is read and traced."""
    seen: list[int] = []

    def note(phase: str, info: dict[str, int]) -> None:
        if phase == "start":
            seen.append(info["generation"])

    gc.callbacks.append(note)
    try:
        shapecalc.trace(spec, input=shape)
    finally:
        gc.callbacks.remove(note)
    return seen


def test_how_often_garbage_is_looked_for_does_not_grow_with_the_network() -> None:
    assert len(looks(many(MANY), "2,9999,8")) <= 3
    assert len(looks(many(3 * MANY), "2,9999,8")) <= 3


@pytest.mark.parametrize(
    ("spec", "shape"),
    [
        (many(200), "B,T,8"),
        ("50x(td-dense:8,bi-lstm:4:seq)", "B,T,8"),
        ("30x(add(ln,mha:8:64|),add(ln,dense:2048:gelu,dense:512|))", "B,T,512"),
        ("in:B:T:8@a,in:B:S:8,add:@a,conv1d:8:3", None),
        (many(200), "2,100,8"),
    ],
)
def test_reading_and_tracing_leave_no_garbage(spec: str, shape: str | None) -> None:
    def run() -> None:
        with contextlib.suppress(ShapeError):
            shapecalc.trace(spec, input=shape, repair=False)

    run()
    gc.collect()
    gc.disable()
    run()
    assert gc.collect() == 0
