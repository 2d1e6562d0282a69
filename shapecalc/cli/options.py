"""The options of the commands, each declared once, and what all commands have in common."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import click

from shapecalc import dialects
from shapecalc.cli.streams import terminal_width
from shapecalc.errors import SpecError, did_you_mean
from shapecalc.exporters.code import FRAMEWORKS, LAYOUTS
from shapecalc.layers.budget import MAX_LAYERS
from shapecalc.render.breaking import LEAST
from shapecalc.render.columns import COLUMNS
from shapecalc.render.formats import FORMATS
from shapecalc.tracing.numbers import WIDTHS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence


#: How many workers there may be: each is a process with what is loaded.
MAX_JOBS: Final = 256
#: A number of bytes, and its unit.
_BYTES: Final = r"(?ia)(\d+(?:\.\d*)?(?:e\d+)?) ?(?:([kmgt])(i)?)?b?"


class Listed(click.types.StringParamType):
    """Names separated by commas, which completion offers; their reader checks them."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = tuple(names)


class LossName(click.types.StringParamType):
    """A loss of any framework, of which completion offers the names."""

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all losses."""
        from shapecalc.layers.losses import losses_in

        packages = dict.fromkeys(
            dialects.find(name).catalogue.package for name in dialects.DIALECTS
        )
        found = filter(None, map(losses_in, packages))
        return tuple(name for losses in found for name in losses.names)


class Count(click.types.StringParamType):
    """A whole number, which may be written 1e6."""

    name = "number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:  # noqa: ANN401
        """Read it."""
        if isinstance(value, int):
            return value
        try:
            number = int(value) if value.isascii() and value.isdigit() else float(value)
            whole = int(number)
        except (ValueError, OverflowError):
            self.fail(f"{value} is not a number", param, ctx)
        if number < 0:
            self.fail(f"{value} is less than 0", param, ctx)
        if number != whole:
            self.fail(f"{value} is not a whole number", param, ctx)
        return whole


class Bytes(click.types.StringParamType):
    """A number of bytes, with a unit behind it where there is one: 512KiB, 1.5GB."""

    name = "bytes"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:  # noqa: ANN401
        """Read it."""
        if isinstance(value, int):
            return value
        match = re.fullmatch(_BYTES, value.strip())
        if not match:
            units = "B, KiB, MiB, GiB, TiB, KB, MB, GB, TB"
            self.fail(f"{value} is not a number of bytes; the units are {units}", param, ctx)
        power = " KMGT".index(match[2].upper()) if match[2] else 0
        try:
            return int(float(match[1]) * (1024 if match[3] else 1000) ** power)
        except OverflowError:
            self.fail(f"{value} is too large", param, ctx)


class OneOf(click.Choice[str]):
    """One of some names; for another one says which of them it is near to."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:  # noqa: ANN401
        """Look it up; raises `SpecError`."""
        if value in self.choices:
            return value
        options = [each for each in param.opts if each.startswith("--")] if param else []
        name = (*options, param.human_readable_name if param else "the value")[0]
        near = did_you_mean(str(value), self.choices)
        hint = f"{ctx.command_path if ctx else 'shapecalc'} --help lists the options"
        raise SpecError(
            f"{name} is one of {', '.join(self.choices)}, not {value}", help=near or hint
        )


class DialectName(click.Choice[str]):
    """The dialect of a name."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:  # noqa: ANN401
        """Look it up; raises `SpecError`, as where a spec says it."""
        del param, ctx
        return dialects.find(value) if isinstance(value, str) else value


class Help(click.HelpFormatter):
    """The help of a command; on narrow screens, what an option means stands below it."""

    def __init__(
        self, indent_increment: int = 2, width: int | None = None, max_width: int | None = None
    ) -> None:
        """Take the width of the terminal where it is less than click's least."""
        super().__init__(indent_increment, width, max_width)
        if width is None:
            self.width = min(self.width, terminal_width())

    def write_dl(
        self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2
    ) -> None:
        """Write options or commands, each with what it means."""
        rows = [*rows]
        widest = max((len(first) for first, _ in rows), default=0)
        is_narrow = self.width <= 2 * col_max and widest > self.width // 4
        super().write_dl(rows, 2 * self.indent_increment if is_narrow else col_max, col_spacing)


class Context(click.Context):
    """The context of a command."""

    formatter_class = Help


def command(
    examples: str, kind: type[click.Command] = click.Command
) -> Callable[[Callable[..., None]], click.Command]:
    """Make a function a command, whose help ends in examples."""

    def made(function: Callable[..., None]) -> click.Command:
        found = click.command(
            cls=kind,
            context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80},
            epilog=examples,
        )(function)
        found.context_class = Context
        return found

    return made


