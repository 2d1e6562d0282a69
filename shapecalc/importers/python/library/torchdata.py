"""``torch.utils.data``: batches of the examples of a data set, where their shapes are known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from shapecalc.importers.python.attributes import method
from shapecalc.importers.python.layers import holds_unknown
from shapecalc.importers.python.sequences import iterate
from shapecalc.importers.python.signals import Raised
from shapecalc.importers.python.tensors import indexed
from shapecalc.importers.python.values import (
    UNKNOWN,
    Builtin,
    Instance,
    LibraryClass,
    Tensor,
    Unknown,
    Value,
    method_of,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shapecalc.importers.python.calls import Call
    from shapecalc.importers.python.machine import Machine

#: How many batches of a data set a loop goes over, all but the last of which are alike.
_MOST: Final = 64

DATASET: Final = LibraryClass("torch.utils.data.Dataset")


def _keep(_m: Machine, instance: Instance, call: Call) -> None:
    instance.attrs["tensors"] = tuple(call.args)


def _example(m: Machine, instance: Instance, call: Call) -> Value:
    index, where = call.get(0, "index"), call.position
    if where is None:
        return UNKNOWN
    held = instance.attrs["tensors"]
    return tuple(indexed(m, each, index, where) for each in held if isinstance(each, Tensor))


def _count(_m: Machine, instance: Instance, _call: Call) -> Value:
    held = instance.attrs["tensors"]
    return held[0].shape[0] if held and isinstance(held[0], Tensor) else UNKNOWN


TENSORS: Final = LibraryClass(
    "torch.utils.data.TensorDataset",
    DATASET,
    construct=_keep,
    attributes={"__getitem__": method_of(_example), "__len__": method_of(_count)},
)

# A part of a data set.


def _take_part(_m: Machine, instance: Instance, call: Call) -> None:
    indices = call.get(1, "indices")
    instance.attrs["dataset"] = call.get(0, "dataset")
    known = isinstance(indices, list | tuple | range)
    instance.payload = len(indices) if known else UNKNOWN


def _of_whole(m: Machine, instance: Instance, call: Call) -> Value:
    getter = _getter(m, instance.attrs["dataset"])
    return UNKNOWN if getter is None else m.call(getter, call.args, {}, call.position)


PART: Final = LibraryClass(
    "torch.utils.data.Subset",
    DATASET,
    construct=_take_part,
    attributes={
        "__getitem__": method_of(_of_whole),
        "__len__": method_of(lambda _m, instance, _call: instance.payload),
    },
)


def _split(m: Machine, call: Call) -> Value:
    """``random_split(data, [80, 20])``, or by fractions."""
    dataset, lengths = call.get(0, "dataset"), call.get(1, "lengths")
    parts = iterate(m, lengths, call.position)
    if parts is None or not isinstance(dataset, Instance):
        return UNKNOWN
    counted = _length(m, dataset, call)
    made = []
    for each in parts:
        part = Instance(PART, call.position)
        part.attrs["dataset"] = dataset
        fraction = isinstance(each, float) and isinstance(counted, int)
        part.payload = int(each * counted) if fraction else each
        made.append(part)
    return made


# Batches.


def _getter(m: Machine, dataset: Value) -> Value | None:
    return method(m, dataset, "__getitem__") if isinstance(dataset, Instance) else None


def _length(m: Machine, dataset: Instance, call: Call) -> Value:
    found = method(m, dataset, "__len__")
    return None if found is None else m.call(found, [], {}, call.position)


def _load(m: Machine, instance: Instance, call: Call) -> Value:
    found = call.bind(
        "dataset batch_size=1 shuffle=None sampler=None batch_sampler=None num_workers=0 "
        "collate_fn=None pin_memory=False drop_last=False timeout=0 worker_init_fn=None "
        "multiprocessing_context=None generator=None prefetch_factor=None "
        "persistent_workers=False pin_memory_device=None in_order=True",
        "DataLoader",
    )
    dataset = found["dataset"]
    if _getter(m, dataset) is None or not isinstance(found["batch_size"], int):
        return Unknown("torch.utils.data.DataLoader", call.position, is_result=True)
    instance.attrs.update(dataset=dataset, batch_size=found["batch_size"])
    instance.payload = found
    return None


def _batches(m: Machine, instance: Instance, call: Call) -> Value:
    found = instance.payload
    dataset, size = found["dataset"], found["batch_size"]
    try:
        example = m.call(_getter(m, dataset), [0], {}, call.position)
        counted = _length(m, dataset, call)
        if holds_unknown(example) is not None or found["batch_sampler"] is not None:
            return UNKNOWN
        count = counted if isinstance(counted, int) else size
        full = [_collated(m, example, size, found, call)] * min(count // size, _MOST)
        rest = count % size
        if rest and found["drop_last"] is not True:
            full.append(_collated(m, example, rest, found, call))
    except Raised:
        # What is wrong with data is no matter of shapes.
        return UNKNOWN
    return full


def _collated(
    m: Machine, example: Value, count: int, found: Mapping[str, Any], call: Call
) -> Value:
    if found["collate_fn"] is not None:
        return m.call(found["collate_fn"], [[example] * count], {}, call.position)
    return _batch(example, count)


def _batch(example: Value, count: int) -> Value:
    """Return as many examples together: tensors get an axis more."""
    if isinstance(example, Tensor):
        made = Tensor((count, *example.shape), "torch", whole=example.whole)
        made.mask = example.mask
        return made
    if isinstance(example, int | float):
        return Tensor((count,), "torch", whole=isinstance(example, int))
    if isinstance(example, dict):
        return {key: _batch(value, count) for key, value in example.items()}
    if isinstance(example, list | tuple):
        return [_batch(value, count) for value in example]
    return [example] * count


def _turns(m: Machine, instance: Instance, call: Call) -> Value:
    size, counted = instance.payload["batch_size"], _length(m, instance.attrs["dataset"], call)
    if not isinstance(counted, int):
        return UNKNOWN
    return counted // size if instance.payload["drop_last"] is True else -(-counted // size)


LOADER: Final = LibraryClass(
    "torch.utils.data.DataLoader",
    construct=_load,
    attributes={"__iter__": method_of(_batches), "__len__": method_of(_turns)},
)

NAMES: Final[dict[str, Any]] = {
    "Dataset": DATASET,
    "IterableDataset": LibraryClass("torch.utils.data.IterableDataset"),
    "TensorDataset": TENSORS,
    "Subset": PART,
    "DataLoader": LOADER,
    "random_split": Builtin("torch.utils.data.random_split", _split),
}
