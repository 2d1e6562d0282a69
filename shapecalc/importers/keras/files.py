"""Model files: JSON, and the zip archives that end in .keras; everything in them is distrusted."""

from __future__ import annotations

import json
import lzma
import struct
import zipfile
import zlib
from collections.abc import Mapping
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

from shapecalc.dialects import disagreement, find
from shapecalc.errors import SpecError
from shapecalc.importers.keras.configs import is_stored
from shapecalc.importers.keras.nesting import check_nesting, too_deep
from shapecalc.importers.keras.reader import MODELS, Reader
from shapecalc.language.build import parse
from shapecalc.language.files import ZIP, decode
from shapecalc.layers.budget import MAX_LAYERS
from shapecalc.layers.keras.dialect import CATALOGUE, KERAS

if TYPE_CHECKING:
    from typing import BinaryIO

    from shapecalc.layers.dialect import Dialect
    from shapecalc.network import Network

#: How many files an archive may have, how large its directory and its description may be.
MAX_MEMBERS: Final = 10_000
MAX_DIRECTORY: Final = 2_000_000
MAX_CONFIG: Final = 50_000_000
#: How many values JSON may hold: each takes many times the room of its text.
MAX_VALUES: Final = 2_000_000
CONFIG: Final = "config.json"
_BROKEN: Final = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error)


def read_model(
    source: bytes | BinaryIO | Mapping[str, Any],
    *,
    dialect: Dialect | None = None,
    customs: Mapping[str, str] | None = None,
    expand: bool = False,
    max_layers: int = MAX_LAYERS,
    name: str = "the model",
) -> Network:
    """Read a Keras model: the bytes of a file, an open archive, or its data; raises `SpecError`.

    ``dialect`` is one of Keras's. ``customs`` names classes that Keras does not have, each with
    ``same`` where it keeps the shape of its input; ``expand`` lays models within the model open.
    """
    if isinstance(source, Mapping):
        data: Any = source
    elif isinstance(source, bytes):
        data = _parsed(source, name)
    else:
        with source:
            data = _parsed(_unpacked(source, name), name)
    if isinstance(data, Mapping) and data.get("version") == 1 and isinstance(data.get("spec"), str):
        return _written(data, dialect, max_layers)
    if dialect is not None and dialect.catalogue is not CATALOGUE:
        raise disagreement(KERAS.name, dialect.name)
    reader = Reader(dict(customs or {}), dialect, expand=expand, max_layers=max_layers)
    return _network(data, reader, name)


def _written(data: Mapping[str, Any], given: Dialect | None, max_layers: int) -> Network:
    """The network of what ``shapecalc -f json`` wrote, in the dialect that it says."""
    said = given if data.get("dialect") is None else find(data["dialect"])
    if given is not None and said is not None and said != given:
        raise disagreement(said.name, given.name)
    return parse(data["spec"], dialect=said, max_layers=max_layers)


def _network(data: Any, reader: Reader, name: str) -> Network:  # noqa: ANN401
    """The network of decoded data, whatever is wrong with it."""
    model = _model(data, name)
    try:
        check_nesting(model, reader.max_layers)
        return reader.network(model)
    except SpecError as error:
        message = f"{name}: {error.message}"
        raise error.replaced(message=message, source=None, span=None) from None
    except RecursionError:
        raise SpecError(f"{name}: its models are nested too deeply") from None
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        reason = f"{type(error).__name__}: {error}"
        raise SpecError(f"{name}: this is not how Keras stores a model ({reason})") from None


def _model(data: Any, name: str) -> Mapping[str, Any]:  # noqa: ANN401
    """The stored model in decoded data, which may lie in what a training run stored."""
    if isinstance(data, Mapping) and not is_stored(data):
        for key in ("model_config", "config", "model"):
            inner = data.get(key)
            inner = _parsed(inner.encode(), name) if isinstance(inner, str) else inner
            if isinstance(inner, Mapping) and is_stored(inner):
                return inner
        if isinstance(data.get("layers"), list):
            kind = "Functional" if "input_layers" in data else "Sequential"
            return {"class_name": kind, "config": data}
    if not isinstance(data, Mapping) or not is_stored(data):
        raise SpecError(f"{name}: this is no Keras model", help="model.to_json() writes one")
    config = data.get("config")
    whole = isinstance(config, dict) and "layers" in config
    if data["class_name"] not in MODELS and not whole:
        return {
            "class_name": "Sequential",
            "config": {"layers": [data]},
        }
    return data


def _parsed(data: bytes, name: str) -> Any:  # noqa: ANN401
    if data[:4] == ZIP:
        data = _unpacked(BytesIO(data), name)
    if data[:8] == b"\x89HDF\r\n\x1a\n":
        raise SpecError(
            f"{name}: this is an HDF5 file, which cannot be read",
            help="model.save('model.keras') or model.to_json() writes what can",
        )
    text = decode(data, name)
    if text.count(",") > MAX_VALUES:
        raise SpecError(f"{name}: it has more than {MAX_VALUES:,} values")
    try:
        return json.loads(text)
    except RecursionError:
        raise SpecError(f"{name}: {too_deep().message}") from None
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise SpecError(f"{name}: {place}: this is no JSON: {_lower(error.msg)}") from None
    except ValueError as error:
        raise SpecError(f"{name}: this is no JSON: {_lower(str(error))}") from None


class _Searched:
    """The file of an archive, of which no more is read at once than its directory may have."""

    def __init__(self, stream: BinaryIO, name: str) -> None:
        self._stream = stream
        self._name = name
        self.seek = stream.seek
        self.tell = stream.tell
        self.seekable = stream.seekable

    def read(self, count: int = -1) -> bytes:
        """Read so many bytes, or all that are left."""
        if count > MAX_DIRECTORY:
            limit = f"{MAX_DIRECTORY // 1_000_000} MB"
            raise SpecError(f"{self._name}: the directory of the archive is larger than {limit}")
        return self._stream.read(MAX_DIRECTORY if count < 0 else count)


def _unpacked(source: BinaryIO, name: str) -> bytes:
    """The description in a .keras archive; weights are never looked at."""
    try:
        with zipfile.ZipFile(_Searched(source, name)) as archive:
            return _described(archive, name)
    except SpecError:
        raise
    except (*_BROKEN, OSError, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise SpecError(f"{name}: the archive is broken: {_lower(str(error))}") from None


def _described(archive: zipfile.ZipFile, name: str) -> bytes:
    members = archive.infolist()
    if len(members) > MAX_MEMBERS:
        raise SpecError(f"{name}: the archive has more than {MAX_MEMBERS} files")
    member = next((each for each in members if each.filename == CONFIG), None)
    if member is None:
        raise SpecError(f"{name}: the archive has no {CONFIG}, so it is no Keras model")
    with archive.open(member) as stream:
        found = stream.read(MAX_CONFIG + 1)
    if len(found) > MAX_CONFIG:
        raise SpecError(f"{name}: its {CONFIG} is larger than {MAX_CONFIG // 1_000_000} MB")
    return found


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
