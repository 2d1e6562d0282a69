"""Completion of commands, options and specs: the words, and real shells that ask for them."""

from __future__ import annotations

import os
import select
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from terminal import called, environment

from shapecalc.cli.main import COMMANDS
from shapecalc.cli.suggestions import complete, takes_files
from shapecalc.layers.catalogue import Entry
from shapecalc.layers.keras.dialect import KERAS
from shapecalc.layers.plugins import Plugins

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("shapecalc lst", ["lstm", "lstmcell"]),
        ("shapecalc lstm:64:s", ["lstm:64:seq", "lstm:64:seed=", "lstm:64:stateful"]),
        ("shapecalc 'lstm:64:seq,td-den", ["lstm:64:seq,td-dense"]),
        ('shapecalc "conv2d:8:3:padding=', ["conv2d:8:3:padding=valid", "conv2d:8:3:padding=same"]),
        ("shapecalc conv2d:8:3:p=s", ["conv2d:8:3:p=same"]),
        ("shapecalc conv1d:8:3:p=c", ["conv1d:8:3:p=causal"]),
        (
            "shapecalc 'dense:8@x,relu@rest,add:@",
            ["dense:8@x,relu@rest,add:@x", "dense:8@x,relu@rest,add:@rest"],
        ),
        ("shapecalc 'dense:8@tower,use:", ["dense:8@tower,use:@tower"]),
        ("shapecalc 'add(conv2d:8:1|maxp", [f"add(conv2d:8:1|maxpool{n}d" for n in "123"]),
        ("shapecalc '2x-bi-ls", ["2x-bi-lstm"]),
        ("shapecalc dense:3:rel", ["dense:3:relu", "dense:3:relu6"]),
        ("shapecalc dense:3:use_bias=F", ["dense:3:use_bias=False"]),
        ("shapecalc sol", ["solve"]),
        ("shapecalc lstm:64 -f js", ["json", "jsonl"]),
        ("shapecalc lstm:64 --dial", ["--dialect"]),
        ("shapecalc solve lstm:64 --out", ["--output"]),
        ("shapecalc layers bn", ["bn"]),
        ("shapecalc completion z", ["zsh"]),
        ("shapecalc lstm:64 --dialect keras", ["keras", "keras1"]),
        ("shapecalc lstm:64 --columns na", ["name"]),
        ("shapecalc lstm:64 --columns name,k", ["name,kind"]),
        ("shapecalc lstm:64 --columns name,nam", []),
        ("shapecalc nothinglikeit", []),
        ("shapecalc nothing:like=", []),
        ("shapecalc lstm:64 --format=js", ["--format=json", "--format=jsonl"]),
        ("shapecalc lstm:64 -s ", ["B=", "T=", "F="]),
        ("shapecalc 'conv2d:8:3' --at H", ["H="]),
        ("shapecalc lstm:64 --set T=9,", ["T=9,B=", "T=9,F="]),
        ("shapecalc explain lstm:64 -w ", ["B", "T", "F"]),
        ("shapecalc linear:3:4 -d torch -s ", ["N="]),
        ("shapecalc nothing:like -s ", []),
        ("shapecalc help ex", ["explain"]),
        ("shapecalc check lst", []),
        ("shapecalc 'lstm:64:seq'", []),
    ],
)
def test_words_that_fit(line: str, words: Sequence[str]) -> None:
    found = complete(line)
    assert set(words) <= set(found)
    assert bool(words) == bool(found)


def test_every_command_is_completed() -> None:
    assert [word for word in complete("shapecalc ") if word in COMMANDS] == sorted(COMMANDS)


def test_an_argument_that_is_given_is_not_offered_again() -> None:
    assert "lstm:64:seq:seq" not in complete("shapecalc lstm:64:seq:s")


@pytest.mark.parametrize(
    ("line", "files"),
    [
        ("shapecalc mo", True),
        ("shapecalc check ", True),
        ("shapecalc diff a.shape b", True),
        ("shapecalc check . --baseline ", True),
        ("shapecalc lstm:64 -f ", False),
        ("shapecalc lstm:64 -s ", False),
        ("shapecalc lstm:64 --col", False),
        ("shapecalc layers ", False),
        ('shapecalc "lstm:64"', False),
    ],
)
def test_files_are_offered_where_they_can_stand(line: str, files: bool) -> None:  # noqa: FBT001
    assert takes_files(line) == files
    assert called("completion", "--line", line).code == (0 if files else 1)


def test_layers_of_plugins_are_completed(monkeypatch: pytest.MonkeyPatch) -> None:
    plugin = Entry("Proj", "other", "projection")
    added = Plugins({"projection": plugin}, {"Proj": KERAS.layer("Dense", units=1).__class__}, [])
    monkeypatch.setitem(KERAS.catalogue.__dict__, "plugins", added)
    assert complete("shapecalc projec") == ["projection"]
    assert "projection:3:relu" in complete("shapecalc projection:3:re")


def test_completion_loads_the_family_at_hand_alone() -> None:
    from test_architecture import loaded_by, run_of

    loaded = loaded_by(run_of("completion", "--line", "shapecalc lstm:64:s"))
    assert "shapecalc.layers.keras.recurrent" in loaded
    assert "shapecalc.layers.keras.convolution" not in loaded
    assert "rich" not in loaded


