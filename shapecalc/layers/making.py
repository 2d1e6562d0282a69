"""Layers of arguments that are right, made in half the time that pydantic takes.

Pydantic goes through all parameters of a class for each layer. Here the defaults are there, and
only what is given is checked, by the same functions that the class gave to pydantic; of what any
of them refuses, nothing is made, and pydantic says what is wrong. Its own validator of a class is
then only built where it has something to say.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from pydantic import BaseModel, BeforeValidator

from shapecalc.layers.arguments import ArgumentKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic.fields import FieldInfo

    from shapecalc.layers.layer import Layer

_new: Final[Any] = object.__new__

#: Set what pydantic keeps of a model, as `BaseModel.model_construct` does.
_set_values, _set_given, _set_extra, _set_private = (
    vars(BaseModel)[name].__set__
    for name in (
        "__dict__",
        "__pydantic_fields_set__",
        "__pydantic_extra__",
        "__pydantic_private__",
    )
)

Check = Callable[[Any], Any]


class Maker:
    """Makes the layers of a class whose parameters are checked by kinds and validators alone."""

    __slots__ = ("_after", "_checks", "_cls", "_defaults", "_required")

    def __init__(self, cls: type[Layer], checks: Mapping[str, list[Check]]) -> None:
        """Take the class, and what checks each parameter."""
        fields, validators = cls.__pydantic_fields__, cls.__pydantic_decorators__
        self._cls = cls
        self._required = [name for name, field in fields.items() if field.is_required()]
        self._defaults = {
            name: None if field.is_required() else field.get_default(call_default_factory=True)
            for name, field in fields.items()
        }
        also = validators.field_validators.values()
        self._checks = {
            name: [*own, *(each.func for each in also if name in each.info.fields)]
            for name, own in checks.items()
        }
        self._after: list[Check] = [each.func for each in validators.model_validators.values()]

    def __reduce__(self) -> tuple[Any, ...]:
        """Stay what makes the layers of its class."""
        return (maker, (self._cls,))

    def made(self, config: Mapping[str, Any]) -> Any:  # noqa: ANN401
        """Return the layer of arguments by their names; None where anything is wrong with them."""
        values, checks = self._defaults.copy(), self._checks
        for name in self._required:
            if name not in config:
                return None
        try:
            for name, given in config.items():
                value = given
                for check in checks[name]:
                    value = check(value)
                values[name] = value
            layer = _new(self._cls)
            _set_values(layer, values)
            _set_given(layer, {*config})
            _set_extra(layer, None)
            _set_private(layer, None)
            for check in self._after:
                layer = check(layer)
        except (AssertionError, KeyError, ValueError):
            return None
        return layer


@cache
def maker(cls: type[Layer]) -> Maker | None:
    """Return what makes the layers of a class; None where only pydantic can, as of some plugins."""
    fields, validators = cls.__pydantic_fields__, cls.__pydantic_decorators__
    modes = {each.info.mode for each in validators.field_validators.values()}
    modes |= {each.info.mode for each in validators.model_validators.values()}
    other = cls.__pydantic_post_init__ or validators.validators or validators.root_validators
    if modes - {"after"} or other or cls.model_config.get("extra") != "forbid":
        return None
    checks = {name: _checks(field) for name, field in fields.items()}
    known = {name: own for name, own in checks.items() if own is not None}
    return Maker(cls, known) if len(known) == len(checks) else None


def _checks(field: FieldInfo) -> list[Check] | None:
    """Return what a parameter is checked by, in order; None where that is more than functions."""
    kind, *before = field.metadata or (None,)
    if not isinstance(kind, ArgumentKind) or field.validation_alias is not None:
        return None
    if not all(isinstance(each, BeforeValidator) for each in before):
        return None
    return [*(each.func for each in reversed(before)), kind.check]
