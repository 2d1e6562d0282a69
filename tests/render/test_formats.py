"""Formats for documents and pictures: whole, and nothing in a spec can break out of them."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from terminal import called, cells, shown

import shapecalc
from shapecalc.render.columns import COLUMNS, view
from shapecalc.render.formats import FORMATS, Page
from shapecalc.render.mathematics import mathematics

if TYPE_CHECKING:
    from shapecalc.network import Network

UNET = (
    "in:B:H:W:3,conv2d:8:3:same@s1,maxpool2d:2,conv2d:8:3:same@s2,maxpool2d:2,"
    "tconv2d:8:2:s=2,concat:@s2,tconv2d:8:2:s=2,concat:@s1,conv2d:1:1"
)
SPECS = [
    "lstm:64:seq,td-dense:3",
    UNET,
    "in:B:S:8@en,in:B:T:8@fr,@en,lstm:8:seq:state@enc,@fr,lstm:8:seq:initial_state=@enc",
    "in:B:8@a,in:B:8@b,@a,(dense:4)@t,@b,use:@t,sub:@t",
]


class Balance(HTMLParser):
    """What stands in HTML: the open elements, the texts, and how many cells there are."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.cells = 0
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, _attributes: Any) -> None:
        self.tags.add(tag)
        if tag != "br":
            self.open.append(tag)
        self.cells += tag in {"td", "th"}

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def write(
    form: str, spec: str | Network, columns: str | None = None, *, header: bool = True
) -> str:
    page = Page(view(columns), header=header, chosen=columns is not None)
    return "".join(FORMATS[form].write(shapecalc.trace(spec), page))


@pytest.mark.parametrize("spec", SPECS)
def test_markdown_has_a_line_for_each_layer(spec: str) -> None:
    table, _, summary = write("markdown", spec).partition("\n\n")
    lines = table.splitlines()
    assert len(lines) == 2 + len(shapecalc.trace(spec).layers)
    assert len({len(re.findall(r"(?<!\\)\|", line)) for line in lines}) == 1
    assert summary.startswith("- **")


@pytest.mark.parametrize("spec", SPECS)
@pytest.mark.parametrize("header", [True, False])
def test_html_is_one_balanced_table(spec: str, header: bool) -> None:  # noqa: FBT001
    parser = Balance()
    parser.feed(write("html", spec, "name,output", header=header))
    parser.close()
    assert parser.open == []
    assert parser.cells == 2 * (len(shapecalc.trace(spec).layers) + header)


@pytest.mark.parametrize("spec", SPECS)
def test_latex_is_a_tabular_of_booktabs(spec: str) -> None:
    text = write("latex", spec)
    assert text.startswith("% \\usepackage{booktabs,tabularx}\n{\\noindent\\footnotesize")
    assert text.endswith("\\end{tabularx}}\n")
    assert text.count("\\begin{tabular}") == text.count("\\end{tabular}")
    assert [text.count(rule) for rule in ("\\toprule", "\\midrule", "\\bottomrule")] == [1, 1, 1]


@pytest.mark.parametrize("spec", SPECS)
def test_graphs_have_an_edge_for_each_tensor(spec: str) -> None:
    trace = shapecalc.trace(spec)
    edges = sum(len(row.inputs) for row in trace.layers) + len(trace.outputs)
    nodes = len(trace.inputs) + len(trace.layers) + len(trace.outputs)
    assert write("mermaid", spec).count(" -->|") == edges
    assert len(re.findall(r'n\d+(\(\[|\[)"', write("mermaid", spec))) == nodes
    assert write("dot", spec).count(" -> ") - write("dot", spec).count("dashed") == edges
    assert write("mermaid", spec).startswith("flowchart TD\n")


def test_edges_carry_the_shapes_between_layers() -> None:
    text = write("dot", "in:B:T:4,conv1d:8:3,flatten")
    assert 'n0 -> n1 [label=" (B, T, 4)"];' in text
    assert 'n1 -> n2 [label=" (B, T - 2, 8)"];' in text
    assert 'n2 -> n3 [label=" (B, 8*T - 16)"];' in text