def bash(*typed: tuple[str, Sequence[str]], cwd: Path | None = None) -> list[list[str]]:
    """What bash offers for lines, each of which it has cut into words itself."""
    script = 'eval "$(shapecalc completion bash)"\n'
    for line, words in typed:
        listed = " ".join(f"'{word}'" for word in words)
        script += (
            f"COMP_LINE='{line}'; COMP_POINT=${{#COMP_LINE}}; COMP_WORDS=({listed})\n"
            "COMP_CWORD=$((${#COMP_WORDS[@]}-1)); COMPREPLY=(); _shapecalc\n"
            'echo "${COMPREPLY[@]}"\n'
        )
    done = subprocess.run(
        ["bash", "-c", script],  # noqa: S607
        capture_output=True,
        check=True,
        text=True,
        env=environment(),
        cwd=cwd,
    )
    return [line.split() for line in done.stdout.splitlines()]


def test_bash_cuts_words_at_colons_and_is_answered_all_the_same() -> None:
    flags, value, begun, option = bash(
        ("shapecalc lstm:64:se", ["shapecalc", "lstm", ":", "64", ":", "se"]),
        (
            "shapecalc conv2d:8:3:padding=sa",
            ["shapecalc", "conv2d", ":", "8", ":", "3", ":", "padding", "=", "sa"],
        ),
        ("shapecalc lstm:64:", ["shapecalc", "lstm", ":", "64", ":"]),
        ("shapecalc lstm:64 --form", ["shapecalc", "lstm", ":", "64", "--form"]),
    )
    assert flags == ["seed=", "selu", "seq"]
    assert value == ["same"]
    assert "seq" in begun
    assert option == ["--format"]


def test_bash_offers_files_beside_the_layers_that_begin_alike(tmp_path: Path) -> None:
    (tmp_path / "unet.shape").touch()
    (tmp_path / "un it.py").touch()
    (tmp_path / "uncommon").mkdir()
    (tmp_path / "seed.py").touch()
    first, cut = bash(
        ("shapecalc un", ["shapecalc", "un"]),
        ("shapecalc lstm:64:se", ["shapecalc", "lstm", ":", "64", ":", "se"]),
        cwd=tmp_path,
    )
    assert {"unstack", "unet.shape", "un\\", "it.py", "uncommon/"} <= set(first)
    assert cut == ["seed=", "selu", "seq"]


#: How long a shell may need to answer.
SECONDS = 20


class Terminal:
    """A shell that somebody types to."""

    def __init__(self, folder: Path, *command: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", "import pty, sys; pty.spawn(sys.argv[1:])", *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=folder,
            bufsize=0,
            env=environment(HOME=str(folder), PS1="$ ", TERM="dumb", COLUMNS="200"),
        )

    def types(self, keys: str, until: str) -> None:
        """Type, and read until a text is there."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(keys.encode())
        found = ""
        while until not in found:
            ready, _, _ = select.select([self.process.stdout], [], [], SECONDS)
            assert ready, f"{until} is not in {found!r}"
            part = os.read(self.process.stdout.fileno(), 4096)
            found += part.decode(errors="replace").replace("\x07", "")

    def close(self) -> None:
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                stream.close()
        self.process.kill()
        self.process.wait()


#: How each shell is started, and made to complete.
STARTING = {
    "bash": (("bash", "--norc", "-i"), ""),
    "zsh": (("zsh", "-f", "-i"), "autoload -Uz compinit; compinit -u; "),
}


@pytest.mark.parametrize("shell", STARTING)
def test_quotes_stay_open_and_names_of_files_are_quoted(shell: str, tmp_path: Path) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed here")
    (tmp_path / "my model.shape").write_text("dense:3", encoding="utf-8")
    command, before = STARTING[shell]
    terminal = Terminal(tmp_path, *command)
    try:
        script = f'{before}eval "$(shapecalc completion {shell})"; echo rea""dy'
        terminal.types(f"{script}\r", "ready")
        terminal.types("shapecalc 'add(conv2d:8:3:sam\t", "same")
        terminal.types("|)' -q\r", "B,H,W,8")
        terminal.types("shapecalc my\t", "model.shape")
        terminal.types(" -q\r", "B,3")
    finally:
        terminal.close()


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_script_is_read_by_its_shell(shell: str) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed here")
    script = called("completion", shell).out
    done = subprocess.run([shell, "-n"], input=script, capture_output=True, check=False, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_without_a_shell_help_is_given() -> None:
    done = called("completion")
    assert (done.code, done.out) == (2, "")
    assert "a shell is missing" in done.err


#: What asks a shell for the words that can follow, in the shell's own language.
ASKING = {
    "fish": (
        "shapecalc completion fish | source; "
        'complete -C "shapecalc lstm:64:se"; complete -C "shapecalc lstm:64 -f bl"'
    ),
    "zsh": (
        'compdef() {}; compinit() {}; eval "$(shapecalc completion zsh)"; '
        "words=(shapecalc lstm:64:se); CURRENT=2; "
        'compadd() { print -l -- "${(@P)@[-1]}" }; _shapecalc'
    ),
}


@pytest.mark.parametrize("shell", ASKING)
def test_other_shells_complete_inside_of_specs(shell: str, tmp_path: Path) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed here")
    done = subprocess.run(
        [shell, "-c", ASKING[shell]],
        capture_output=True,
        check=False,
        text=True,
        env=environment(HOME=str(tmp_path)),
    )
    assert set(done.stdout.split()) == {"lstm:64:seed=", "lstm:64:selu", "lstm:64:seq"}
