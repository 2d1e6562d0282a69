"""What a model file says of its training: the losses with which it was compiled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from shapecalc.network import Said

if TYPE_CHECKING:
    from collections.abc import Iterator


#: Where the losses of Keras are stored to be from; older files do not say it.
_MODULES: Final = frozenset({None, "builtins", "keras.losses"})


def said(data: Any) -> Said:  # noqa: ANN401
    """Return the losses that the data of a model say; what is not one of Keras is left out."""
    compiled = data.get("compile_config") if isinstance(data, Mapping) else None
    loss = compiled.get("loss") if isinstance(compiled, Mapping) else None
    pairs = ((key, _written(each)) for key, each in _parts(loss))
    return Said(losses={key: text for key, text in pairs if text is not None})


def _parts(loss: Any) -> Iterator[tuple[Any, Any]]:  # noqa: ANN401
    """Yield the losses of the outputs, by name or number; one for all of them by None."""
    if isinstance(loss, list):
        yield from enumerate(loss)
    elif isinstance(loss, Mapping) and "class_name" not in loss:
        yield from loss.items()
    elif loss is not None:
        yield None, loss


def _written(loss: Any) -> str | None:  # noqa: ANN401
    """Return how a loss is written that is stored as a name, as a function, or as a class."""
    if isinstance(loss, str):
        return loss
    if not isinstance(loss, Mapping) or loss.get("module") not in _MODULES:
        return None
    name, config = loss.get("class_name"), loss.get("config")
    if name == "function":
        return config if isinstance(config, str) else None
    if not isinstance(name, str):
        return None
    logits = isinstance(config, Mapping) and config.get("from_logits") is True
    return f"{name}(from_logits=True)" if logits else name