@pytest.mark.parametrize("spec", SPECS)
def test_dot_is_read_by_graphviz(spec: str) -> None:
    if shutil.which("dot") is None:
        pytest.skip("graphviz is not installed here")
    done = subprocess.run(
        ["dot", "-Tplain"],  # noqa: S607
        input=write("dot", spec),
        capture_output=True,
        check=False,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("spec", SPECS)
def test_mermaid_is_read_by_its_parser(spec: str, tmp_path: Any) -> None:
    if shutil.which("mmdc") is None:
        pytest.skip("the parser of Mermaid is not installed here")
    path = tmp_path / "graph.mmd"
    path.write_text(write("mermaid", spec), encoding="utf-8")
    done = subprocess.run(["mmdc", "-i", path, "-o", tmp_path / "graph.svg"], check=False)  # noqa: S607
    assert done.returncode == 0


@pytest.mark.parametrize("spec", SPECS)
def test_svg_is_a_picture_of_its_own(spec: str) -> None:
    text = write("svg", spec)
    root = ET.fromstring(text)  # noqa: S314  (made here)
    assert root.tag.endswith("}svg")
    assert "font-face" not in text
    assert re.findall(r"https?://[^\"]+", text) == ["http://www.w3.org/2000/svg"]
    assert text == write("svg", spec)


NAMES = st.text(
    st.one_of(st.sampled_from("|<>&\"'\\{}$%#_^~`*[]()\n\t\x1b\x00"), st.characters(codec="utf-8")),
    min_size=1,
    max_size=12,
)


@given(NAMES)
def test_no_name_breaks_out(name: str) -> None:
    network = shapecalc.parse("in:B:4,dense:3,relu")
    network.nodes[1].label = name  # type: ignore[union-attr]
    parser = Balance()
    parser.feed(write("html", network))
    assert parser.open == []
    assert parser.tags <= {"table", "caption", "b", "br", "thead", "tbody", "tr", "th", "td"}
    lines = write("markdown", network).partition("\n\n")[0].splitlines()
    assert len(lines) == 4
    ET.fromstring(write("svg", network))  # noqa: S314
    assert len(write("dot", network).splitlines()) == 3 + 4 + 3 + 1
    for line in write("mermaid", network).splitlines()[1:]:
        assert line.count('"') == 2
    for form in ("markdown", "latex", "html"):
        assert "\x1b" not in write(form, network)


@pytest.mark.parametrize("form", [each.name for each in FORMATS.values() if each.has_rows])
def test_formats_of_rows_obey_the_columns(form: str) -> None:
    done = called("lstm:64:seq,td-dense:3", "-f", form, "--columns", "output,kind")
    assert done.code == 0
    assert "lstm" not in done.out.lower()
    assert "wrappers" in done.out


def test_every_column_has_a_field() -> None:
    columns = ",".join(COLUMNS)
    (line,) = called("conv1d:8:3", "--columns", columns).out.splitlines()
    assert line.split("\t")[-11:] == [
        "conv1d:8:3",
        "kernel:3,C,8;bias:8",
        "24*C+8",
        "0",
        "",
        "convolution",
        "T>=3",
        "24*B*C*(T-2)",
        "48*B*C*(T-2)",
        "8*B*(T-2)",
        "1:3:1:0",
    ]
    data = json.loads(called("conv1d:8:3", "-f", "jsonl", "--columns", columns).out)
    assert data["conditions"] == ["T >= 3"]
    assert data["spec"] == "conv1d:8:3"
    assert data["kind"] == "convolution"


def test_at_columns_stand_in_documents_too() -> None:
    done = called("conv1d:8:3", "-f", "markdown", "--at", "T=9", "--columns", "output")
    assert done.out.splitlines()[2] == "| (B, T - 2, 8) | (B, 7, 8) |"


def test_a_table_of_many_parts_is_one_table() -> None:
    done = called("1201x-relu", "-i", "B,8", "-f", "table")
    lines = done.out.splitlines()
    assert len(lines) == 1201 + 4 + 2
    assert len({len(line) for line in lines[:-2]}) == 1
    assert [line[0] for line in lines[:4]] == ["╭", "│", "├", "│"]
    assert {line[0] for line in lines[3:-3]} == {"│"}
    assert lines[-3][0] == "╰"
    assert [int(line.split()[1]) for line in lines[3:-3]] == list(range(1, 1202))


def test_narrow_tables_of_many_parts_have_all_rows() -> None:
    done = called("1201x-relu", "-i", "B,8", "-f", "table", "--width", "20")
    lines = done.out.splitlines()
    assert [line for line in lines if not line.startswith(" ")][::1200] == [
        "1 re_lu",
        "1201 re_lu_1200",
    ]
    assert lines.count("") == 1


@pytest.mark.parametrize("options", [[], ["--unbatched"], ["--at", "B=3"]])
@pytest.mark.parametrize("spec", SPECS)
def test_json_that_is_written_in_parts_is_the_whole(spec: str, options: list[str]) -> None:
    text = called(spec, "-f", "json", *options).out
    data = json.loads(text)
    assert text == json.dumps(data, indent=2, ensure_ascii=False) + "\n"
    if not options:
        assert data == shapecalc.trace(spec).to_dict()


@pytest.mark.parametrize("spec", SPECS)
@pytest.mark.parametrize("width", ["60", "200"])
def test_a_table_without_a_header_is_the_rest_of_the_table(spec: str, width: str) -> None:
    top, *titled = called(spec, "-f", "table", "--width", width).out.splitlines()
    above, *bare = called(spec, "-f", "table", "--width", width, "--no-header").out.splitlines()
    assert above == top
    ends = [number for number, line in enumerate(titled) if line.startswith("├")]
    assert bare == titled[ends[0] + 1 :]
    assert "name" not in called(spec, "-f", "svg", "--no-header").out.replace("&#160;", " ").split()


@pytest.mark.parametrize("form", FORMATS)
def test_a_format_is_what_its_record_says(form: str) -> None:
    record = FORMATS[form]
    every = write(form, SPECS[0])
    assert record.name == form
    assert record.has_rows == (write(form, SPECS[0], "kind") != every)
    assert record.has_rows or record.module == "graph" or not record.folds
    folded = called("4x-relu", "-i", "B,8", "-f", form, "--fold")
    assert (folded.code == 0) == record.folds


@pytest.mark.parametrize("column", COLUMNS)
def test_a_column_is_what_its_record_says(column: str) -> None:
    record = COLUMNS[column]
    trace = shapecalc.trace("in:B:T:4,conv1d:4:3@x,use:@x,2x-lstm:8:seq:state")
    for row in trace.layers:
        field = record.field(row, view(None))
        assert "\t" not in field
        assert "\n" not in field
        assert " " not in field or column == "layer"
        assert record.data is not None or record.json_key in row.to_dict()
    head, rule, *_ = write("markdown", "conv1d:8:3", column).splitlines()
    assert head == f"| {record.heading} |"
    assert (rule == "| ---: |") == record.is_number
    (line,) = write("jsonl", "conv1d:8:3", column).splitlines()
    assert list(json.loads(line)) == [record.json_key]


@pytest.mark.parametrize("spec", ["in:B:T:400,dense:3000@x,3x-dense:3000", "conv1d:8:3", UNET])
def test_tables_write_all_counts_the_same(spec: str) -> None:
    table = write("markdown", spec, "params,trainable").partition("\n\n")[0]
    for line in table.splitlines()[2:]:
        params, trainable = line.strip("| ").split(" | ")
        assert params == trainable


WIDE = (
    "in:B:H:W:3,conv2d:64:3:same:relu@s1,maxpool2d:2,conv2d:1024:3:same:relu,"
    "tconv2d:64:2:s=2,concat:@s1,conv2d:1:1:sigmoid"
)


def test_shapes_stay_whole_at_80_columns() -> None:
    _, text = shown(WIDE, columns=80)
    rows = cells(text)
    assert max(map(len, text.splitlines())) <= 80
    assert rows[0] == ["#", "name", "layer", "output", "params"]
    assert "(B, H//2, W//2, 1024)" in [row[3] for row in rows]
    assert all(row[3] == "" or row[3].endswith(")") for row in rows[1:])
    _, wide = shown(WIDE, columns=140)
    assert cells(wide)[0] == ["#", "name", "layer", "from", "input", "output", "params"]
    _, chosen = shown(WIDE, "--columns", "name,input,output", columns=60)
    assert cells(chosen)[0] == ["name", "input", "output"]


def test_rows_of_several_lines_stand_apart() -> None:
    _, text = shown("-d", "torch", "linear:3:4,linear:4:4,lstm:4:5")
    begins = "".join(line[0] for line in text.splitlines() if line[0] in "╭├│╰")
    assert begins == "╭│├││├│││╰"


@pytest.mark.parametrize("columns", [40, 60, 80])
def test_errors_break_at_words(columns: int) -> None:
    _, text = shown("lstm:64,lstm:32", columns=columns)
    said = text[text.index("error:") :]
    assert max(map(len, said.splitlines())) <= columns
    assert " ".join(said.split()).startswith(
        "error: lstm needs a 3-D input (batch, steps, features), but gets (B, 64) lstm:64,lstm:32"
    )
    assert said.endswith("\nhelp: lstm:64:seq,lstm:32\n")
    assert called("lstm:64,lstm:32", COLUMNS="40").err.splitlines()[0].endswith("gets (B, 64)")


SHARED = (
    "in:B:H:28:1@left,in:B:28:28:1@right,@left,(conv2d:16:3,gap2d,dense:64)@tower,@right,"
    "use:@tower@other,@tower,sub:@other"
)


def test_latex_sets_sizes_as_mathematics_in_a_column() -> None:
    text = called("in:B:H:W:3,conv2d:8:3:s=2,flatten", "-f", "latex").out
    set_whole = text.replace(r"\allowbreak{}", "")
    assert r"$(B, \lfloor (H - 1)/2 \rfloor, \lfloor (W - 1)/2 \rfloor, 8)$ & 224 \\" in set_whole
    assert r"holds when: $H \ge 3$ and $W \ge 3$" in text
    assert "& input &" not in text
    chosen = called("lstm:64", "-f", "latex", "--columns", "input,params").out
    assert r"\begin{tabular}{@{}lr@{}}" in chosen
    assert r"$(B, T, F)$ & $256 \, F + 16640$ \\" in chosen


@pytest.mark.parametrize("layout", ["onecolumn", "twocolumn"])
def test_latex_is_set(layout: str, tmp_path: Any) -> None:
    if shutil.which("pdflatex") is None:
        pytest.skip("LaTeX is not installed here")
    tables = [write("latex", spec) for spec in (*SPECS, SHARED)]
    (packages,) = {text.splitlines()[0].removeprefix("% ") for text in tables}
    (tmp_path / "t.tex").write_text(
        f"\\documentclass[{layout}]{{article}}{packages}\\begin{{document}}"
        + "\n\\clearpage\n".join(tables)
        + "\\end{document}",
        encoding="utf-8",
    )
    done = subprocess.run(
        ["pdflatex", "-interaction=nonstopmode", "t.tex"],  # noqa: S607
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0
    assert b"Overfull \\hbox" not in done.stdout


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("(T + 1)//2", r"$\lfloor (T + 1)/2 \rfloor$"),
        ("8*(H - 2)*W", r"$8 \, (H - 2) \, W$"),
        ("2*3", r"$2 \cdot 3$"),
        ("3*T**2 % 4", r"$3 \, T^{2} \bmod 4$"),
        ("(T % 2) + 1", r"$(T \bmod 2) + 1$"),
        ("T - (S - 1)", r"$T - (S - 1)$"),
        ("max(T - 2, 1)", r"$\max(T - 2, 1)$"),
        ("(B_1, n_words)", r"$(B_{1}, \mathit{n\_words})$"),
        ("T == 3 or T == 1", r"$T = 3$ or $T = 1$"),
        ("1,792", "1,792"),
        ("as lstm", None),
        ("", None),
    ],
)
def test_sizes_as_mathematics(text: str, shown: str | None) -> None:
    assert mathematics(text) == shown


