"""The command cost, what networks may cost at most, and sweeps by what they cost."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
from terminal import called

from shapecalc.tracing.costs import CONVENTION

if TYPE_CHECKING:
    from pathlib import Path

CNN = "in:B:28:28:1,conv2d:8:3,flatten,dense:10"


def summary(out: str) -> dict[str, str]:
    """What stands below a table, by its name."""
    lines = [line.strip() for line in out.splitlines() if line.startswith("  ")]
    return {name: said for name, _, said in (line.partition("  ") for line in lines)}


def test_the_table_ends_in_totals_and_in_what_counts() -> None:
    done = called("cost", CNN, "-f", "table")
    assert done.code == 0
    said = {name: text.strip() for name, text in summary(done.out).items()}
    assert said["macs"] == "102752*B"
    assert said["flops"] == "205504*B"
    assert said["peak"] == "10816*B numbers at flatten"
    assert said["a mac is"] == CONVENTION


def test_a_pipe_has_a_line_for_each_layer() -> None:
    lines = [line.split("\t") for line in called("cost", CNN).out.splitlines()]
    assert lines == [
        ["conv2d", "B,26,26,8", "80", "48672*B", "5408*B"],
        ["flatten", "B,5408", "0", "0", "5408*B"],
        ["dense", "B,10", "54090", "54080*B", "10*B"],
    ]


def test_json_says_it_all_whatever_the_columns() -> None:
    data = json.loads(called("cost", CNN, "-f", "json", "--columns", "name").out)
    assert (data["macs"], data["flops"]) == ("102752*B", "205504*B")
    assert data["peak"] == {"size": "10816*B", "layers": ["flatten"]}
    assert [row["memory"] for row in data["layers"]] == ["5408*B", "5408*B", "10*B"]
    assert data["layers"][0]["receptive"][1] == {"axis": 2, "size": 3, "stride": 1, "offset": 0}
    lines = called("cost", CNN, "-f", "jsonl").out.splitlines()
    assert [json.loads(line) for line in lines] == data["layers"]


def test_the_main_command_says_it_where_it_is_asked() -> None:
    assert "macs" not in json.loads(called(CNN, "-f", "json").out)
    (first, *_) = called(CNN, "--columns", "name,flops,receptive").out.splitlines()
    assert first == "conv2d\t97344*B\t1:3:1:0;2:3:1:0"
    table = called(CNN, "-f", "markdown", "--columns", "macs").out
    assert "- **macs**: 102752\\*B" in table
    assert CONVENTION in table


def test_memory_in_bytes() -> None:
    done = called("cost", CNN, "--dtype", "float16", "-s", "B=1", "-f", "table")
    said = {name: text.strip() for name, text in summary(done.out).items()}
    assert said["peak"] == "21,632 bytes (21.1 KiB) of float16 at flatten"
    (first, *_) = called("cost", CNN, "--dtype", "int8", "-s", "B=1").out.splitlines()
    assert first.split("\t")[-1] == "5408"


def test_training_counts_the_way_back() -> None:
    lines = called("cost", "in:1:8,dense:4,dense:2", "--training").out.splitlines()
    assert [line.split("\t")[3] for line in lines] == ["64", "24"]
    table = called("cost", "in:1:8,dense:4,dense:2", "--training", "-f", "table").out
    assert "88, forward and backward" in table


@pytest.mark.parametrize("form", ["table", "svg", "html"])
def test_more_bytes_than_a_float_holds_have_a_unit_too(form: str) -> None:
    size = ":".join(["9" * 40] * 9)
    done = called("cost", f"in:{size},relu", "--dtype", "float32", "-f", form)
    assert done.code == 0
    assert "PiB) of float32" in " ".join(done.out.split())


def test_costs_at_numbers() -> None:
    done = called("cost", "in:1:T:4,conv1d:8:3,conv1d:8:9", "--at", "T=8,32", "--header")
    header, first, second = [line.split("\t") for line in done.out.splitlines()]
    assert header[5:] == ["macs@T=8", "memory@T=8", "macs@T=32", "memory@T=32"]
    assert first[5:] == ["576", "48", "2880", "240"]
    assert second[5:] == ["?", "?", "12672", "176"]
    assert done.code == 1
    assert "this is at T=8" in done.err
    table = called("cost", "in:1:T:4,dense:8", "--at", "T=8", "-f", "table").out
    assert "at T=8      256 macs, 96 numbers at dense" in table


@pytest.mark.parametrize("command", [[], ["cost"]])
def test_what_costs_more_fails_with_the_largest_that_does_not(command: list[str]) -> None:
    attention = ["in:1:S:512,mha:8:64", "--max-macs", "1e8"]
    done = called(*command, *attention)
    assert (done.code, done.out) == (1, "")
    assert "for some sizes more than the 100,000,000 allowed" in done.err
    assert "holds when S <= 87" in done.err
    assert called(*command, *attention, "-w", "S <= 87").code == 0
    assert called(*command, *attention, "-w", "S <= 88").code == 1
    assert called(*command, *attention, "-s", "S=87").code == 0
    done = called(*command, *attention, "-s", "S=88")
    assert "the macs are 100,204,544, more than the 100,000,000 allowed" in done.err


def test_of_several_letters_each_has_its_largest() -> None:
    done = called("cost", "in:B:S:512,mha:8:64", "--max-memory", "512KiB", "--dtype", "float16")
    assert done.code == 1
    assert "holds when B*S <= 256" in done.err
    assert "with B == 1 that is S <= 256" in done.err
    done = called("cost", "in:B:S:512,mha:8:64", "--max-macs", "5")
    assert "no size is within the limit: the least possible is 1,049,600" in done.err


@pytest.mark.parametrize(
    ("option", "fits", "more"),
    [
        ("--max-params", "54170", "5.4e4"),
        ("--max-macs", "102752", "1e5"),
        ("--max-memory", "43264", "42KiB"),
        ("--max-memory", "43.264KB", "0.04MiB"),
    ],
)
def test_a_limit_may_be_reached(option: str, fits: str, more: str) -> None:
    assert called(CNN, "-s", "B=1", option, fits).code == 0
    assert called(CNN, "-s", "B=1", option, more).code == 1


@pytest.mark.parametrize(
    ("option", "value"), [("--max-macs", "many"), ("--max-memory", "5 apples")]
)
def test_a_limit_is_a_number(option: str, value: str) -> None:
    done = called("dense:3", option, value)
    assert (done.code, done.out) == (2, "")
    assert value in done.err


def test_a_batch_of_specs_has_limits_too() -> None:
    done = called("batch", "-", "-i", "1,8", "--max-macs", "40", stdin=b"dense:5\ndense:6\n")
    first, second = [line.split("\t") for line in done.out.splitlines()]
    assert first[:3] == ["1", "ok", "1,5"]
    assert second[1] == "error"
    assert "the macs are 48, more than the 40 allowed" in second[4]


def drawn(text: str) -> tuple[list[str], list[float]]:
    """The texts of a picture, and how long its bars are."""
    root = ET.fromstring(text[text.index("<svg") : text.index("</svg>") + 6])  # noqa: S314  (made here)
    space = "{http://www.w3.org/2000/svg}"
    texts = [each.text or "" for each in root.iter(f"{space}text")]
    return texts, [float(each.get("width", "0")) for each in root.iter(f"{space}rect")]


def test_a_picture_has_bars_for_each_row_and_the_totals() -> None:
    done = called("cost", CNN, "-f", "svg", "--dtype", "float32")
    texts, bars = drawn(done.out)
    assert "drawn at B = 1" in texts
    assert "macs: 102752*B" in texts
    assert {"conv2d", "48,672", "43,264"} <= set(texts)
    macs, _, alive, given = bars[:4]
    flat = bars[6]
    assert len(bars) == 3 * 4
    assert (flat, bars[8]) == (max(bars), max(bars[8], bars[0]))
    assert round(alive / flat, 2) == round((784 + 5408) / 10816, 2)
    assert round(given / flat, 2) == 0.5
    assert macs < bars[8]
    texts, _ = drawn(called("cost", CNN, "-f", "html").out)
    assert "flatten" in texts


def test_a_picture_is_drawn_at_numbers_that_fit() -> None:
    spec = "in:B:H:W:3,conv2d:4:40,is:B:H-39:H-39:4"
    texts, _ = drawn(called("cost", spec, "-f", "svg").out)
    assert "drawn at B = 1, W = 40" in texts


def test_check_finds_models_that_cost_more(tmp_path: Path) -> None:
    source = tmp_path / "m.py"
    source.write_text(
        "import torch\nfrom torch import nn\nmodel = nn.Sequential(nn.Linear(8, 4))\n"
        "model(torch.zeros(2, 8))\n"
    )
    (tmp_path / "s.shape").write_text("in:2:8,dense:4")
    fits = called("check", str(tmp_path), "--max-macs", "64", "-f", "concise")
    assert fits.code == 0
    more = called("check", str(tmp_path), "--max-macs", "63", "-f", "json")
    assert more.code == 1
    assert more.out.count('"rule": "cost"') == 2
    assert "the macs are 64, more than the 63 allowed" in more.out


SWEEP = ["sweep", "conv1d:{16,8,4}:{3,5}"]


def test_a_count_that_is_too_long_is_refused_before_anything_is_written() -> None:
    size = "*".join(["9" * 40] * 24)
    spec = f"in:{':'.join([size] * 5)},relu,conv3d:8:3"
    said = (1, "", "error: a count of this network has more than 4,200 digits\n")
    assert called(spec).code == 0
    for form in ("tsv", "table", "json", "jsonl", "html", "latex"):
        assert called("cost", spec, "-f", form) == said
    assert called("explain", spec) == said
    assert called(spec, "-q", "--max-memory", "1e9") == said
    first, second = called(
        "batch", "--max-macs", "9", stdin=f"{spec}\ndense:3".encode()
    ).out.splitlines()
    assert first.endswith("more than 4,200 digits")
    assert "more than the 9 allowed" in second


def test_a_sweep_is_sorted_by_what_it_costs() -> None:
    done = called(*SWEEP, "-i", "1,100,4", "--sort", "macs", "--top", "3")
    lines = [line.split("\t") for line in done.out.splitlines()]
    assert [(line[0], line[-1]) for line in lines] == [
        ("conv1d:4:3", "4704"),
        ("conv1d:4:5", "7680"),
        ("conv1d:8:3", "9408"),
    ]
    done = called(*SWEEP, "-i", "1,100,4", "--sort", "params", "--jobs", "2")
    assert [line.split("\t")[3] for line in done.out.splitlines()] == [
        "52", "84", "104", "168", "208", "336",
    ]  # fmt: skip
    done = called(*SWEEP, "-i", "1,100,4", "--sort", "memory", "-f", "jsonl", "--top", "1")
    assert json.loads(done.out)["memory"] == 400 + 96 * 4


def test_what_does_not_fit_has_as_many_fields_where_a_sweep_is_sorted() -> None:
    asked = ("sweep", "in:1:8:4,conv1d:4:{3,9}", "--sort", "macs", "-f")
    fits, refused = called(*asked, "tsv").out.splitlines()
    assert (fits.count("\t"), refused.count("\t")) == (5, 5)
    assert refused.endswith("\t")
    assert "288" in (table := called(*asked, "table").out)
    assert "error" in table


def test_a_sweep_keeps_what_costs_no_more() -> None:
    done = called(*SWEEP, "-i", "1,100,4", "--max-macs", "1e4", "--max-params", "90")
    assert [line.split("\t")[0] for line in done.out.splitlines()] == ["conv1d:4:3", "conv1d:4:5"]


@pytest.mark.parametrize(
    "options", [["--max-macs", "1e4"], ["--max-memory", "1MB"], ["--sort", "macs"]]
)
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_sweep_does_not_compare_letters(options: list[str], jobs: str) -> None:
    done = called(*SWEEP, "-i", "B,100,4", *options, "--jobs", jobs)
    assert (done.code, done.out) == (2, "")
    assert "in letters cannot be compared" in done.err
    assert "-s B=" in done.err
    assert called(*SWEEP, "-i", "B,100,4", *options, "-s", "B=1").code == 0


def test_training_at_a_number_that_does_not_fit_counts_what_comes_before() -> None:
    spec = "in:B:T:4,dense:3,conv1d:4:20,dense:2"
    done = called("cost", spec, "--at", "T=7,96", "--training", "--columns", "name,macs")
    assert done.code == 1
    assert [line.split("\t")[2] for line in done.out.splitlines()] == ["168*B", "?", "?"]
    assert "this is at T=7" in done.err
