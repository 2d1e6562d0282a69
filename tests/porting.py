"""Run a network under Keras and its code under PyTorch, on the same data with the same weights."""

from __future__ import annotations

from typing import Any

import numpy as np

import shapecalc
from shapecalc.dims import letters, substitute
from shapecalc.exporters.code import code
from shapecalc.network import STATES, Apply, Input, Network
from shapecalc.tracing.naming import node_names

#: The letters of a case that says nothing of them.
SIZES = {"B": 2, "T": 6, "S": 5, "H": 9, "W": 11, "D": 7}
READS_WHOLE_NUMBERS = {"Embedding", "ReversibleEmbedding", "OneHot"}


def keras_layer(keras: Any, said: Any) -> Any:
    """Make what a config says: a layer, a list of them, or the value as it is."""
    if isinstance(said, dict) and set(said) == {"layer", "config"}:
        config = {key: keras_layer(keras, value) for key, value in said["config"].items()}
        return getattr(keras.layers, said["layer"])(**config)
    if isinstance(said, list):
        return [keras_layer(keras, each) for each in said]
    return said


def operation(keras: Any, layer: Any, values: list[Any]) -> Any:
    """Run an operation of ``keras.ops``."""
    config = layer.config()
    name = config.pop("op", None) or {
        "Matmul": "matmul", "Einsum": "einsum", "Stack": "stack", "NewShape": "reshape",
        "Transpose": "transpose", "ExpandDims": "expand_dims", "Squeeze": "squeeze",
        "Tile": "tile", "RepeatElements": "repeat", "Pad": "pad", "OneHot": "one_hot",
        "TopK": "top_k", "Split": "split", "Unstack": "unstack",
    }[type(layer).__name__]  # fmt: skip
    if name == "einsum":
        return keras.ops.einsum(config["subscripts"], *values)
    if name == "stack":
        return keras.ops.stack(values, **config)
    if "value" in config:
        values = [*values, config.pop("value")]
    if name == "reshape":
        config = {"newshape": [-1 if i == 0 else n for i, n in enumerate(config["shape"])]}
    return getattr(keras.ops, name)(*values, **config)


def _read(node: Apply, tensors: list[list[Any]]) -> list[Any]:
    """Return the tensors that a node reads; all states of a port of states."""
    return [
        value
        for tensor in node.inputs
        for value in (
            tensors[tensor.node][1:]
            if tensor.port == STATES
            else [tensors[tensor.node][tensor.port]]
        )
    ]


def keras_model(keras: Any, network: Network, sizes: dict[str, int]) -> Any:
    """Make the model of Keras that a network describes."""
    names = node_names(network)
    tensors: list[list[Any]] = []
    layers: dict[int, Any] = {}
    inputs = []
    for place, node in enumerate(network.nodes):
        if isinstance(node, Input):
            inputs.append(keras_input(keras, network, place, names[place]))
            tensors.append([inputs[-1]])
        elif isinstance(node, Apply):
            given = _read(node, tensors)
            owner = place if node.shares is None else node.shares
            kind = type(node.layer)
            if kind.__name__ == "Slice":
                made = eval(f"given[0][{node.layer.key}]")  # noqa: S307  (a case of ours)
            elif kind.__module__.endswith((".ops", ".rearranging", ".slicing")):
                made = operation(keras, node.layer, given)
            else:
                if owner not in layers:
                    said = {"layer": kind.__name__, "config": node.layer.config()}
                    layers[owner] = keras_layer(keras, substituted(said, sizes))
                    layers[owner].name = names[owner]
                made = applied(layers[owner], node, given)
            tensors.append(list(made) if isinstance(made, (list, tuple)) else [made])
        else:
            tensors.append([])
    outputs = [tensors[tensor.node][tensor.port] for tensor in network.outputs]
    return keras.Model(inputs, outputs)


def keras_input(keras: Any, network: Network, place: int, name: str) -> Any:
    """Make an input of Keras, of whole numbers where a layer looks them up."""
    node = network.nodes[place]
    assert isinstance(node, Input)
    shape = [None if letters(size) else int(size) for size in node.shape]
    whole = any(
        isinstance(reader, Apply)
        and any(tensor.node == place for tensor in reader.inputs)
        and type(reader.layer).__name__ in READS_WHOLE_NUMBERS
        for reader in network.nodes
    )
    return keras.Input(shape[1:], shape[0], dtype="int32" if whole else "float32", name=name)