def test_html_is_a_page_that_says_its_encoding() -> None:
    text = called("lstm:64", "-f", "html").out
    assert text.startswith("<!DOCTYPE html>\n")
    assert '<meta charset="utf-8">' in text
    assert '<th style="text-align: right">params</th>' in text
    assert text.endswith("</table>\n</body>\n</html>\n")
    assert text.count("<body>") == 1


def test_a_picture_is_as_wide_as_its_table() -> None:
    def wide(*arguments: str) -> float:
        root = ET.fromstring(called(*arguments, "-f", "svg").out)  # noqa: S314
        return float(root.attrib["viewBox"].split()[2])

    assert wide("dense:3") < wide("lstm:64:seq,td-dense:3")
    assert wide("dense:3") < wide("dense:3", "--width", "90")


def test_graphs_show_shared_weights_and_conditions() -> None:
    dot, mermaid = (called(SHARED, "-f", form).out for form in ("dot", "mermaid"))
    assert dot.count("same weights") == mermaid.count("same weights") == 2
    assert 'n2 -> n5 [label=" same weights", style=dashed' in dot
    assert 'n2 -.-|"same weights"| n5' in mermaid
    assert 'label="holds when H >= 3\\l"' in dot
    assert 'notes>"holds when H #62;= 3"]' in mermaid
    assert "holds when" not in called("dense:3", "-f", "dot").out


@pytest.mark.parametrize(
    ("form", "block"),
    [("dot", '12"; n1; n2; }'), ("mermaid", '12"]\n        n1\n        n2\n    end')],
)
def test_graphs_fold_blocks(form: str, block: str) -> None:
    text = called("in:B:8,12x(dense:8,relu),dense:3", "-f", form, "--fold").out
    assert block in text
    assert text.count("Dense(8)") == 1
    assert len(re.findall(r"n2 -.*n25", text)) == 1
