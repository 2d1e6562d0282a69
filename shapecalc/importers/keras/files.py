"""Model files: JSON, YAML, HDF5 and zip archives; everything in them is distrusted."""

from __future__ import annotations

import json
import lzma
import re
import struct
import zipfile
import zlib
from collections.abc import Mapping
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

from shapecalc.dialects import disagreement, find
from shapecalc.errors import SpecError
from shapecalc.importers.keras.containers import model_in
from shapecalc.importers.keras.keras1 import modern
from shapecalc.importers.keras.nesting import MAX_VALUES, check_nesting, too_deep, too_many_values
from shapecalc.importers.keras.reader import Reader
from shapecalc.importers.keras.training import said
from shapecalc.language.build import parse
from shapecalc.language.files import HDF5, LFS, ZIP, decode
from shapecalc.language.shapes import given_shape
from shapecalc.layers.budget import MAX_LAYERS
from shapecalc.layers.keras.dialect import CATALOGUE, KERAS

if TYPE_CHECKING:
    from typing import BinaryIO

    from shapecalc.language.shapes import GivenShape
    from shapecalc.layers.dialect import Dialect
    from shapecalc.network import Input, Network

#: How many files an archive may have, how large its directory and its description may be.
MAX_MEMBERS: Final = 10_000
MAX_DIRECTORY: Final = 2_000_000
MAX_CONFIG: Final = 50_000_000
CONFIG: Final = "config.json"
#: The file in the archive of a PyTorch checkpoint.
CHECKPOINT: Final = "data.pkl"
YAML_ENDINGS: Final = (".yaml", ".yml")
#: A first line that is a key, or the end of one, as no JSON has it.
_YAML: Final = re.compile(r"\s*(?:[^\n]{0,200}\n){0,4}?class_name:\s")
_BROKEN: Final = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error)


def read_model(
    source: bytes | BinaryIO | Mapping[str, Any],
    *,
    dialect: Dialect | None = None,
    custom_classes: Mapping[str, str] | None = None,
    expand: bool = False,
    max_layers: int = MAX_LAYERS,
    name: str = "the model",
) -> Network:
    """Read a Keras model: the bytes of a file, an open archive, or its data; raises `SpecError`.

    ``dialect`` is one of Keras's. ``custom_classes`` names classes that Keras does not have, each
    with ``same`` where it keeps the shape of its input, with the layer that it is as, or with the
    shape that it gives; ``expand`` lays models within the model open.
    """
    if isinstance(source, Mapping):
        data: Any = source
    elif isinstance(source, bytes):
        data = _parsed(source, name)
    else:
        with source:
            data = _decoded(_searched(source, name), name)
    if isinstance(data, Mapping) and data.get("version") == 1 and "spec" in data:
        return _written(data, dialect, max_layers)
    if dialect is not None and dialect.catalogue is not CATALOGUE:
        raise disagreement(KERAS.name, dialect.name)
    reader = Reader(dict(custom_classes or {}), dialect, expand=expand, max_layers=max_layers)
    found = _network(data, reader, name)
    found.say(said(data))
    return found


def _written(data: Mapping[str, Any], given: Dialect | None, max_layers: int) -> Network:
    """Return the network of what ``shapecalc -f json`` wrote, in the dialect that it says."""
    said = given if data.get("dialect") is None else find(data["dialect"])
    if given is not None and said is not None and said != given:
        raise disagreement(said.name, given.name)
    if not isinstance(data["spec"], str):
        raise SpecError(
            "this JSON has no spec, since none can say its network",
            help="read what it was made of, or the JSON of --expand",
        )
    network = parse(data["spec"], dialect=said, max_layers=max_layers)
    for node, entry in zip(network.inputs, data.get("inputs") or (), strict=False):
        if isinstance(entry, Mapping) and isinstance(entry.get("shape"), list):
            _enter(node, given_shape([str(size) for size in entry["shape"]]))
    return network