def form(
    *names: str, default: str | None = None, about: str = "", more: str | None = None
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Declare -f for some formats; without a default it depends on the output stream.

    ``more`` is another name of the option.
    """
    usual = "Output format" if default else "Default: table on a terminal, else tsv"
    return click.option(
        "-f",
        "--format",
        *([more] if more else []),
        "form",
        type=OneOf(names),
        metavar="FORMAT",
        default=default,
        show_default=default is not None,
        help=f"{about or usual}. One of: {', '.join(names)}.",
    )


def _jobs(default: int | None) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    return click.option(
        "--jobs",
        type=click.IntRange(min=1, max=MAX_JOBS),
        default=default,
        show_default=default is not None,
        metavar="N",
        help="Number of cores to use.",
    )


def _strict(failure: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    return click.option(
        "--strict",
        is_flag=True,
        help=f"{failure} if any condition, assumption or fixed letter is left.",
    )


def _expect(failure: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    return click.option(
        "-e",
        "--expect",
        multiple=True,
        metavar="SHAPE",
        help=f"{failure} unless the output has this shape; _ matches any size.",
    )


inputs: Final = click.option(
    "-i",
    "--input",
    "inputs",
    multiple=True,
    metavar="SHAPE",
    help="Input shape with the batch: B,T,10. NAME=SHAPE if there are several inputs.",
)
dialect: Final = click.option(
    "-d",
    "--dialect",
    type=DialectName(dialects.DIALECTS),
    # Not a default of click's: only a dialect that is given must agree with the spec.
    help=f"The framework; keras1: Dense takes only 2-D input.  [default: {dialects.DEFAULT}]",
)
values: Final = click.option(
    "-s",
    "--set",
    "values",
    multiple=True,
    metavar="NAME=SIZE",
    help="Replace a letter by a number: T=128.",
)
where: Final = click.option(
    "-w",
    "--where",
    multiple=True,
    metavar="FACTS",
    help="Facts about letters: T >= 10, H % 32 == 0.",
)
#: One answer ends the command; of many each is marked in its line.
expect: Final = _expect("Exit 1")
expect_each: Final = _expect("Fail")
strict: Final = _strict("Exit 1")
strict_each: Final = _strict("Fail")
#: Of files as many as pay; of specs, which may come from a pipe, one.
jobs_of_files: Final = _jobs(None)
jobs_of_specs: Final = _jobs(1)
_LIMITS: Final = (
    click.option(
        "--max-params",
        type=Count(),
        metavar="N",
        help="Fail with more than N parameters; sweep skips those.",
    ),
    click.option(
        "--max-macs",
        type=Count(),
        metavar="N",
        help="Same limit for multiply-accumulates: 5e9.",
    ),
    click.option(
        "--max-memory",
        type=Bytes(),
        metavar="SIZE",
        help="Same limit for the peak memory, in bytes of --dtype (default float32): 512KiB.",
    ),
)


def limits(command: Callable[..., Any]) -> Callable[..., Any]:
    """Declare what a network may cost at most."""
    for declare in reversed(_LIMITS):
        command = declare(command)
    return command


max_layers: Final = click.option(
    "--max-layers",
    type=click.IntRange(min=1),
    default=MAX_LAYERS,
    show_default=True,
    metavar="N",
    help="Upper limit on layers made by repeats and by nested models.",
)
dtype: Final = click.option(
    "--dtype",
    type=OneOf(tuple(WIDTHS)),
    help="Show memory in bytes of this type instead of numbers.",
)
training: Final = click.option(
    "--training",
    is_flag=True,
    help="Count training: include the backward pass, as far as gradients are needed.",
)
header: Final = click.option(
    "--header/--no-header", default=None, help="Write a header line with the column names."
)
unbatched: Final = click.option(
    "--unbatched", is_flag=True, help="Show shapes without the batch axis."
)
at: Final = click.option(
    "--at",
    multiple=True,
    metavar="NAME=N,…",
    help="Also show the shapes at these numbers, in columns of their own: T=9,99 or H=64,W=64.",
)
fold: Final = click.option(
    "--fold", is_flag=True, help="Show each repeated block once, with its count."
)
train: Final = click.option(
    "--train", is_flag=True, help="Treat the layers as in training mode, not evaluation."
)
custom: Final = click.option(
    "--custom",
    multiple=True,
    metavar="NAME=same|LAYER|SHAPE",
    help="Treat class NAME as keeping its input's shape (same), as LAYER, or as giving SHAPE.",
)
expand: Final = click.option("--expand", is_flag=True, help="Show the layers of nested models.")
code: Final = click.option(
    "--to",
    type=OneOf(FRAMEWORKS),
    help="Write the network as source code of a framework.",
)
weights: Final = click.option(
    "--weights",
    is_flag=True,
    help="Add copy_weights(source, model), which carries weights over from the other framework.",
)
layout: Final = click.option(
    "--layout",
    type=OneOf(LAYOUTS),
    help="torch: write channels-first PyTorch code for a Keras network.",
)
trace_form: Final = form(*FORMATS)
columns: Final = click.option(
    "--columns",
    type=Listed(tuple(COLUMNS)),
    metavar="LIST",
    help=f"Columns to show, in this order, separated by commas: {', '.join(COLUMNS)}.",
)
color: Final = click.option(
    "--color",
    type=OneOf(("auto", "always", "never")),
    default="auto",
    show_default=True,
    help="When to color; NO_COLOR, FORCE_COLOR and CLICOLOR_FORCE are obeyed too.",
)
width: Final = click.option(
    "--width", type=click.IntRange(min=LEAST), metavar="N", help="Width of the output."
)
