"""Every example of the README and of the pages in .docs is run, and prints what the page says."""

from __future__ import annotations

import contextlib
import doctest
import re
import shlex
from pathlib import Path
from typing import NamedTuple

import pytest
from terminal import called, on_terminal, shown

import shapecalc

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
PAGES = [README, *sorted((ROOT / ".docs").glob("*.md"))]
BLOCK = re.compile(
    r"(?:<!-- file: (?P<file>\S+) -->\n)?```(?P<kind>\w*)\n(?P<text>.*?)```\n", re.DOTALL
)


class Block(NamedTuple):
    page: Path
    kind: str
    text: str
    file: str | None


def blocks(page: Path) -> list[Block]:
    text = page.read_text(encoding="utf-8")
    return [Block(page, m["kind"], m["text"], m["file"]) for m in BLOCK.finditer(text)]


def commands(text: str) -> list[tuple[str, str]]:
    """The commands of a block, which begin with ``$``, and what they print."""
    parts = re.split(r"(?m)^\$ ", text)
    assert parts[0] == "", "a block begins with a command"
    return [(line, printed) for line, _, printed in (part.partition("\n") for part in parts[1:])]


CONSOLE = [block for page in PAGES for block in blocks(page) if block.kind == "console"]
PYTHON = [
    page
    for page in PAGES
    if any(block.kind == "python" and not block.file for block in blocks(page))
]


def write_files(page: Path, folder: Path) -> None:
    """Write the files that a page shows into a folder."""
    for block in blocks(page):
        if block.file:
            (folder / block.file).write_text(block.text, encoding="utf-8")


@pytest.fixture
def workshop(tmp_path: Path) -> Path:
    """A folder with the files that the README shows."""
    write_files(README, tmp_path)
    return tmp_path


#: What a shell does more with than splitting words, outside of quotes.
SHELL = re.compile(r"[][|&;<>()$`\\*?{}~#!]")
QUOTED = re.compile(r"""'[^']*'|"[^"$`\\]*\"""")
EXIT_CODE = re.compile(r"""(?:;| (?P<failing>\|\|)) echo "exit code \$\?"$""")


def printed_by(command: str, folder: Path) -> str:
    """What a command prints on a terminal; in a process of its own where it needs a shell.

    Exit codes are added here, and of a pipe only what follows the command runs in a shell.
    """
    if ending := EXIT_CODE.search(command):
        name, *arguments = shlex.split(command[: ending.start()])
        if name == "shapecalc" and not SHELL.search(QUOTED.sub("", command[: ending.start()])):
            code, screen = shown(*arguments, columns=96, cwd=folder)
            return screen + ("" if ending["failing"] and not code else f"exit code {code}\n")
    first, _, others = command.partition(" | ")
    name, *arguments = shlex.split(first)
    if name != "shapecalc" or SHELL.search(QUOTED.sub("", first)):
        return on_terminal(command, columns=96, cwd=folder)[1]
    if not others:
        return shown(*arguments, columns=96, cwd=folder)[1]
    done = called(*arguments, cwd=folder, COLUMNS="96")
    return done.err + on_terminal(others, columns=96, cwd=folder, stdin=done.out.encode())[1]


def title(block: Block) -> str:
    return f"{block.page.stem}: {block.text.splitlines()[0][2:60]}"


@pytest.mark.parametrize("block", CONSOLE, ids=title)
def test_console_example(block: Block, tmp_path: Path, *, renew: bool) -> None:
    write_files(block.page, tmp_path)
    printed = [(command, printed_by(command, tmp_path)) for command, _ in commands(block.text)]
    if renew:
        anew = "".join(f"$ {command}\n{said}" for command, said in printed)
        text = block.page.read_text(encoding="utf-8")
        block.page.write_text(text.replace(block.text, anew), encoding="utf-8")
    else:
        assert printed == commands(block.text)


@pytest.mark.parametrize("page", PYTHON, ids=lambda page: page.stem)
def test_python_examples(page: Path, tmp_path: Path) -> None:
    write_files(page, tmp_path)
    parser, runner = doctest.DocTestParser(), doctest.DocTestRunner()
    with contextlib.chdir(tmp_path):
        for block in blocks(page):
            if block.kind == "python" and not block.file:
                names = {"shapecalc": shapecalc}
                test = parser.get_doctest(block.text, names, page.stem, str(page), 0)
                assert test.examples
                runner.run(test)
    assert runner.summarize(verbose=False).failed == 0


def test_the_readme_is_short() -> None:
    assert len(README.read_text(encoding="utf-8").splitlines()) <= 400


def test_there_are_examples() -> None:
    assert README in PYTHON
    assert sum(block.page == README for block in CONSOLE) > 5


def anchor(heading: str) -> str:
    """The name that GitHub gives to a heading's place."""
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_links_lead_somewhere(page: Path) -> None:
    prose = BLOCK.sub("", page.read_text(encoding="utf-8"))
    for file, place in re.findall(r"\]\((?!https?:)([^)#\s]*)#?([^)\s]*)\)", prose):
        target = (page.parent / file).resolve() if file else page
        assert target.is_file(), file
        if place:
            headings = re.findall(r"(?m)^#+ (.*)$", BLOCK.sub("", target.read_text("utf-8")))
            assert place in map(anchor, headings)


def test_a_process_of_its_own_prints_the_same(workshop: Path) -> None:
    command, printed = commands(CONSOLE[0].text)[0]
    assert on_terminal(command, columns=96, cwd=workshop) == (0, printed)


def test_the_step_of_continuous_integration(workshop: Path) -> None:
    (step,) = re.findall(r"(?m)^  run: (.*)$", (workshop / "shapes.yml").read_text("utf-8"))
    assert on_terminal(step, cwd=workshop) == (0, "B,T,9\n")


def test_the_picture_is_of_the_first_example(*, renew: bool) -> None:
    picture = ROOT / ".docs" / "shapes.svg"
    name, *arguments = shlex.split(commands(CONSOLE[0].text)[0][0])
    assert name == "shapecalc"
    drawn = called(*arguments, "-f", "svg").out
    if renew:
        picture.write_text(drawn, encoding="utf-8")
    assert picture.read_text(encoding="utf-8") == drawn
    assert "](.docs/shapes.svg)" in README.read_text(encoding="utf-8")


@pytest.mark.parametrize("framework", ["keras", "torch"])
def test_the_page_of_all_layers_is_up_to_date(framework: str, *, renew: bool) -> None:
    page = ROOT / ".docs" / f"layers-{framework}.md"
    written = called("layers", "-d", framework, "-f", "markdown").out
    if renew:
        page.write_text(written, encoding="utf-8")
    assert page.read_text(encoding="utf-8") == written