def substituted(said: Any, sizes: dict[str, int]) -> Any:
    """Put numbers in the place of letters."""
    if isinstance(said, dict):
        return {key: substituted(value, sizes) for key, value in said.items()}
    if isinstance(said, list):
        return [substituted(each, sizes) for each in said]
    return said


def applied(layer: Any, node: Apply, given: list[Any]) -> Any:
    """Call a layer as Keras wants it called."""
    call = dict(node.call.values)
    kind = type(node.layer).__name__
    if kind in {"MultiHeadAttention", "GroupQueryAttention"}:
        return layer(*given, **call)
    if kind in {"LSTM", "GRU", "SimpleRNN", "RNN", "Bidirectional"}:
        return layer(given[0], **({"initial_state": given[1:]} if given[1:] else {}), **call)
    if kind.endswith("Cell"):
        output, states = layer(given[0], given[1:])
        return [output, *(states if isinstance(states, (list, tuple)) else [states])]
    return layer(given if len(given) > 1 else given[0], **call)


def randomize(model: Any, random: np.random.Generator) -> None:
    """Give a model of Keras random weights that keep the numbers about as large as they are."""
    for weight in model.weights:
        name = weight.path.rpartition("/")[2]
        if name == "count":
            continue
        spread = 0.4
        if "kernel" in name and len(weight.shape) > 1:
            window = weight.shape[:-2] if "depthwise" in weight.path else weight.shape[:-1]
            spread = (2 / max(1, int(np.prod(window)))) ** 0.5
        values = random.normal(1 if name == "gamma" else 0, spread, weight.shape)
        if "variance" in name:
            values = np.abs(values) + 0.5
        weight.assign(values.astype("float32"))
    for layer in model.layers:
        if hasattr(layer, "finalize_state"):
            layer.finalize_state()


def data(network: Network, sizes: dict[str, int], random: np.random.Generator) -> list[Any]:
    """Draw an array for each input."""
    found = []
    for place, node in enumerate(network.nodes):
        if not isinstance(node, Input):
            continue
        shape = [int(substitute(size, sizes)) for size in node.shape]
        least = [
            next(
                getattr(reader.layer, name)
                for name in ("input_dim", "num_embeddings", "num_classes")
                if hasattr(reader.layer, name)
            )
            for reader in network.nodes
            if isinstance(reader, Apply)
            and any(tensor.node == place for tensor in reader.inputs)
            and type(reader.layer).__name__ in READS_WHOLE_NUMBERS
        ]
        if least:
            found.append(random.integers(0, min(least), shape).astype("int32"))
        else:
            found.append(random.normal(0, 1, shape).astype("float32"))
    return found


def made_by(text: str) -> dict[str, Any]:
    """Run code, and return what it made."""
    names: dict[str, Any] = {"__name__": "ported"}
    exec(compile(text, "<ported>", "exec"), names)  # noqa: S102  (our own code is what is tested)
    return names


def difference(ours: Any, theirs: Any) -> float:
    """The largest difference of two arrays, as a share of the largest number, or of 1."""
    ours, theirs = np.asarray(ours, "float64"), np.asarray(theirs, "float64")
    assert ours.shape == theirs.shape, (ours.shape, theirs.shape)
    if not ours.size:
        return 0.0
    return float(np.max(np.abs(ours - theirs)) / max(1.0, float(np.max(np.abs(theirs)))))


def listed(outputs: Any) -> list[Any]:
    """One output as a list, several as they are."""
    return list(outputs) if isinstance(outputs, (list, tuple)) else [outputs]


def to_torch(keras: Any, torch: Any, network: Network, sizes: dict[str, int], **how: Any) -> float:
    """Run a network of Keras and its code for PyTorch; return the largest difference."""
    keras.utils.clear_session()
    source = keras_model(keras, network, SIZES | sizes)
    return compared(keras, torch, source, network, SIZES | sizes, **how)


def compared(
    keras: Any, torch: Any, source: Any, network: Network, sizes: dict[str, int], **how: Any
) -> float:
    """Run a model of Keras and the code for PyTorch that its network becomes."""
    random = np.random.default_rng(7)
    randomize(source, random)
    arrays = data(network, sizes, random)
    made = made_by(code(network, "torch", weights=True, **how))
    model = made["model"]
    if "build" in made:
        model = made["build"](**needed(made["build"], sizes))
    model.eval()
    made["copy_weights"](source, model)
    theirs = listed(source(arrays if len(arrays) > 1 else arrays[0], training=False))
    with torch.no_grad():
        ours = listed(model(*map(torch.tensor, arrays)))
    assert len(ours) == len(theirs)
    pairs = zip(ours, theirs, strict=True)
    return max(difference(a.numpy(), keras.ops.convert_to_numpy(b)) for a, b in pairs)


