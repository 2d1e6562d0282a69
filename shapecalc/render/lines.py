"""A line for each of many specs, whether its shapes fit or not."""

from __future__ import annotations

import json as standard
from typing import TYPE_CHECKING, Any, Final

from shapecalc.dims import field_text, shape_text
from shapecalc.errors import ShapecalcError
from shapecalc.render.cells import count_text
from shapecalc.render.diagnostic import brief, visible
from shapecalc.render.grid import Line, Listed, titled
from shapecalc.render.view import count_field
from shapecalc.tracing.rows import plain_shape
from shapecalc.tracing.trace import plain_total

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from shapecalc.render.formats import Page
    from shapecalc.tracing.trace import Trace

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


def cells(answer: Trace | ShapecalcError) -> str:
    """Return the same fields as people read them."""
    if isinstance(answer, ShapecalcError):
        return f"error\t\t\t{_message(answer)}"
    shapes = "; ".join(map(shape_text, answer.outputs))
    return f"ok\t{shapes}\t{count_text(answer.params)}\t"


#: What a table shows of these fields: columns whose texts are made already.
_SHOWN: Final = (
    titled("status"),
    titled("output", has_shapes=True),
    titled("params", is_number=True),
    titled("message"),
)


def table(first: str, rows: Sequence[str], page: Page, last: str | None = None) -> Iterator[str]:
    """Yield a table of lines whose fields are separated by tabs.

    ``last`` is what they are sorted by.
    """
    from shapecalc.render.sheet import drawn

    head = titled(first, heads=True, is_whole=first == "spec")
    more = () if last in {None, "params"} else (titled(str(last), is_number=True),)
    columns = [head, *_SHOWN, *more]
    lines = [[[cell] for cell in row.rstrip("\n").split("\t")] for row in rows]
    # What no row has is left out.
    kept = [i for i, _ in enumerate(columns) if any(line[i] != [""] for line in lines)]
    yield from drawn(
        Listed(
            [columns[i] for i in kept],
            [Line([line[i] for i in kept], line[1] != ["error"]) for line in lines],
        ),
        page,
    )


#: Each format of a line, in which fields stand behind the one that says which it is.
FIELDS: Final[dict[str, Callable[[Trace | ShapecalcError], str]]] = {"tsv": tsv, "table": cells}


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
