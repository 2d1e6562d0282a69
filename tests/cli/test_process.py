"""What the process of a command does otherwise: garbage, and plugins of pydantic."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

from terminal import environment

from shapecalc.cli.process import no_plugins_of_pydantic

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_plugins_of_pydantic_are_off_only_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    name = "PYDANTIC_DISABLE_PLUGINS"
    monkeypatch.delenv(name, raising=False)
    with no_plugins_of_pydantic():
        assert os.environ[name] == "__all__"
    assert name not in os.environ
    monkeypatch.setenv(name, "logfire")
    with no_plugins_of_pydantic():
        assert os.environ[name] == "__all__"
    assert os.environ[name] == "logfire"


def run(code: str, **variables: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        check=True,
        env=environment(**variables),
        text=True,
    )
    return done.stdout + done.stderr


def test_a_command_does_not_look_for_garbage_at_its_end() -> None:
    code = """
import atexit, gc
atexit.register(lambda: print(gc.get_freeze_count() > 0))
from shapecalc.cli import main
main(["-V"])
"""
    assert run(code) == "shapecalc 0.1.0\nTrue\n"


def test_a_command_loads_no_plugin_of_pydantic(tmp_path: Path) -> None:
    plugin = "print('loaded')\ndef new_schema_validator(*_): return None, None, None\n"
    tmp_path.joinpath("noisy.py").write_text(plugin, encoding="utf-8")
    info = tmp_path / "noisy-1.0.dist-info"
    info.mkdir()
    info.joinpath("METADATA").write_text("Metadata-Version: 2.1\nName: noisy\nVersion: 1.0\n")
    info.joinpath("entry_points.txt").write_text("[pydantic]\nnoisy = noisy\n")
    code = "from shapecalc.cli import main; main(['dense:3', '-q'])"
    assert run(code, PYTHONPATH=str(tmp_path)) == "B,3\n"
    library = "import shapecalc; shapecalc.trace('dense:3')"
    assert run(library, PYTHONPATH=str(tmp_path)) == "loaded\n"