def torch_function(torch: Any, layer: Any, values: list[Any]) -> Any:
    """Run a function of PyTorch by its name."""
    kind, config = type(layer).__name__, layer.config()
    x = values[0]
    if kind in {"View", "Reshape"}:
        return x.reshape([x.shape[0] if isinstance(n, str) else n for n in config["shape"]])
    if kind == "Permute":
        return x.permute(config["dims"])
    if kind in {"Cat", "Stack"}:
        return getattr(torch, kind.lower())(values, **config)
    if kind == "Select":
        return x.select(config["dim"], config["index"])
    if kind == "Pow":
        return torch.pow(*values, *config.values())
    if kind == "Contiguous":
        return x
    if "other" in config:
        values = [x, config.pop("other")]
    return getattr(torch, kind.lower())(*values, **config)


def torch_run(torch: Any, network: Network, modules: dict[str, Any], arrays: list[Any]) -> Any:
    """Run a network of PyTorch with modules by the names of its rows; return its outputs."""
    names, given = node_names(network), iter(arrays)
    tensors: list[list[Any]] = []
    trace = iter(shapecalc.trace(network).layers)
    for place, node in enumerate(network.nodes):
        if isinstance(node, Input):
            tensors.append([torch.tensor(next(given))])
            continue
        row = next(trace)
        values = _read(node, tensors)
        kind = type(node.layer)
        name = names[place if node.shares is None else node.shares]
        if not hasattr(torch.nn, kind.__name__) or kind.__module__.endswith(".shaping"):
            made = torch_function(torch, node.layer, values)
        else:
            if name not in modules:
                config = node.layer.settled(row.inputs).config()
                modules[name] = getattr(torch.nn, kind.__name__)(**config)
                randomize_module(torch, modules[name])
            if kind.__name__ in {"LSTM", "GRU", "RNN"} and values[1:]:
                states = tuple(values[1:])
                made = modules[name](values[0], states if kind.__name__ == "LSTM" else states[0])
            else:
                made = modules[name](*values, **dict(node.call.values))
        tensors.append(flat(made))
    return [tensors[tensor.node][tensor.port] for tensor in network.outputs]


def flat(made: Any) -> list[Any]:
    """The tensors of a tuple, which may hold tuples."""
    if not isinstance(made, (list, tuple)):
        return [made]
    return [each for item in made for each in flat(item)]


def randomize_module(torch: Any, module: Any) -> None:
    """Give a module random weights; what is a variance stays above 0."""
    module.eval()
    torch.manual_seed(3)
    for name, value in [*module.named_parameters(), *module.named_buffers()]:
        if value.dtype.is_floating_point:
            value.data.normal_(0, 0.4)
            if "var" in name:
                value.data.abs_().add_(0.5)


def to_keras(keras: Any, torch: Any, network: Network, sizes: dict[str, int]) -> float:
    """Run a network of PyTorch and its code for Keras; return the largest difference."""
    keras.utils.clear_session()
    sizes = SIZES | {"N": 2, "L": 6, "C": 4, "F": 5} | sizes
    arrays = data(network, sizes, np.random.default_rng(7))
    modules: dict[str, Any] = {}
    with torch.no_grad():
        theirs = torch_run(torch, network, modules, arrays)
    source = torch.nn.Module()
    for name, module in modules.items():
        source.add_module(name, module)
    made = made_by(code(network, "keras", weights=True))
    model = made["model"]
    if "build" in made:
        model = made["build"](**needed(made["build"], sizes))
    made["copy_weights"](source, model)
    ours = listed(model(arrays if len(arrays) > 1 else arrays[0], training=False))
    assert len(ours) == len(theirs)
    pairs = zip(ours, theirs, strict=True)
    return max(difference(keras.ops.convert_to_numpy(a), b.numpy()) for a, b in pairs)


def needed(build: Any, sizes: dict[str, int]) -> dict[str, int]:
    """The letters that code wants as numbers."""
    return {name: sizes[name] for name in build.__code__.co_varnames[: build.__code__.co_argcount]}
