"""No text makes the command crash or take more than its share: one message, and an exit code.

Each runs with a limit on memory; what the limits of the language refuse is refused before much is
made of it.
"""

from __future__ import annotations

import json
import resource
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
from terminal import called, environment

import shapecalc
from shapecalc.cli.main import main
from shapecalc.layers.letters import free_letter
from shapecalc.render.diagnostic import MAX_SHOWN

if TYPE_CHECKING:
    from pathlib import Path

#: What a run may take, in bytes: the interpreter and its libraries among it.
MEMORY = 500_000_000
SECONDS = 60


def limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))


def run(
    *arguments: str | bytes, stdin: bytes = b"", cwd: Path | None = None
) -> tuple[int, str, str]:
    done = subprocess.run(
        ["shapecalc", *arguments],  # noqa: S607
        input=stdin,
        capture_output=True,
        check=False,
        cwd=cwd,
        env=environment(),
        preexec_fn=limit,
    )
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def doubled(times: int) -> str:
    """A spec in which every group has that before it twice."""
    groups = [f"(use:@g{n},use:@g{n})@g{n + 1}" for n in range(times)]
    return ",".join(["dense:8@g0", *groups])


TEXTS: list[tuple[str, str]] = [
    ("(" * 100_000, "( is not closed"),
    (")" * 100_000, "unmatched )"),
    ("td-" * 50_000 + "dense:3", "at most 20 prefixes"),
    ("td(" * 5_000 + "dense:3" + ")" * 5_000, "error: "),
    ("add(" * 5_000 + "|" + ")" * 5_000, "error: "),
    ("9x(" * 8 + "dense:3" + ")" * 8, "more than 100000 layers"),
    ("9" * 30 + "x-dense:3", "a repeat counts from 1"),
    ("in:B:8," + "9" * 18 + "x-is:B:8,relu", "more than 100000 layers"),
    (doubled(60), "more than 100000 layers"),
    ("in:B:999999999,unstack:axis=1", "cannot make 999999999 parts"),
    ("in:B:8,split:" + "9" * 30 + ":axis=1", "the limit is 10000"),
    ("in:B:8,reduce:sum,flatten", "needs at least 1 axis (batch), but gets ()"),
    ("in:B:8,reduce:sum,reshape:-1", "needs at least 1 axis (batch), but gets ()"),
    ("in:B:8,reduce:sum,conv1d:1:1", "needs a 3-D input"),
    ("in:B:8,reduce:sum@x,add:@x", "needs at least 1 axis (batch), but gets ()"),
    ("in:B:4:8,prelu@p,in:B:4@y,@y,use:@p", "whose alpha is (4, 8), but needs (4,) here"),
    ("rnn(lstmcell:3|lstmcell:3),lstm:3", "needs a 3-D input"),
    ("2000x-pipeline(" + "conv1d:8:2," * 100 + ")", "more than 100000 layers"),
    ("in:B:1:8,squeeze:axis=(1,1)", "leaves out one axis twice: (1, 1)"),
    ("in:B:8,expanddims:1:1", "adds one axis twice: (1, 1)"),
    ("in:B:8,pad:8", "pad_width takes two whole numbers for each axis"),
    ("in:B:3:4,permute:dims=True:2", "dims is given twice"),
    ("dense:" + "9" * 5_000, "at most 40 digits"),
    ("dense:" + "9" * 100_000, "at most 40 digits"),
    ("in:B:T**99999,flatten", "an exponent must be at most 64"),
    ("in:B:" + "(" * 5_000 + "T" + ")" * 5_000, "error: "),
    ("in:B:" + "max(" * 3_000 + "T" + ",1)" * 3_000, "error: "),
    ("reshape:" + "[" * 3_000, "[ is not closed"),
    ("crop2d:" + "(" * 2_000 + "1" + ")" * 2_000, "lists nest at most 8 deep"),
    ("x" * 1_000_000, "there is no layer xxx"),
    ("dense:3@" + "x" * 1_000_000 + ",add:@y", "there is no label @y yet"),
    ("lstm:64:" + "s" * 100_000, "error: "),
    ("," * 1_000_000, "there is no layer in this spec"),
    ("dense:\N{ARABIC-INDIC DIGIT THREE}", "is not a value"),
    ("dense:3\N{FULLWIDTH DIGIT FOUR}", "error: "),
    ("dense:3\0", "'\\x00' does not belong here"),
    ("den\x1b[31mse:3", "den\\x1b[31mse:3"),
    ("dense:3@\N{RIGHT-TO-LEFT OVERRIDE}abc", "\\u202e"),
    ('dense:3:name="\x1b]0;owned\x07"', ""),
    ("dense:" + "{" * 10_000, "braces mark choices"),
]


