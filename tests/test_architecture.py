"""The law of imports, and what a run may load."""

from __future__ import annotations

import ast
import atexit
import json
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from failing import failing

import shapecalc

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = Path(shapecalc.__file__).parent
DRAWING = {"render/table.py", "render/sheet.py"}
TOP_LEVEL = {"shapecalc", "tests", "pyproject.toml", "README.md", "CHANGELOG.md"}


def law() -> list[str]:
    """The packages in the order in which they may import one another, from the docstring."""
    doc = shapecalc.__doc__ or ""
    lines = [line for line in doc.splitlines() if line.startswith("    ")]
    return [name.strip() for name in " ".join(lines).split(",")]


def statements(tree: ast.AST) -> Iterator[ast.stmt]:
    """All statements of a module, those within others too; no expression holds one."""
    for field in ("body", "orelse", "finalbody", "handlers", "cases"):
        for each in getattr(tree, field, ()):
            if isinstance(each, ast.stmt):
                yield each
            yield from statements(each)


def imports_of(tree: ast.AST) -> set[str]:
    """The parts of shapecalc that a module imports, anywhere in it."""
    found: set[str] = set()
    for node in statements(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("shapecalc"):
            parts = (node.module or "").split(".")
            found |= {parts[1]} if len(parts) > 1 else {alias.name for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {
                alias.name.split(".")[1]
                for alias in node.names
                if alias.name.startswith("shapecalc.")
            }
    return found


def forbidden(part: str, imported: set[str]) -> set[str]:
    order = law()
    return imported - {*order[: order.index(part) + 1], "__version__"}


def broken_imports(part: str, source: str) -> set[str]:
    return forbidden(part, imports_of(ast.parse(source)))


@cache
def read(path: Path) -> tuple[set[str], list[str]]:
    """What a module imports, and what in it is too long: it is parsed once for both."""
    source = path.read_text(encoding="utf-8")
    tree = ast.parse(source)
    return imports_of(tree), too_long(source, tree)


def modules() -> list[tuple[str, Path]]:
    return [
        (path.relative_to(PACKAGE).parts[0].removesuffix(".py"), path)
        for path in sorted(PACKAGE.rglob("*.py"))
        if path.parent != PACKAGE or path.name not in {"__init__.py", "__main__.py"}
    ]


def points_one_way(part: str, path: Path) -> None:
    imported, _ = read(path)
    assert not forbidden(part, imported), forbidden(part, imported)


def test_imports_point_one_way() -> None:
    assert len(modules()) > 100
    assert not failing(points_one_way, modules())


def test_the_law_can_be_broken() -> None:
    assert broken_imports("layers", "from shapecalc.language.build import parse") == {"language"}
    assert broken_imports("dims", "import shapecalc.errors") == {"errors"}


def imports_rich(source: str) -> bool:
    """Whether a module imports rich, anywhere in it."""
    if "rich" not in source:
        return False
    for node in ast.walk(ast.parse(source)):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        if any(name.split(".")[0] == "rich" for name in names):
            return True
    return False


def test_only_what_draws_imports_rich() -> None:
    found = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        if imports_rich(path.read_text(encoding="utf-8"))
    }
    assert found == DRAWING


#: The most lines of a file, and of what a function does below its docstring.
FILE_LINES = 420
BODY_LINES = 45


def functions_of(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in statements(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def too_long(source: str, tree: ast.AST) -> list[str]:
    """The functions that do too much for one, and "the file" where it holds too much."""
    found = ["the file"] if len(source.splitlines()) > FILE_LINES else []
    for function in functions_of(tree):
        documented = ast.get_docstring(function, clean=False) is not None
        begin = (function.body[0].end_lineno or 0) + 1 if documented else function.body[0].lineno
        if (function.end_lineno or 0) - begin >= BODY_LINES:
            found.append(function.name)
    return found


def is_short(path: Path) -> None:
    _, long = read(path)
    assert not long, long


def test_files_and_functions_are_short() -> None:
    assert not failing(is_short, sorted(PACKAGE.rglob("*.py")))


def test_what_is_too_long_is_found() -> None:
    def found(source: str) -> list[str]:
        return too_long(source, ast.parse(source))

    body = "    x = 1\n" * BODY_LINES
    assert found(f'def f():\n    """Documented."""\n{body}') == []
    assert found(f"class A:\n  def f():\n{body}    x = 1\n") == ["f"]
    assert found("x = 1\n" * (FILE_LINES + 1)) == ["the file"]


def test_every_part_is_in_the_law() -> None:
    assert {part for part, _ in modules()} <= set(law())


def test_top_level_holds_nothing_else() -> None:
    root = PACKAGE.parent
    if not (root / "pyproject.toml").exists():
        pytest.skip("the package is installed without its repository")
    found = {path.name for path in root.iterdir() if not path.name.startswith(".")}
    assert found - {"build", "dist"} <= TOP_LEVEL


#: A Python that has loaded next to nothing, and runs code in processes that it forks.
_CLEAN = """
import json, os, sys
for line in sys.stdin:
    reading, writing = os.pipe()
    if os.fork() == 0:
        sys.stdin = open(os.devnull)
        sys.stdout = sys.stderr = open(os.devnull, "w")
        exec(json.loads(line), {})
        os.write(writing, json.dumps(list(sys.modules)).encode())
        os._exit(0)
    os.close(writing)
    with open(reading, "rb") as said:
        print(said.read().decode(), flush=True)
    os.wait()
"""


@cache
def clean_python() -> subprocess.Popen[bytes]:
    """Start the Python that runs what loads modules; it ends when its input does."""
    process = subprocess.Popen(
        [sys.executable, "-c", _CLEAN], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    atexit.register(process.communicate)
    return process


@cache
def loaded_by(code: str) -> frozenset[str]:
    """The modules that a Python has loaded after running this."""
    process = clean_python()
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps(code).encode() + b"\n")
    process.stdin.flush()
    return frozenset(json.loads(process.stdout.readline()))


def run_of(*arguments: str) -> str:
    return (
        f"from shapecalc.cli import main\ntry: main({list(arguments)!r})\nexcept SystemExit: pass"
    )


def test_import_alone_loads_no_dependency() -> None:
    assert loaded_by("import shapecalc").isdisjoint({"click", "rich", "pydantic"})


def test_a_pipe_loads_no_rich_and_only_the_families_of_the_spec() -> None:
    loaded = loaded_by(run_of("lstm:64:seq,td-dense:3"))
    assert "rich" not in loaded
    prefix = "shapecalc.layers.keras."
    assert {name.removeprefix(prefix) for name in loaded if name.startswith(prefix)} == {
        "activations", "arguments", "dense", "dialect", "inner", "layer", "lora", "lstm", "masks", "names",
        "policies", "quantized", "recurrent", "stored", "timedistributed",
    }  # fmt: skip


#: The most modules of ours that a small run loads: each takes its time, whatever is in it.
MOST_MODULES = 128


def test_a_pipe_loads_only_what_it_asks() -> None:
    loaded = {name for name in loaded_by(run_of("lstm:64:seq,td-dense:3")) if "shapecalc" in name}
    assert len(loaded) <= MOST_MODULES
    above = ("importers", "exporters", "analysis", "repair", "answers", "render")
    assert {name for name in loaded if name.startswith(tuple(f"shapecalc.{p}." for p in above))} == {
        "shapecalc.importers.load", "shapecalc.exporters.code", "shapecalc.answers.expectations",
        "shapecalc.answers.limits", "shapecalc.answers.question", "shapecalc.answers.trace",
        "shapecalc.render.breaking", "shapecalc.render.columns", "shapecalc.render.formats",
        "shapecalc.render.separated", "shapecalc.render.view",
    }  # fmt: skip


def test_help_loads_no_pydantic() -> None:
    loaded = loaded_by(run_of("--help"))
    assert "click" in loaded
    assert loaded.isdisjoint({"pydantic", "rich"})


def test_a_table_loads_rich() -> None:
    assert "rich" in loaded_by(run_of("lstm:64", "-f", "table"))
