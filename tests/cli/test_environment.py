"""What surrounds the command: shells, pipes, locales, make, disks that are full."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from terminal import Done, called, environment, forked, on_terminal, piped, shown

if TYPE_CHECKING:
    from pathlib import Path

SEED = "lstm:64:seq,td-dense:3"


def shell(line: str, cwd: Path | None = None, **variables: str) -> tuple[int, str, str]:
    """Run a line of shell on pipes."""
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", line],  # noqa: S607
        capture_output=True,
        check=False,
        cwd=cwd,
        env=environment(**variables),
        text=True,
    )
    return done.returncode, done.stdout, done.stderr


def test_a_reader_that_closes_early_is_no_error() -> None:
    assert shell("shapecalc 5000x-dense:3 | head -n 1") == (
        0,
        "1\tdense\tDense\tB,F\tB,3\t3*F+3\n",
        "",
    )
    sweep = shell('shapecalc sweep "dense:{1..3000}" | head -n 1')
    assert sweep == (0, "dense:1\tok\tB,1\tF+1\t\n", "")


FULL = "error: the output could not be written: No space left on device"


def test_a_full_disk_is_one_message_and_exit_1() -> None:
    code, _, err = shell(f"shapecalc {SEED} > /dev/full")
    assert (code, err) == (1, f"{FULL}\n")
    commands = (SEED, f"{SEED} -f json", f"{SEED} -f html", "layers", "man")
    done = forked(*map(str.split, commands), out="/dev/full")
    assert done == [Done(1, "", f"{FULL}\n")] * len(commands)


def test_a_file_that_cannot_be_written_is_exit_1() -> None:
    code, out, err = shell(f"shapecalc {SEED} 1</dev/null")
    assert (code, out) == (1, "")
    assert err.startswith("error: the output could not be written: ")


#: Several commands that start once.
SEVERAL = """
from shapecalc.cli import main
for arguments in (["lstm:64"], ["lstm:64", "-f", "table"], ["layers", "lstm"], ["lstn:64"]):
    try:
        main(arguments)
    except SystemExit as ended:
        print(ended.code, flush=True)
"""


@pytest.mark.parametrize("locale", ["xx_YY.UTF-8", "C"])
def test_any_locale_will_do(locale: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SEVERAL],
        capture_output=True,
        check=False,
        env=environment(LC_ALL=locale, LANG=locale),
    )
    codes = [line for line in done.stdout.split(b"\n") if line.isdigit()]
    assert (done.returncode, codes) == (0, [b"0", b"0", b"0", b"2"])
    assert b"Traceback" not in done.stderr


def test_a_table_in_ascii_where_there_is_no_more() -> None:
    done = piped(SEED, "-f", "table", PYTHONIOENCODING="ascii")
    assert done.code == 0
    assert done.out.isascii()
    assert "(B, T, 3)" in done.out


@pytest.mark.parametrize(
    ("variables", "colored"),
    [
        ({"NO_COLOR": "1"}, False),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, False),
        ({"TERM": "dumb"}, False),
        ({"TERM": "dumb", "FORCE_COLOR": "1"}, True),
        ({"CLICOLOR_FORCE": "1"}, True),
        ({"TERM": "dumb", "FORCE_COLOR": "", "CLICOLOR_FORCE": "0"}, False),
        ({}, True),
    ],
)
@pytest.mark.parametrize("command", [SEED, "explain lstm:64,lstm:3"])
def test_colours_on_a_terminal(command: str, variables: dict[str, str], *, colored: bool) -> None:
    _, text = shown(*command.split(), keep=True, **variables)
    assert ("\x1b[" in text) == colored


@pytest.mark.parametrize("colored", [True, False])
def test_colours_of_a_process_of_its_own(*, colored: bool) -> None:
    variables = {} if colored else {"NO_COLOR": "1"}
    _, text = on_terminal("shapecalc lstm:64,lstm:3", keep=True, **variables)
    assert ("\x1b[1m" in text) == colored
    assert ("\x1b[" in text) == colored


@pytest.mark.parametrize("columns", [40, 80, 200])
def test_a_table_is_as_wide_as_the_terminal_at_most(columns: int) -> None:
    code, text = shown(SEED, columns=columns)
    assert code == 0
    assert max(map(len, text.splitlines())) <= columns
    assert "256*F" in text.replace(" ", "")


@pytest.mark.parametrize("columns", ["²", "-1", "0", "9" * 5000, "many"])
def test_a_width_that_is_not_a_number_is_passed_over(columns: str) -> None:
    assert called(SEED, "-f", "table", COLUMNS=columns).code == 0


def test_an_open_quote_in_the_pager_is_no_traceback() -> None:
    code, text = shown("layers", "lstm", PAGER="less '")
    assert code == 0
    assert text.startswith("LSTM  lstm")


def test_lines_of_windows_and_a_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "model.shape"
    path.write_bytes(b"\xef\xbb\xbfin:B:T:4\r\nconv1d:8:3 # eight\r\n\r\nlstm:64\r\n")
    assert called(str(path), "-q").out == "B,64\n"
    assert called("-", "-q", stdin=path.read_bytes()).out == "B,64\n"


def test_loops_and_tools_of_the_shell() -> None:
    loop = "while IFS=$'\\t' read -r i name layer x y n; do echo \"$i $name $y\"; done"
    total = "awk -F'\\t' '{ n += $6 } END { print n }'"
    line = f"shapecalc {SEED} -i B,T,8 | tee >({total} >&2) | {loop}"
    assert shell(line) == (0, "1 lstm B,T,64\n2 time_distributed B,T,3\n", "18883\n")
    if shutil.which("jq") is None:
        pytest.skip("jq is not installed here")
    assert shell(f"shapecalc {SEED} -f json | jq -c .outputs[0].shape")[1] == '["B","T",3]\n'


def test_make_asks_for_shapes(tmp_path: Path) -> None:
    if shutil.which("make") is None:
        pytest.skip("make is not installed here")
    makefile = (
        f"SHAPE = $(shell shapecalc {SEED} -q)\n"
        "all:\n\t@echo $(SHAPE)\n"
        "check:\n\t@shapecalc lstm:64,lstm:3 -q\n"
    )
    (tmp_path / "Makefile").write_text(makefile, encoding="utf-8")
    assert shell("make -s all", tmp_path)[:2] == (0, "B,T,3\n")
    code, out, err = shell("make -s check", tmp_path)
    assert (code, out) == (2, "")
    assert "error: lstm needs a 3-D input" in err


def test_ctrl_c_is_130_and_silent() -> None:
    process = subprocess.Popen(
        ["shapecalc", "-"],  # noqa: S607
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
    )
    assert process.stdin is not None
    # Once it has taken more than a pipe holds, it is reading, and hears the signal.
    process.stdin.write(b"#" * 300_000)
    process.stdin.flush()
    os.kill(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err) == (130, b"", b"")


def test_a_spec_is_never_a_command_nor_the_reverse(tmp_path: Path) -> None:
    (tmp_path / "layers").write_text("dense:3", encoding="utf-8")
    assert called("layers", cwd=tmp_path).out.startswith("Dense\t")
    code, out, err = called("--", "layers", cwd=tmp_path)
    assert (code, out) == (2, "")
    assert "there is no layer layers" in err
    assert called("./layers", "-q", cwd=tmp_path).out == "B,3\n"
    assert called("--color", "never", "layers", cwd=tmp_path).code == 2
