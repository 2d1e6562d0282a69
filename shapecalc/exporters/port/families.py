"""What writes a layer: found by its class in the file of its family, which is imported then."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


def writer(package: str, families: Mapping[str, str], cls: str) -> Any:  # noqa: ANN401
    """Return the writer of a class from ``WRITERS`` of its family's file; None where none has it.

    ``families`` has for each file of the package the classes that it writes.
    """
    for family, classes in families.items():
        if cls in classes.split():
            return import_module(f"{package}.{family}").WRITERS[cls]
    return None