def inside(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Run the command within this process, which takes a fraction of the time."""
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    said = capsys.readouterr()
    assert isinstance(ended.value.code, int)
    return int(ended.value.code), said.out, said.err


@pytest.mark.parametrize(("text", "said"), TEXTS)
def test_text_is_refused_in_words(capsys: pytest.CaptureFixture[str], text: str, said: str) -> None:
    code, out, err = inside(capsys, text)
    assert code in ({0} if not said else {1, 2})
    assert out == "" or not said
    assert said in err
    assert "Traceback" not in err
    assert len(err) < 5_000
    assert "\x1b" not in out + err
    assert "\N{RIGHT-TO-LEFT OVERRIDE}" not in out + err


def test_all_of_it_together_stays_within_bounds() -> None:
    lines = [text for text, said in TEXTS if said]
    code, out, err = run("batch", stdin="\n".join(lines).encode())
    assert (code, err) == (1, "")
    assert [line.split("\t")[1] for line in out.splitlines()] == ["error"] * len(lines)


def test_input_without_end_is_refused() -> None:
    code, out, err = run("-", stdin=b"a" * 17_000_000)
    assert (code, out) == (2, "")
    assert err == "error: standard input: it is larger than 16 MB\n"
    code, out, err = run("/dev/zero")
    assert (code, out, err) == (2, "", "error: /dev/zero: it is larger than 16 MB\n")


@pytest.mark.parametrize("data", [b"\xff\xfe", b"dense:\xc3", b"\xed\xa0\x80", b"\x80" * 1000])
def test_bytes_that_are_no_text(data: bytes) -> None:
    code, out, err = called("-", stdin=data)
    assert (code, out) == (2, "")
    assert "is not UTF-8" in err


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.json", '{"units": ' + "9" * 5_000 + "}", "a number in it has too many digits"),
        ("a.ipynb", "9" * 5_000, "a number has too many digits"),
        ("a.py", "x = " + "-" * 50_000 + "1", "cannot be read as Python: it is nested too deeply"),
    ],
)
def test_what_the_interpreter_refuses_is_said_in_our_words(
    name: str, text: str, said: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    done = called(name, cwd=tmp_path)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"error: {name}")
    assert done.err.rstrip().endswith(said)


def test_brackets_of_yaml_are_refused_where_they_nest_too_deeply(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scanner = pytest.importorskip("yaml.scanner")
    deepest = 0
    looked = scanner.Scanner.stale_possible_simple_keys

    def look(self: Any) -> None:
        nonlocal deepest
        deepest = max(deepest, self.flow_level)
        looked(self)

    monkeypatch.setattr(scanner.Scanner, "stale_possible_simple_keys", look)
    (tmp_path / "a.yaml").write_text("class_name: " + "[" * 3_000, encoding="utf-8")
    done = called("a.yaml", cwd=tmp_path)
    assert (done.code, done.out) == (2, "")
    assert "nested too deeply" in done.err
    assert 100 < deepest < 500


def test_paths_that_are_no_files(tmp_path: Path) -> None:
    (tmp_path / "a.shape").symlink_to(tmp_path / "b.shape")
    (tmp_path / "b.shape").symlink_to(tmp_path / "a.shape")
    (tmp_path / "c.shape").mkdir()
    (tmp_path / "d.json").symlink_to(tmp_path / "nowhere")
    for name in ("a.shape", "c.shape", "d.json", "e.keras", "n" * 5_000 + ".shape"):
        code, out, err = called(name, cwd=tmp_path)
        assert (code, out) == (2, "")
        said, *more = err.splitlines()
        assert said.startswith("error: ")
        assert all(line.startswith("help: ") for line in more)


def test_workers_are_as_many_as_a_machine_bears() -> None:
    done = called("batch", "--jobs", "100000", stdin=b"dense:3")
    assert (done.code, done.out) == (2, "")
    assert "100000 is not in the range 1<=x<=256" in done.err


WRONG = {
    "names": [f"dens{n}x:3" for n in range(400)],
    "keys": [f"dense:3:unit{n}=4" for n in range(400)],
    "words": [f"dense:3:word{n}" for n in range(400)],
    "labels": [f"dense:3@a{n},add:@b{n}" for n in range(400)],
}


@pytest.mark.parametrize("kind", WRONG)
def test_of_hundreds_of_errors_ten_are_shown(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[str] = []

    def suggest(word: str, known: Any, **_: Any) -> list[str]:
        looked.append(word)
        return list(known)[:1]

    monkeypatch.setattr("difflib.get_close_matches", suggest)
    text = "\n".join(WRONG[kind])
    path = tmp_path / "wrong.shape"
    path.write_text(text, encoding="utf-8")
    done = called(str(path))
    assert (done.code, done.out) == (2, "")
    assert done.err.count("error: ") == MAX_SHOWN == 10
    assert done.err.endswith("\n390 more errors\n")
    # Hints are looked for where they are shown, and all errors are there for who asks.
    assert len(looked) == MAX_SHOWN
    with pytest.raises(shapecalc.SpecError) as caught:
        shapecalc.parse(text)
    assert len(caught.value.errors) == 400
    assert len({error.span for error in caught.value.errors}) == 400
    assert caught.value.errors[-1].help
    place, _, fact = done.err.partition(": error: ")
    assert place.startswith(f"{path}:1:")
    assert fact.startswith(f"{caught.value.message}\n")


def test_of_many_notes_ten_are_shown() -> None:
    done = called(",".join(f"relu@a{n},add:@a{n}" for n in range(12)), "-q")
    assert done.code == 0
    assert done.err.count("note: ") == MAX_SHOWN
    assert done.err.endswith("\n2 more notes\n")


LINES = [
    ({"input": ["B", "max(T,3)", 5]}, "B,max(T,3),3"),
    ({"input": ["B", "()"]}, None),
    ({"input": ["B", "T,3"]}, None),
    ({"input": ["B", ""]}, None),
    ({"input": ["B", 3.0]}, None),
    ({"input": ["B", True]}, None),
    ({"input": ["B", float("nan")]}, None),
    ({"input": ["B", float("inf")]}, None),
    ({"input": ["B", 10**50]}, None),
    ({"input": [["B", 4]]}, None),
    ({"input": {"input_layer": {"a": 3}}}, None),
    ({"input": {"": "B,3"}}, None),
    ({"input": 5}, None),
    ({"set": {"F": 3.0}}, None),
    ({"set": {"F": None}}, None),
    ({"set": {"F": [3]}}, None),
    ({"set": []}, None),
    ({"set": "F=3"}, None),
    ({"set": {"F": -1}}, None),
    ({"set": {"F": 7}}, "B,3"),
    ({"where": 5}, None),
    ({"expect": ["B", "()"]}, None),
    ({"expect": ["B", "3,4"]}, None),
    ({"expect": ["B", "3"]}, "B,3"),
    ({"expect": {"dense": None}}, None),
    ({"dialect": []}, None),
    ({"spec": ["dense:3"]}, None),
    ({"spec": "\ud800"}, None),
    ({"spec": 'dense:3:name="\ud800"'}, "B,3"),
    ({"\ud800": 1}, None),
]


@pytest.mark.parametrize("form", ["tsv", "jsonl"])
def test_no_line_of_json_ends_a_batch(form: str) -> None:
    stdin = "\n".join(json.dumps({"spec": "dense:3"} | line) for line, _ in LINES)
    done = called("batch", "-f", form, stdin=stdin.encode())
    assert (done.code, done.err) == (1, "")
    found = done.out.splitlines()
    assert len(found) == len(LINES)
    for said, (_, wanted) in zip(found, LINES, strict=True):
        if form == "jsonl":
            assert json.loads(said)["ok"] is (wanted is not None)
        else:
            assert said.split("\t")[1:3] == (["error", ""] if wanted is None else ["ok", wanted])


def test_half_of_a_surrogate_pair_is_written_as_an_escape() -> None:
    spec = 'dense:3:name="\udcff"'
    assert called(spec, "-f", "spec").out == 'dense:3:name="\\u{dcff}"\n'
    assert json.loads(called(spec, "-f", "json").out)["layers"][0]["name"] == "\udcff"


def test_letters_without_end_are_numbered_soon() -> None:
    class Asked(set[str]):
        asked = 0

        def __contains__(self, name: object) -> bool:
            self.asked += 1
            return super().__contains__(name)

    used = Asked({"T", *(f"T_{number}" for number in range(1, 100_000))})
    assert str(free_letter("T", used)) == "T_100000"
    assert used.asked < 200
    few = {"T", "T_1", "T_3"}
    assert [str(free_letter("T", few)) for _ in range(3)] == ["T_2", "T_4", "T_5"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["sweep", "{1,2}" * 150],
        ["sweep", "{" * 1_000],
        ["sweep", "{1..999999999999999999}"],
        ["dense:3", "-s", "F=" + "9" * 4_000],
        ["dense:3", "-w", "F >= " + "9" * 4_000],
        ["dense:3", "-w", "F % 0 == 0"],
        ["dense:3", "--columns", "x" * 10_000],
        ["dense:3", "-e", "(" * 5_000],
        ["dense:3", "--at", "F=" + "9" * 4_000],
        ["solve", "conv1d:8:?", "--output", "B," + "9" * 4_000],
        ["layers", "x" * 100_000],
        ["diff", "(" * 50_000, "dense:3"],
        ["fix", "lstm:3," * 2_000],
        ["explain", "(" * 50_000],
        ["batch", "/dev/null/x"],
    ],
)
def test_options_are_refused_in_words(
    capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    code, out, err = inside(capsys, *arguments)
    assert code in {1, 2}
    assert out == ""
    assert err.startswith("error: ")
    assert len(err) < 20_000


def test_many_letters_and_conditions_come_to_an_end() -> None:
    letters = ":".join(f"T{number}" for number in range(300))
    checks = ",".join(f"is:B:N{number}:F" for number in range(2_000))
    divisors = " and ".join(f"F % {number} == 0" for number in range(2, 120))
    deep = "in:B:T:4," + "conv1d:8:3:s=3,maxpool1d:2," * 300
    lines = [
        {"spec": f"in:B:{letters},flatten"},
        {"spec": f"in:B:T:F,{checks},relu"},
        {"spec": "dense:3", "where": divisors, "expect": "B,3"},
        {"spec": deep},
    ]
    code, out, err = run("batch", stdin="\n".join(map(json.dumps, lines)).encode())
    assert (code, err) == (0, "")
    assert [line.split("\t")[1] for line in out.splitlines()] == ["ok"] * len(lines)
