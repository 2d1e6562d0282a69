"""Finding the commands: the list, the help of each, and words that are nearly one."""

from __future__ import annotations

import pytest
from terminal import called, shown

from shapecalc.cli.main import COMMANDS, loaded


def test_the_help_lists_every_command_with_a_line() -> None:
    text = called("--help").out
    commands = text[text.index("Commands:") : text.index("Options:")]
    found = [line.split() for line in commands.splitlines()[1:] if line[2:3].strip()]
    assert [words[0] for words in found] == list(COMMANDS)
    assert all(len(words) > 3 for words in found)
    assert called("help").out == text


def test_the_list_says_of_each_command_what_its_own_help_begins_with() -> None:
    assert {name: loaded(name).get_short_help_str(200) for name in COMMANDS} == COMMANDS


@pytest.mark.parametrize("name", ["explain", "layers", "help", "sweep"])
def test_help_is_that_of_the_command(name: str) -> None:
    assert called("help", name) == called(name, "--help")


@pytest.mark.parametrize("columns", [40, 60, 80, 120])
@pytest.mark.parametrize("name", [None, *COMMANDS])
def test_help_fits_the_terminal(name: str | None, columns: int) -> None:
    """All but the names of options and the examples, which are to be copied."""
    _, text = shown(*([name] if name else []), "--help", columns=columns)
    lines = text.partition("Examples:")[0].splitlines()
    breaking = [line for line in lines if columns >= 80 or not line.startswith("  -")]
    assert max(map(len, breaking)) <= min(columns, 80)


def test_help_of_what_is_no_command() -> None:
    done = called("help", "layer")
    assert (done.code, done.out) == (2, "")
    assert done.err == "error: there is no command layer\nhelp: did you mean layers?\n"
    assert called("help", "lstm").err == "error: lstm is a layer\nhelp: shapecalc layers lstm\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ("explian", "lstm:64"),
            "there is no command or layer explian\nhelp: did you mean explain?",
        ),
        (("layer",), "there is no command or layer layer\nhelp: did you mean layers?"),
        (
            ("-d", "torch", "layers", "lstm"),
            "the command layers must come first\nhelp: shapecalc layers -d torch lstm",
        ),
    ],
)
def test_a_word_that_is_nearly_a_command(arguments: tuple[str, ...], said: str) -> None:
    done = called(*arguments)
    assert (done.code, done.out, done.err) == (2, "", f"error: {said}\n")


def test_a_word_that_is_nearly_a_layer_is_one() -> None:
    assert called("lstn:64").err.endswith("help: did you mean lstm or ln?\n")
    assert called("dens:3").err.endswith("dense?\n") or "dense" in called("dens:3").err
