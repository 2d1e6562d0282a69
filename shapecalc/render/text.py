"""A trace as the spec that it was made from."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shapecalc.render.formats import Page
    from shapecalc.tracing.trace import Trace


def spec(trace: Trace, _page: Page) -> Iterator[str]:
    """Yield one line, in the canonical form."""
    yield f"{trace.network}\n"
