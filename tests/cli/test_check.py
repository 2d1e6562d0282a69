"""All models below paths: findings in every format, what silences them, what is not understood."""

from __future__ import annotations

import json
import os
import socket
import subprocess
from pathlib import Path

import pytest
from terminal import called, shown

import shapecalc
from shapecalc.answers.check import RULES
from shapecalc.errors import SpecError

WRONG = """\
import torch
from torch import nn
net = nn.Sequential(
    nn.Linear(4, 3),
    nn.Linear(5, 2),
)
net(torch.zeros(7, 4))
"""
RIGHT = WRONG.replace("5, 2", "3, 2")
LINE = "bad.py:5:5: error: Linear takes 5 features, but gets 3  [features]"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bad.py").write_text(WRONG, encoding="utf-8")
    (tmp_path / "good.py").write_text(RIGHT, encoding="utf-8")
    (tmp_path / "plain.py").write_text("import os\n", encoding="utf-8")
    return tmp_path


@pytest.mark.usefixtures("folder")
def test_findings_and_a_summary_are_printed() -> None:
    done = called("check", ".")
    assert (done.code, done.err) == (1, "")
    assert done.out.splitlines() == [
        LINE,
        "    5 |     nn.Linear(5, 2),",
        "      |     ^^^^^^^^^^^^^^^",
        "help: bad.py:5: nn.Linear(3, 2),",
        "",
        "2 models in 2 files: 1 does not fit",
    ]
    assert called("check", "good.py").out == "1 model in 1 file: it fits\n"
    assert called("check", "plain.py").out == "no models in 1 file\n"
    # It names a framework, but imports none.
    Path("tool.py").write_text('NAME = "keras"\nfor each in None: print(each)\n')
    assert called("check", "tool.py").out == "no models in 1 file\n"
    assert called("check", "-f", "concise").out.splitlines()[0] == LINE


@pytest.mark.usefixtures("folder")
def test_a_file_that_is_named_twice_is_looked_at_once() -> None:
    out = called("check", "bad.py", "./bad.py", ".", "-f", "concise").out
    assert out.splitlines() == [LINE, "2 models in 2 files: 1 does not fit"]


@pytest.mark.usefixtures("folder")
def test_formats_for_other_programs() -> None:
    data = json.loads(called("check", "-f", "json").out)
    (finding,) = data["findings"]
    assert (finding["path"], finding["line"], finding["column"]) == ("bad.py", 5, 5)
    assert (finding["rule"], finding["help"]) == ("features", "bad.py:5: nn.Linear(3, 2),")
    assert (data["models"], data["files"], data["not_understood"]) == (2, 2, [])
    (command,) = called("check", "--output-format", "github").out.splitlines()
    assert command.startswith("::error title=shapecalc (features),file=bad.py,line=5,col=5,")
    assert command.endswith("::Linear takes 5 features, but gets 3")
    log = json.loads(called("check", "-f", "sarif").out)
    (run,) = log["runs"]
    assert log["version"] == "2.1.0"
    assert {rule["id"] for rule in run["tool"]["driver"]["rules"]} == set(RULES)
    (result,) = run["results"]
    assert result["locations"][0]["physicalLocation"]["region"]["startLine"] == 5


def test_a_comment_silences_its_line(folder: Path) -> None:
    for comment, code in (
        ("# shapecalc: ignore[features]", 0),
        ("# shapecalc: ignore", 0),
        ("# later  # shapecalc: ignore[rank, features]", 0),
        ("# shapecalc: ignore[rank]", 1),
    ):
        text = WRONG.replace("(5, 2),", f"(5, 2),  {comment}")
        (folder / "bad.py").write_text(text, encoding="utf-8")
        assert called("check", "bad.py").code == code


def test_a_comment_that_silences_nothing_is_found(folder: Path) -> None:
    (folder / "good.py").write_text(f"{RIGHT}x = 1  # shapecalc: ignore[rank]\n", encoding="utf-8")
    done = called("check", "good.py", "-f", "concise")
    assert done.code == 1
    assert done.out.splitlines() == [
        "good.py:8:8: error: # shapecalc: ignore[rank] silences nothing  [unused-ignore]",
        "1 model in 1 file: 1 comment that silences nothing",
    ]


def test_a_baseline_keeps_what_is_old(folder: Path) -> None:
    assert called("check", "--baseline", "old.base", "--write-baseline").code == 0
    assert called("check", "--baseline", "old.base").code == 0
    text = (folder / "bad.py").read_text(encoding="utf-8")
    (folder / "bad.py").write_text(f"# moved\n{text}", encoding="utf-8")
    assert called("check", "--baseline", "old.base").code == 0
    (folder / "new.py").write_text(WRONG, encoding="utf-8")
    assert called("check", "--baseline", "old.base").code == 1
    for text in ("{}", "[" * 100_000, '{"findings": [{"path": [], "rule": "", "text": ""}]}'):
        (folder / "old.base").write_text(text, encoding="utf-8")
        assert "is not a baseline" in called("check", "--baseline", "old.base").err
    assert called("check", "--write-baseline").code == 2


