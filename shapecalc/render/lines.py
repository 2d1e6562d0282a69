"""A line for each of many specs, whether its shapes fit or not."""

from __future__ import annotations

import json as standard
from typing import TYPE_CHECKING, Any, Final

from shapecalc.dims import field_text
from shapecalc.errors import ShapecalcError
from shapecalc.render.columns import count_field
from shapecalc.render.diagnostic import brief, visible
from shapecalc.tracing.rows import plain_shape, plain_total

if TYPE_CHECKING:
    from shapecalc.tracing.rows import Trace

#: The columns behind the one that says which line or spec it is.
COLUMNS: Final = ("status", "output", "params", "message")


def header(first: str, last: str | None = None) -> str:
    """Return the names of the columns.

    The first says which line or spec it is, the last what it costs.
    """
    more = () if last in {None, *COLUMNS} else (last,)
    return "\t".join((first, *COLUMNS, *more)) + "\n"


def tsv(answer: Trace | ShapecalcError) -> str:
    """Return the fields of these columns, separated by tabs."""
    if isinstance(answer, ShapecalcError):
        return f"error\t\t\t{_message(answer)}"
    shapes = ";".join([field_text(shape) for shape in answer.outputs])
    return f"ok\t{shapes}\t{count_field(answer.params)}\t"


def _message(error: ShapecalcError) -> str:
    said = "; ".join(each.message for each in error.errors)
    hint = f"; help: {error.help}" if error.help else ""
    return visible(brief(said) + hint)


def jsonl(answer: Trace | ShapecalcError, **first: Any) -> str:  # noqa: ANN401
    """Return an object on one line, which begins with what is given."""
    if isinstance(answer, ShapecalcError):
        data = {
            **first,
            "ok": False,
            "error": brief("; ".join(each.message for each in answer.errors)),
            "exit": int(answer.exit_code),
            "help": answer.help,
        }
    else:
        data = {
            **first,
            "ok": True,
            "spec": str(answer.network),
            "outputs": [
                {"name": name, "shape": plain_shape(shape)} for name, shape in answer.named_outputs
            ],
            "params": plain_total(answer),
            "conditions": answer.conditions,
            "assumptions": answer.assumptions,
            "fixed": answer.fixed,
        }
    return standard.dumps(data, ensure_ascii=False)
