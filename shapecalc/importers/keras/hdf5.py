"""HDF5 files of Keras: of all that is in one, only the attribute that describes the model."""

from __future__ import annotations

import struct
from io import SEEK_END
from typing import TYPE_CHECKING, Any, Final

from shapecalc.errors import SpecError
from shapecalc.importers.keras.files import MAX_CONFIG, lowered

if TYPE_CHECKING:
    from typing import BinaryIO

ATTRIBUTE: Final = "model_config"
_BROKEN: Final = (
    OSError,
    RuntimeError,
    LookupError,
    ValueError,
    TypeError,
    ArithmeticError,
    MemoryError,
)
#: The blocks that say after eight bytes how large they are, which HDF5 makes room for unseen.
_HEAP: Final = b"GCOL"
_SIZED: Final = (_HEAP, b"HEAP")
_NAME: Final = ATTRIBUTE.encode() + b"\0"
#: The class of the type of such a text.
_ANY_LENGTH: Final = 9


def model_config(source: BinaryIO, name: str) -> bytes:
    """Return the description in a file; raises `SpecError`, also where h5py is not installed."""
    try:
        import h5py
    except ImportError:
        raise SpecError(
            f"{name}: this is an HDF5 file, and h5py, which reads those, is not installed",
            help="pip install 'shapecalc-cli[h5]'; or read what model.to_json() writes",
        ) from None
    try:
        with h5py.File(_Bounded(source), "r") as file:
            return _attribute(file, name)
    except SpecError:
        raise
    except _BROKEN as error:
        reason = str(error).partition("\n")[0].strip("'\"")
        message = f"the HDF5 file is broken: {lowered(reason)}"
        raise SpecError(f"{name}: {message}") from None


class _Bounded:
    """A file in which no block, and no description, says that it is larger than the file."""

    def __init__(self, source: BinaryIO) -> None:
        self._source = source
        self._size = source.seek(0, SEEK_END)
        self.seek = source.seek
        self.tell = source.tell

    def read(self, count: int = -1) -> bytes:
        """Read so many bytes; raises `OSError` for a block that cannot be whole."""
        data = self._source.read(self._size if count < 0 else min(count, self._size))
        said = int.from_bytes(data[8:16], "little") if data.startswith(_SIZED) else 0
        if max(said, _text_size(data)) > self._size:
            raise OSError("it says that a part of it is larger than the file")
        if data.startswith(_HEAP) and said > 0:
            self._check_heap(self.tell() - len(data), said)
        return data

    def _check_heap(self, start: int, size: int) -> None:
        """Refuse a heap whose parts do not lie one behind the other, which HDF5 reads for ever."""
        here = self.tell()
        self.seek(start)
        heap = self._source.read(size)
        self.seek(here)
        place = 16
        while place + 16 <= len(heap):
            number, length = struct.unpack_from("<H6xQ", heap, place)
            step = 16 + -(-length // 8) * 8 if number else length
            if step < 16 or place + step > size:  # noqa: PLR2004  (what stands before its content)
                raise OSError("its heap is incomplete")
            place += step

    def readinto(self, buffer: memoryview) -> int:
        """Fill a buffer with what is there."""
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


def _text_size(data: bytes) -> int:
    """Return how long the description is, as the message of its attribute says.

    0 where there is none.

    The message has the sizes of its parts, then the name, the type (9 is a text of any length) and
    the dimensions, then how long the text is. Those of version 1 begin at multiples of eight.
    """
    place = data.find(_NAME)
    for version, head, unit in ((1, 8, 8), (2, 8, 1), (3, 9, 1)):
        start = place - head
        if start < 0 or data[start] != version:
            continue
        sizes = struct.unpack_from("<HHH", data, start + 2)
        name, kind, space = (-(-size // unit) * unit for size in sizes)
        if data[place + name : place + name + 1] and data[place + name] & 0xF == _ANY_LENGTH:
            end = place + name + kind + space
            return int.from_bytes(data[end : end + 4], "little")
    return 0


def _attribute(file: Any, name: str) -> bytes:  # noqa: ANN401
    if ATTRIBUTE not in file.attrs:
        raise SpecError(
            f"{name}: the HDF5 file has no {ATTRIBUTE}, so it holds weights at most, and no model",
            help="model.save() or model.to_json() writes the model too",
        )
    stored = file.attrs.get_id(ATTRIBUTE)
    if stored.shape != () or stored.dtype.itemsize > MAX_CONFIG:
        raise SpecError(f"{name}: the {ATTRIBUTE} of the HDF5 file is not a single string")
    value = file.attrs[ATTRIBUTE]
    data = value.encode("utf-8", "surrogateescape") if isinstance(value, str) else bytes(value)
    if len(data) > MAX_CONFIG:
        size = f"{MAX_CONFIG // 1_000_000} MB"
        raise SpecError(f"{name}: the {ATTRIBUTE} of the HDF5 file is larger than {size}")
    return data