def test_specs_and_models_are_looked_at(folder: Path) -> None:
    (folder / "a.shape").write_text("lstm:64\nlstm:32\n", encoding="utf-8")
    (folder / "b.shape").write_text("in:B:4,dnse:3\n", encoding="utf-8")
    (folder / "package.json").write_text('{"name": "x"}', encoding="utf-8")
    done = called("check", "a.shape", "b.shape", "package.json", "-f", "concise")
    assert done.code == 1
    assert [line.partition(" error")[0] for line in done.out.splitlines()[:2]] == [
        "a.shape:2:1:",
        "b.shape:1:8:",
    ]
    assert done.out.splitlines()[0].endswith("[rank]")
    assert done.out.splitlines()[1].endswith("[spec]")


def test_a_file_of_which_nothing_is_understood_is_said_to_be_so(folder: Path) -> None:
    text = "from torch import nn\nimport timm\nnet = nn.Sequential(timm.create_model('x'))\n"
    (folder / "odd.py").write_text(f"{text}class N(nn.Module): pass\n", encoding="utf-8")
    (folder / "old.py").write_text("import torch\nprint 'x'\n", encoding="utf-8")
    done = called("check", "odd.py", "old.py")
    assert "old.py: note: not understood: line 2: this is Python 2" in done.out
    assert "not understood" in done.out.splitlines()[-1]
    reason = "not understood: line 2: this is Python 2"
    notice, *_ = called("check", "old.py", "-f", "github").out.splitlines()
    assert notice.startswith(f"::notice title=shapecalc,file=old.py::{reason}")
    (run,) = json.loads(called("check", "old.py", "-f", "sarif").out)["runs"]
    (note,) = run["invocations"][0]["toolExecutionNotifications"]
    assert note["message"]["text"].startswith(reason)
    assert note["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "old.py"


def test_a_pipe_in_a_folder_is_not_waited_for(folder: Path) -> None:
    os.mkfifo(folder / "pipe.json")
    assert called("check", ".").out.splitlines()[-1] == "2 models in 2 files: 1 does not fit"


def test_each_model_that_does_not_fit_is_counted(folder: Path) -> None:
    model = "m{0} = nn.Sequential(nn.Linear({0}, 2))\nm{0}(torch.randn(4, 3))\n"
    code = "import torch\nfrom torch import nn\n" + "".join(map(model.format, (5, 6)))
    (folder / "two.py").write_text(code, encoding="utf-8")
    out = called("check", "two.py").out
    assert out.splitlines()[-1] == "2 models in 1 file: 2 do not fit"


def test_a_file_that_cannot_be_read_is_not_an_internal_error(folder: Path) -> None:
    with socket.socket(socket.AF_UNIX) as closed:
        closed.bind("model.json")
        assert called("check", "model.json").out.startswith(
            "model.json: note: not understood: is a socket\n"
        )
    assert (folder / "model.json").exists()


def test_files_that_git_does_not_know_are_left_out(folder: Path) -> None:
    (folder / "sub").mkdir()
    (folder / "sub" / "ignored.py").write_text(WRONG, encoding="utf-8")
    (folder / "node_modules").mkdir()
    (folder / "node_modules" / "x.py").write_text(WRONG, encoding="utf-8")
    assert "2 do not fit" in called("check").out
    subprocess.run(["git", "init", "-q"], check=True)  # noqa: S607
    (folder / ".gitignore").write_text("sub\nnode_modules\n", encoding="utf-8")
    assert "1 does not fit" in called("check").out
    assert called("check", "sub/ignored.py").code == 1


@pytest.mark.usefixtures("folder")
def test_paths_and_kinds() -> None:
    assert called("check", "gone").code == 2
    assert [line.split()[0] for line in called("check", "--rules").out.splitlines()] == list(RULES)
    (finding,) = shapecalc.check(".")
    assert (finding.line, finding.rule) == (5, "features")
    assert finding.to_dict()["text"] == "    nn.Linear(5, 2),"
    with pytest.raises(SpecError):
        shapecalc.check("gone")


def test_several_cores_find_the_same(folder: Path) -> None:
    for number in range(20):
        text = WRONG if number % 3 else RIGHT
        (folder / f"m{number:02}.py").write_text(text, encoding="utf-8")
    alone = called("check", "--jobs", "1")
    assert called("check", "--jobs", "2") == alone
    assert alone.out.splitlines()[-1] == "22 models in 22 files: 14 do not fit"


@pytest.mark.usefixtures("folder")
def test_an_abstract_class_is_no_finding() -> None:
    text = "import keras\nclass Base(keras.Model):\n    def call(self, *args):\n"
    Path("base.py").write_text(f"{text}        raise NotImplementedError('abstract')\n")
    done = called("check", "base.py")
    assert (done.code, done.out.count("error")) == (0, 0)
    said = called("base.py:Base")
    assert (said.code, said.out) == (2, "")
    assert "Base is abstract: what it does is not implemented" in said.err


def test_what_is_not_understood_and_the_counts_break_at_words_on_a_narrow_terminal(
    tmp_path: Path,
) -> None:
    (tmp_path / "net.keras").write_bytes(b"PK\x03\x04 and then nothing of an archive")
    (tmp_path / "a.shape").write_text("dense:3\n", encoding="utf-8")
    _, wide = shown("check", ".", cwd=tmp_path, columns=200)
    _, narrow = shown("check", ".", cwd=tmp_path, columns=40)
    assert "net.keras: note: not understood: " in wide
    assert narrow.split() == wide.split()
    assert max(map(len, narrow.splitlines())) <= 40
