"""The command ``shapecalc sweep``: a spec with choices, each combination on a line."""

from __future__ import annotations

from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import click

from shapecalc.cli import options as option
from shapecalc.cli.bulk import common_question, run, shared_options
from shapecalc.cli.streams import Streams
from shapecalc.cli.workers import Answer, Ranked
from shapecalc.errors import ExitCode, ShapecalcError, ShapeError, SpecError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shapecalc.answers.question import Question
    from shapecalc.answers.sweep import Filter
    from shapecalc.language.choices import Choices
    from shapecalc.tracing.trace import Trace

#: How many specs go together.
CHUNK: Final = 64
#: What results can be sorted by.
KEYS: Final = ("params", "macs", "flops", "memory")
#: From how many on their number is not said.
MANY: Final = 10**30

_EPILOG = """\b
Examples:
  shapecalc sweep "conv1d:{32,64}:{3,5},lstm:{64,128}:seq"
  shapecalc sweep "conv1d:8:{3..9..2}" -i B,100,4 --where-output "T_out >= 94"
  shapecalc sweep "{lstm,gru}:{64..256..64}" -i B,T,10 --max-params 1e5
  shapecalc sweep "conv1d:{8..64..8}:3" -i 1,99,4 --sort macs --top 5
"""


class Chunk(NamedTuple):
    """Specs that follow one another."""

    specs: list[str]


class Specs:
    """The combinations, in chunks as they are wanted."""

    descriptor: int | None = None

    def __init__(self, specs: Iterator[str]) -> None:
        self._specs = specs

    def take(self) -> list[Chunk] | None:
        """Return the next ones; None at the end."""
        specs = list(islice(self._specs, CHUNK))
        return [Chunk(specs)] if specs else None


@option.command(_EPILOG)
@click.argument("spec", nargs=-1)
@shared_options
@click.option(
    "--where-output",
    multiple=True,
    metavar="FACTS",
    help="Keep results for which this holds: T_out >= 10, S2 % 8 == 0.",
)
@option.limits
@click.option(
    "--min-params",
    type=option.Count(),
    metavar="N",
    help="Keep results with at least N parameters.",
)
@click.option(
    "--sort",
    type=option.OneOf(KEYS),
    help="Sort the results by this cost, least first; it is the last field.",
)
@click.option(
    "--top", type=click.IntRange(min=1), metavar="N", help="Write only the first N results."
)
@click.option(
    "--max-specs",
    type=click.IntRange(min=1),
    default=100_000,
    show_default=True,
    metavar="N",
    help="Upper limit on combinations.",
)
def command(spec: tuple[str, ...], **options: Any) -> None:  # noqa: ANN401
    """Trace every combination of the choices in a spec: {32,64}, {3..9..2}, {bn,}.

    Each yields one line: the spec, ok or error, output, params, message. Exits 1 if none fits
    or none is kept.
    """
    from shapecalc.answers.limits import Limits
    from shapecalc.answers.sweep import Filter, unknown_name
    from shapecalc.language.statements import statements
    from shapecalc.render import lines

    context = click.get_current_context()
    streams = context.obj or Streams()
    streams.color = options["color"]
    choices = _choices(spec, options)
    facts = [each for text in options["where_output"] for each in statements(text)]
    form, sort = options["form"] or streams.usual_form(), options["sort"]
    given = common_question(options, counted=sort not in {None, "params"})
    required = Filter(tuple(facts), given.limits, options["min_params"], sort)
    ranked: list[Ranked] | None = None if sort is None and options["top"] is None else []
    drawn = None
    if form == "table":
        drawn = partial(lines.table, "spec", page=streams.page(options["width"]), last=sort)
    total = run(
        Specs(iter(choices)),
        partial(work, given=given._replace(limits=Limits()), required=required, form=form),
        streams,
        jobs=options["jobs"],
        total=choices.count,
        header=lines.header("spec", sort) if options["header"] and form == "tsv" else "",
        ranked=ranked,
        drawn=drawn,
    )
    if ranked is not None:
        texts = _first(ranked, options["top"])
        streams.write(texts if drawn is None or not texts else drawn(texts))
    if not total.good and total.unasked:
        raise unknown_name(required)
    if not total.good and required.keeps:
        raise ShapeError("no combination meets the limits")
    context.exit(ExitCode.OK if total.good else ExitCode.UNFIT)


def _first(ranked: list[Ranked], top: int | None) -> list[str]:
    """Return the first results, those that do not fit last; equal ones stay in their order."""
    ordered = sorted(ranked, key=lambda each: (each.key is None, each.key or 0))
    return [each.text for each in ordered[:top]]


def _choices(spec: tuple[str, ...], options: dict[str, Any]) -> Choices:
    """Read the choices; raises `SpecError` where they are too many."""
    from shapecalc.cli.sources import spec_text
    from shapecalc.language.choices import Choices

    choices = Choices(spec_text(spec, options["dialect"]).rstrip())
    if choices.count > options["max_specs"]:
        count = f"{choices.count:,}" if choices.count < MANY else "very many"
        raise SpecError(
            f"the choices make {count} specs, more than {options['max_specs']:,}",
            help="--max-specs N allows more",
        )
    return choices


def work(chunk: Chunk, given: Question, required: Filter, form: str) -> Answer:
    """Trace a chunk of specs, and write those that are kept."""
    from shapecalc.answers.batch import answer
    from shapecalc.answers.sweep import is_kept, rank

    texts: list[Ranked] = []
    good = bad = unasked = 0
    for spec in chunk.specs:
        found = answer(spec, given)
        if isinstance(found, ShapecalcError):
            bad += 1
            line = _line(spec, found, form, required.sort)
            texts += [] if required.keeps else [Ranked(None, line)]
            continue
        try:
            kept = is_kept(found, required) if required.keeps else True
            key = rank(found, required) if kept else None
        except SpecError as error:
            refusal = error.noted([f"in {spec}"])
            return Answer("", good, bad, len(chunk.specs), unasked, refusal=refusal)
        unasked += kept is None
        if kept:
            good += 1
            texts.append(Ranked(key, _line(spec, found, form, required.sort, key)))
    whole = "".join(each.text for each in texts)
    return Answer(whole, good, bad, len(chunk.specs), unasked, tuple(texts))


def _line(
    spec: str,
    found: Trace | ShapecalcError,
    form: str,
    sort: str | None = None,
    key: int | None = None,
) -> str:
    from shapecalc.render import lines
    from shapecalc.render.diagnostic import visible

    if form == "jsonl":
        more = {} if key is None or sort in {None, "params"} else {sort: key}
        return lines.jsonl(found, spec=spec, **more) + "\n"
    # What does not fit costs nothing, and has as many fields.
    said = "" if key is None else f"{key:,}" if form == "table" else str(key)
    more_fields = "" if sort in {None, "params"} else f"\t{said}"
    return f"{visible(spec)}\t{lines.FIELDS[form](found)}{more_fields}\n"
