"""Many specs: a line each, in order, whatever happens to one of them; and sweeps."""

from __future__ import annotations

import ctypes
import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from terminal import called, cells, environment, piped, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

SPECS = b"lstm:64:seq,td-dense:3\n\n# a comment\nlstm:64,lstm:3\nnothing\nconv1d:8:3\n"


def lines(out: str) -> list[list[str]]:
    return [line.split("\t") for line in out.splitlines()]


def test_each_line_is_answered_in_its_place() -> None:
    done = called("batch", stdin=SPECS)
    assert done.code == 1
    assert done.err == ""
    assert [line[:3] for line in lines(done.out)] == [
        ["1", "ok", "B,T,3"],
        ["4", "error", ""],
        ["5", "error", ""],
        ["6", "ok", "B,T-2,8"],
    ]
    assert "needs a 3-D input" in lines(done.out)[1][4]


def test_all_fit_is_exit_0_and_a_missing_file_exit_2(tmp_path: Path) -> None:
    path = tmp_path / "specs"
    path.write_bytes(b"dense:3\r\n\xef\xbb\xbfdense:4\n")
    path.write_bytes(b"\xef\xbb\xbfdense:3\r\ndense:4")
    assert called("batch", str(path)).out == "1\tok\tB,3\t3*F+3\t\n2\tok\tB,4\t4*F+4\t\n"
    assert called("batch", str(path)).code == 0
    done = called("batch", str(path), str(tmp_path / "none"))
    assert (done.code, done.out) == (2, "")
    assert "no such file" in done.err
    both = called("batch", str(path), str(path))
    assert [line[0] for line in lines(both.out)][2] == f"{path}:1"


@pytest.mark.parametrize(
    ("line", "status", "said"),
    [
        ({"spec": "lstm:64", "input": "B,T,10"}, "ok", "B,64"),
        ({"spec": "conv1d:8:3", "input": [None, "T", 4], "set": {"T": 10}}, "ok", "B,8,8"),
        ({"spec": "conv1d:8:3", "where": "T >= 10", "expect": "B,N,8"}, "ok", "B,T-2,8"),
        ({"spec": "dense:3", "expect": "B,4"}, "error", "not what is expected"),
        ({"spec": "lstm:8:seq,dense:3", "dialect": "keras1"}, "error", "2-D input in keras1"),
        ({"spec": 3}, "error", "spec is a string"),
        ({"input": "B,3"}, "error", "spec is missing"),
        ({"spec": "dense:3", "expects": "B,3"}, "error", "there is no key expects"),
        ({"spec": "dense:3", "set": {"T": True}}, "error", "a size is a whole number"),
        ({"spec": "dense:3", "input": 5}, "error", ""),
    ],
)
def test_lines_of_json(line: object, status: str, said: str) -> None:
    done = called("batch", stdin=json.dumps(line).encode())
    (fields,) = lines(done.out)
    assert fields[1] == status
    assert said in (fields[2] if status == "ok" else fields[4])


@pytest.mark.parametrize("line", ["{", '{"spec": }', "{" * 5000, '{"spec":"dense:3"} x'])
def test_broken_json_is_one_line(line: str) -> None:
    done = called("batch", stdin=line.encode() + b"\ndense:3\n")
    assert [fields[1] for fields in lines(done.out)] == ["error", "ok"]
    assert done.code == 1


def test_json_lines_out() -> None:
    done = called("batch", "-f", "jsonl", stdin=SPECS)
    found = [json.loads(line) for line in done.out.splitlines()]
    assert [(each["line"], each["ok"]) for each in found] == [
        (1, True),
        (4, False),
        (5, False),
        (6, True),
    ]
    assert found[3]["outputs"] == [{"name": "conv1d", "shape": ["B", "T - 2", 8]}]
    assert found[3]["conditions"] == ["T >= 3"]
    assert [each["exit"] for each in found[1:3]] == [1, 2]


def test_options_hold_for_all_lines() -> None:
    done = called(
        "batch",
        "-i",
        "B,T,4",
        "-s",
        "T=9",
        "-e",
        "B,7,8",
        "--header",
        stdin=b"conv1d:8:3\nconv1d:8:2\n",
    )
    assert done.out.splitlines()[:2] == [
        "line\tstatus\toutput\tparams\tmessage",
        "1\tok\tB,7,8\t104\t",
    ]
    assert lines(done.out)[2][1] == "error"
    assert called("batch", "--strict", stdin=b"conv1d:8:3\n").code == 1


