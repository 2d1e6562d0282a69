"""HDF5 files of Keras: of all that is in one, only the attribute that describes the model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from shapecalc.errors import SpecError

if TYPE_CHECKING:
    from typing import BinaryIO

#: How large the description may be.
MAX_CONFIG: Final = 50_000_000
ATTRIBUTE: Final = "model_config"
_BROKEN: Final = (OSError, RuntimeError, LookupError, ValueError, TypeError, MemoryError)


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
        with h5py.File(source, "r") as file:
            return _attribute(file, name)
    except SpecError:
        raise
    except _BROKEN as error:
        reason = str(error).partition("\n")[0].strip("'\"")
        message = f"the HDF5 file is broken: {reason[:1].lower()}{reason[1:]}"
        raise SpecError(f"{name}: {message}") from None


def _attribute(file: Any, name: str) -> bytes:  # noqa: ANN401
    if ATTRIBUTE not in file.attrs:
        raise SpecError(
            f"{name}: the HDF5 file has no {ATTRIBUTE}, so it holds weights at most, and no model",
            help="model.save() or model.to_json() writes the model too",
        )
    stored = file.attrs.get_id(ATTRIBUTE)
    if stored.shape != () or stored.dtype.itemsize > MAX_CONFIG:
        raise SpecError(f"{name}: the {ATTRIBUTE} of the HDF5 file is not one text")
    value = file.attrs[ATTRIBUTE]
    data = value.encode("utf-8", "surrogateescape") if isinstance(value, str) else bytes(value)
    if len(data) > MAX_CONFIG:
        size = f"{MAX_CONFIG // 1_000_000} MB"
        raise SpecError(f"{name}: the {ATTRIBUTE} of the HDF5 file is larger than {size}")
    return data
