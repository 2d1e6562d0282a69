"""YAML as ``model.to_yaml()`` wrote it: plain data, whatever its tags say."""

from __future__ import annotations

from typing import Any, Final

from shapecalc.errors import SpecError
from shapecalc.importers.keras.nesting import MAX_DEPTH, check_values, too_deep

#: How much text is read; a description of a model has a small part of it.
MAX_YAML: Final = 4_000_000


def read_yaml(text: str, name: str) -> Any:  # noqa: ANN401
    """Read YAML to plain data; raises `SpecError`, also where PyYAML is not installed."""
    try:
        import yaml
    except ImportError:
        raise SpecError(
            f"{name}: this is YAML, and PyYAML, which reads it, is not installed",
            help="pip install 'shapecalc-cli[yaml]'; or read what model.to_json() writes",
        ) from None
    if len(text) > MAX_YAML:
        raise SpecError(f"{name}: the YAML is longer than {MAX_YAML // 1_000_000} MB")
    try:
        data = yaml.load(text, _loader())  # noqa: S506  (nothing but plain data is made)
        check_values(data)
    except SpecError as error:
        raise error.replaced(message=f"{name}: {error.message}") from None
    except RecursionError:
        raise SpecError(f"{name}: {too_deep().message}") from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        reason = error.problem or error.context or "it cannot be read"
        raise SpecError(f"{name}: {place}this is not YAML: {reason}") from None
    except (yaml.YAMLError, ValueError, AttributeError, TypeError, OverflowError) as error:
        reason = str(error).partition("\n")[0]
        raise SpecError(f"{name}: this is not YAML: {reason}") from None
    return data


def _loader() -> Any:  # noqa: ANN401
    """Return the safe loader of PyYAML, which ignores unknown tags."""
    import yaml

    class PlainLoader(yaml.SafeLoader):  # type: ignore[misc]  # PyYAML says no types
        """Makes plain data only; a merge key is a key like any other, which cannot multiply."""

        def flatten_mapping(self, node: Any) -> None:  # noqa: ANN401
            """Leave a mapping as it is."""

        def fetch_flow_collection_start(self, token: Any) -> None:  # noqa: ANN401
            """Open a bracket; in each of them PyYAML looks at all those around it."""
            if self.flow_level > MAX_DEPTH:
                raise too_deep()
            super().fetch_flow_collection_start(token)

    def plain(loader: Any, _tag: str, node: Any) -> Any:  # noqa: ANN401
        if isinstance(node, yaml.MappingNode):
            return loader.construct_mapping(node, deep=True)
        if isinstance(node, yaml.SequenceNode):
            return loader.construct_sequence(node, deep=True)
        tag = loader.resolve(yaml.ScalarNode, node.value, (True, False))
        made = loader.yaml_constructors.get(tag)
        return made(loader, node) if made else node.value

    PlainLoader.add_multi_constructor("", plain)
    return PlainLoader