def _enter(node: Input, shape: GivenShape) -> None:
    """Give an input the shape that it had, which may be another than the spec says."""
    known = tuple(size for size in shape if size is not None)
    if known != node.shape and len(known) == len(shape):
        node.shape = known


def _network(data: Any, reader: Reader, name: str) -> Network:  # noqa: ANN401
    """Return the network of decoded data, whatever is wrong with it."""
    model = model_in(data, name, _decoded_text)
    try:
        check_nesting(model, reader.max_layers)
        translated = modern(model, reader.custom_classes)
        if translated is not model:
            check_nesting(translated, reader.max_layers)
        return reader.network(translated)
    except SpecError as error:
        message = f"{name}: {error.message}"
        raise error.replaced(message=message, source=None, span=None) from None
    except RecursionError:
        raise SpecError(f"{name}: its models are nested too deeply") from None
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        reason = f"{type(error).__name__}: {error}"
        raise SpecError(f"{name}: this is not how Keras stores a model ({reason})") from None


def _parsed(data: bytes, name: str) -> Any:  # noqa: ANN401
    """Read the bytes of a file, whatever kind of file it is."""
    if data.startswith(LFS):
        raise SpecError(f"{name}: this is a Git LFS pointer, not the file", help="git lfs pull")
    if data.startswith((ZIP, HDF5)):
        data = _searched(BytesIO(data), name)
    return _decoded(data, name)


def _searched(source: BinaryIO, name: str) -> bytes:
    """Return the description in a file that holds weights too, which are never looked at."""
    source.seek(0)
    kind = source.read(len(HDF5))
    source.seek(0)
    if kind == HDF5:
        from shapecalc.importers.keras.hdf5 import model_config

        return model_config(source, name)
    found = _unpacked(source, name)
    return _searched(BytesIO(found), name) if found.startswith(HDF5) else found


def _decoded(data: bytes, name: str) -> Any:  # noqa: ANN401
    return _decoded_text(decode(data, name), name)


def _decoded_text(text: str, name: str) -> Any:  # noqa: ANN401
    """Read JSON, or YAML where the text begins as no JSON does."""
    if name.endswith(YAML_ENDINGS) or _YAML.match(text):
        from shapecalc.importers.keras.yaml import read_yaml

        return read_yaml(text, name)
    if text.count(",") > MAX_VALUES:
        raise SpecError(f"{name}: {too_many_values(MAX_VALUES).message}")
    try:
        return json.loads(text)
    except RecursionError:
        raise SpecError(f"{name}: {too_deep().message}") from None
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise SpecError(f"{name}: {place}: this is not JSON: {lowered(error.msg)}") from None
    except ValueError:
        raise SpecError(f"{name}: a number in it has too many digits") from None


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
    """Return the description in a .keras archive; weights are never looked at."""
    try:
        with zipfile.ZipFile(_Searched(source, name)) as archive:
            return _described(archive, name)
    except SpecError:
        raise
    except (*_BROKEN, OSError, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise SpecError(f"{name}: the archive is broken: {lowered(str(error))}") from None


def _described(archive: zipfile.ZipFile, name: str) -> bytes:
    members = archive.infolist()
    if len(members) > MAX_MEMBERS:
        raise SpecError(f"{name}: the archive has more than {MAX_MEMBERS} files")
    member = next((each for each in members if each.filename == CONFIG), None)
    if member is None:
        if any(each.filename.endswith(CHECKPOINT) for each in members):
            raise SpecError(
                f"{name}: is a PyTorch checkpoint, which holds weights and not the layers' order",
                help="shapecalc model.py reads the source code of the model",
            )
        raise SpecError(f"{name}: the archive has no {CONFIG}, so it is not a Keras model")
    with archive.open(member) as stream:
        found = stream.read(MAX_CONFIG + 1)
    if len(found) > MAX_CONFIG:
        raise SpecError(f"{name}: its {CONFIG} is larger than {MAX_CONFIG // 1_000_000} MB")
    return found


def lowered(text: str) -> str:
    """Return the message of a library as it stands behind a colon."""
    return text[:1].lower() + text[1:]