def test_a_line_that_is_too_long_is_an_error_in_its_place() -> None:
    done = called("batch", stdin=b"dense:3\n" + b"x" * 2_000_000 + b"\ndense:4\n\xff\n")
    assert [fields[1] for fields in lines(done.out)] == ["ok", "error", "ok", "error"]


def test_several_workers_answer_as_one_does() -> None:
    text = b"".join(b"conv1d:%d:%d,lstm:%d\n" % (n % 30 + 1, n % 7 + 1, n % 11) for n in range(400))
    one, two = called("batch", stdin=text), piped("batch", "--jobs", "3", stdin=text)
    assert one == two
    assert len(one.out.splitlines()) == 400


def endless(*arguments: str) -> tuple[subprocess.Popen[bytes], subprocess.Popen[bytes]]:
    """A batch with workers that is fed without end, in a session of its own."""
    feed = subprocess.Popen(["yes", "lstm:64:seq"], stdout=subprocess.PIPE)  # noqa: S607
    batch = subprocess.Popen(
        ["shapecalc", "batch", "--jobs", "2", *arguments],  # noqa: S607
        stdin=feed.stdout,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        env=environment(),
    )
    assert feed.stdout is not None
    feed.stdout.close()
    return feed, batch


def most_memory(folder: Path, counts: list[int], *options: str) -> list[int]:
    """The memory of a process after batches of so many different specs, in kilobytes."""
    for count in counts:
        text = "".join(f"conv1d:{n}:3,dense:{n}\n" for n in range(1, count + 1))
        (folder / str(count)).write_text(text, encoding="utf-8")
    code = (
        "import resource, sys\nfrom shapecalc.cli import main\n"
        f"for count in {counts}:\n"
        f"    try: main(['batch', str(count), *{list(options)}])\n"
        "    except SystemExit: pass\n"
        "    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, cwd=folder)
    assert done.stdout.count(b"\n") == sum(counts)
    return list(map(int, done.stderr.split()))


@pytest.mark.parametrize("options", [[], ["--jobs", "2"]])
def test_many_lines_take_no_more_memory_than_some(options: list[str], tmp_path: Path) -> None:
    some, many = most_memory(tmp_path, [100, 500], *options)
    assert many < some + 500


@contextmanager
def adopting_orphans() -> Iterator[None]:
    """Be the parent of processes that lose theirs, so that they stay until we reap them."""
    prctl, child_subreaper = ctypes.CDLL(None).prctl, 36
    assert prctl(child_subreaper, 1) == 0
    try:
        yield
    finally:
        prctl(child_subreaper, 0)


def session_is_empty(leader: int) -> bool:
    """Whether no process of a session is left, not even a dead one that nobody waited for."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[3]) == leader:
            found.append(stat)
    return not found


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, -signal.SIGTERM), (None, 0)]
)
def test_it_ends_at_once_and_leaves_no_worker(number: signal.Signals | None, code: int) -> None:
    with adopting_orphans():
        end_a_batch(number, code)


def end_a_batch(number: signal.Signals | None, code: int) -> None:
    feed, batch = endless()
    assert batch.stdout is not None
    assert batch.stdout.readline() == b"1\tok\tB,T,64\t256*F+16640\t\n"
    if number is None:
        batch.stdout.close()
    else:
        os.kill(batch.pid, number)
        batch.stdout.close()
    ended = batch.wait(timeout=30)
    feed.wait(timeout=30)
    assert ended == code
    assert batch.stderr is not None
    assert batch.stderr.read() == b""
    batch.stderr.close()
    deadline = time.monotonic() + 30
    while not session_is_empty(batch.pid) and time.monotonic() < deadline:
        os.sched_yield()
    assert session_is_empty(batch.pid)


def test_sweep_leaves_out_the_end_of_the_line_that_it_reads() -> None:
    lines = called("sweep", "-", stdin=b"lstm:4:seq,dense:{3,4}\n").out.splitlines()
    assert [line.split("\t")[0] for line in lines] == ["lstm:4:seq,dense:3", "lstm:4:seq,dense:4"]


def test_sweep_writes_each_combination() -> None:
    done = called("sweep", "conv1d:8:{3,5},{lstm,gru}:4", "-i", "B,10,4")
    assert done.code == 0
    assert [line[:3] for line in lines(done.out)] == [
        ["conv1d:8:3,lstm:4", "ok", "B,4"],
        ["conv1d:8:3,gru:4", "ok", "B,4"],
        ["conv1d:8:5,lstm:4", "ok", "B,4"],
        ["conv1d:8:5,gru:4", "ok", "B,4"],
    ]
    found = [
        json.loads(line) for line in called("sweep", "dense:{3,4}", "-f", "jsonl").out.splitlines()
    ]
    assert [(each["spec"], each["ok"]) for each in found] == [("dense:3", True), ("dense:4", True)]


@pytest.mark.parametrize(
    ("arguments", "kept"),
    [
        (["--where-output", "T_out >= 6"], ["conv1d:8:3", "conv1d:8:5"]),
        (["--where-output", "S1 == 4"], ["conv1d:8:7"]),
        (["--max-params", "1.1e2"], ["conv1d:8:3"]),
        (["--min-params", "200"], ["conv1d:8:7"]),
        (["--max-params", "200", "--where-output", "T_out < 8"], ["conv1d:8:5"]),
    ],
)
def test_sweep_keeps_what_is_wanted(arguments: list[str], kept: list[str]) -> None:
    done = called("sweep", "conv1d:8:{3..7..2}", "-i", "B,10,4", *arguments)
    assert [line[0] for line in lines(done.out)] == kept
    assert done.code == 0


def test_sweep_where_nothing_is_kept_or_fits() -> None:
    done = called("sweep", "conv1d:8:{3,5}", "--where-output", "T_out >= 10")
    assert (done.code, done.out) == (1, "")
    assert done.err == "error: no combination meets the limits\n"
    done = called("sweep", "conv1d:8:{3,5}", "--where-output", "X_out >= 10")
    assert (done.code, done.out) == (2, "")
    assert "no output has the sizes X_out" in done.err
    assert called("sweep", "lstm:8,lstm:{1,2}").code == 1
    assert called("sweep", "dense:{1..5}", "--max-specs", "4").code == 2
    assert called("sweep", "dense:{1,2").code == 2
    assert "sweep" in called("dense:{1,2}").err


def test_batch_is_a_table_at_a_terminal(tmp_path: Path) -> None:
    (tmp_path / "specs.txt").write_text("lstm:64\nlstm:64,lstm:32\n\ndense:3\n", encoding="utf-8")
    code, text = shown("batch", "specs.txt", columns=110, cwd=tmp_path)
    assert code == 1
    assert cells(text) == [
        ["line", "status", "output", "params", "message"],
        ["1", "ok", "(B, 64)", "256*F + 16640", ""],
        ["2", "error", "", "", "lstm needs a 3-D input (batch, steps, features), but gets (B,"],
        ["", "", "", "", "64)"],
        ["4", "ok", "(B, 3)", "3*F + 3", ""],
    ]
    assert shown("batch", "specs.txt", "-f", "tsv", cwd=tmp_path)[1].startswith("1\tok\tB,64\t")


def test_sweep_is_a_table_at_a_terminal() -> None:
    _, text = shown("sweep", "dense:{32,64}", "-i", "B,8")
    assert cells(text) == [
        ["spec", "status", "output", "params"],
        ["dense:32", "ok", "(B, 32)", "288"],
        ["dense:64", "ok", "(B, 64)", "576"],
    ]
    _, text = shown("sweep", "dense:{320,64}", "-i", "4,8", "--sort", "macs", "--top", "2")
    assert [row[-1] for row in cells(text)] == ["macs", "2,048", "10,240"]


def test_a_long_batch_is_several_tables(tmp_path: Path) -> None:
    (tmp_path / "specs.txt").write_text("dense:3\n" * 1100, encoding="utf-8")
    _, text = shown("batch", "specs.txt", cwd=tmp_path)
    rows = cells(text)
    assert len([row for row in rows if row[0] == "line"]) > 1
    assert [row[0] for row in rows if row[0] != "line"] == [str(n) for n in range(1, 1101)]


def test_a_line_of_json_has_no_header() -> None:
    for command in ("batch", "sweep"):
        done = called(command, "-", "--header", "-f", "jsonl", stdin=b"dense:3\n")
        assert (done.code, done.out) == (2, "")
        assert done.err == "error: jsonl cannot show --header\nhelp: --header is for table, tsv\n"
