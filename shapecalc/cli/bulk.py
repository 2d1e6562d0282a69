"""The commands on many specs: options, and the way from chunks to lines."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any, Final

import click

from shapecalc.cli import options as option
from shapecalc.cli.streams import is_terminal
from shapecalc.errors import SpecError
from shapecalc.garbage import rare_collection

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from shapecalc.answers.question import Question
    from shapecalc.cli.streams import Streams
    from shapecalc.cli.workers import Answer, Ranked, Supply

#: The most lines a table has.
MANY: Final = 500

_OPTIONS: Final = (
    option.inputs,
    option.dialect,
    option.form("table", "tsv", "jsonl"),
    click.option("--header", is_flag=True, help="Write a header line with the column names."),
    option.values,
    option.where,
    option.expect_each,
    option.strict_each,
    option.max_layers,
    option.train,
    option.dtype,
    option.training,
    click.option("--repairs", is_flag=True, help="Look for a repair of each failing spec: slower."),
    option.jobs_of_specs,
    option.color,
    option.width,
)


def shared_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that hold for all specs."""
    for declare in reversed(_OPTIONS):
        command = declare(command)
    return command


def common_question(options: dict[str, Any], *, counted: bool = False) -> Question:
    """Read the shared options to what is asked of every spec; raises `SpecError`.

    ``counted`` says whether costs are, whatever is limited.
    """
    from shapecalc.cli.questions import limits, named_shape, question

    if options["header"] and options["form"] == "jsonl":
        raise SpecError("jsonl cannot show --header", help="--header is for table, tsv")
    return question("", options)._replace(
        expected=tuple(named_shape(text, "--expect") for text in options["expect"]),
        strict=options["strict"],
        repair=options["repairs"],
        limits=limits(options, counted=counted),
    )


def run(
    supply: Supply,
    work: Callable[[Any], Answer],
    streams: Streams,
    *,
    jobs: int,
    total: int | None,
    header: str,
    ranked: list[Ranked] | None = None,
    drawn: Callable[[Sequence[str]], Iterable[str]] | None = None,
) -> Answer:
    """Write the answers as they come, and return their sum without the text.

    Where they are to be ``ranked`` they are put there, and not written yet. Where they are
    ``drawn`` as a table, it is one of so many lines.
    """
    from shapecalc.cli.workers import Answer, answers

    streams.write([header])
    size = good = bad = unasked = 0
    waiting: list[str] = []
    # Lines that go to a terminal as they come say themselves how far it is.
    watched = drawn is not None or not is_terminal(streams.out)
    with (
        rare_collection(),
        closing(answers(supply, work, jobs)) as found,
        streams.bar(total, shown=watched) as bar,
    ):
        for answer in found:
            if answer.refusal is not None:
                raise answer.refusal
            size, good, bad = size + answer.size, good + answer.good, bad + answer.bad
            unasked += answer.unasked
            bar.show(answer.size, good, bad)
            if ranked is not None:
                ranked += answer.ranked
            elif drawn is None:
                streams.write([answer.text])
            else:
                waiting += answer.text.splitlines()
                if len(waiting) >= MANY:
                    bar.hide()
                    streams.write(drawn(waiting))
                    waiting.clear()
    if drawn is not None and waiting:
        streams.write(drawn(waiting))
    return Answer("", good, bad, size, unasked)
