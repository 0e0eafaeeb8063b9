"""The layers of a dense network in an ONNX graph whose constants are folded."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from libpatrol.network_names import Arrays

_EXPECTED = (
    "expected a dense network with one output: normalization of the inputs by constants (Sub, Add, Mul, Div, Scaler), "
    "then Gemm, or MatMul and Add, with a Relu between any two"
)
_SHAPES = ("Flatten", "Identity", "Reshape", "Squeeze", "Unsqueeze")
"""What may follow the last layer: its only output keeps its value."""
_FLOATS = (1, 11)
"""ONNX's numbers of float and double, to which features may be cast."""


def dense_state(graph: Any) -> Arrays:
    """Return the tensors of a graph as `write_policy` takes them: "0.weight", "0.bias", "2.weight", ..., "mean", ...

    Raises
    ------
    ValueError
        Which node is not of a dense network, and what was expected.
    """
    from onnx import numpy_helper

    constants = {one.name: numpy_helper.to_array(one) for one in graph.initializer}
    inputs = [one.name for one in graph.input if one.name not in constants]
    if len(inputs) != 1 or len(graph.output) != 1:
        raise ValueError(f"its graph has {len(inputs)} inputs and {len(graph.output)} outputs, expected one of each")
    reader = _Reader(constants)
    source = inputs[0]
    for node in graph.node:
        if list(node.input).count(source) != 1:
            raise _unexpected(node, f"which does not read the result before it, {source}, once")
        reader.read(node, source)
        source = node.output[0]
    if source != graph.output[0].name:
        raise ValueError(f"its output is {graph.output[0].name}, and not the last result, {source}")
    return reader.state()


class _Reader:
    """Reads node after node; each takes the result of the one before."""

    def __init__(self, constants: Arrays) -> None:
        self._constants = constants
        self._layers: list[tuple[NDArray[Any], NDArray[Any] | None]] = []
        self._changes: list[tuple[str, NDArray[Any]]] = []  # of the inputs, in order
        self._before: str | None = None
        self._ended = False

    def read(self, node: Any, source: str) -> None:
        kind = node.op_type
        if self._ended and kind not in _SHAPES:
            raise _unexpected(node, "after the shape of the output was changed")
        if kind == "Cast" and node.attribute[0].i in _FLOATS:
            return
        if kind in ("Gemm", "MatMul"):
            self._add_layer(node, source)
        elif kind == "Add" and self._before == "MatMul":
            weight, _ = self._layers[-1]
            self._layers[-1] = weight, self._other(node, source)
        elif kind == "Relu" and self._layers and self._before != "Relu":
            pass
        elif kind in ("Sub", "Add", "Mul", "Div") and not self._layers:
            if kind in ("Sub", "Div") and node.input[0] != source:
                raise _unexpected(node, "whose constant comes first")
            self._changes.append((kind, self._other(node, source)))
        elif kind == "Scaler" and not self._layers:
            values = {one.name: np.array(one.floats, np.float32) for one in node.attribute}
            self._changes += [("Sub", values["offset"])] if "offset" in values else []
            self._changes += [("Mul", values["scale"])] if "scale" in values else []
        elif kind in _SHAPES and self._layers and self._layers[-1][0].shape[0] == 1 and self._before != "Relu":
            self._ended = True
        else:
            raise _unexpected(node)
        self._before = kind

    def state(self) -> Arrays:
        """Return all that was read."""
        if not self._layers or self._before == "Relu":
            raise ValueError(f"its graph ends with {self._before or 'nothing'}: {_EXPECTED}")
        found = self._normalization(self._layers[0][0].shape[1])
        for k, (weight, bias) in enumerate(self._layers):
            count = weight.shape[0]
            given = np.zeros(1, weight.dtype) if bias is None else bias.reshape(-1)
            if given.size not in (1, count):
                raise ValueError(f"the bias of its layer {k} has {given.size} values, expected {count}")
            found |= {f"{2 * k}.weight": weight, f"{2 * k}.bias": np.broadcast_to(given, count).copy()}
        return found

    def _add_layer(self, node: Any, source: str) -> None:
        if self._layers and self._before != "Relu":
            raise _unexpected(node, "without a Relu between it and the layer before")
        if node.input[0] != source:
            raise _unexpected(node, "whose weights come first")
        weight = self._constant(node, 1)
        if weight.ndim != 2:
            raise _unexpected(node, f"whose weights have shape {list(weight.shape)}")
        set_to = {one.name: one.f if one.name in ("alpha", "beta") else one.i for one in node.attribute}
        if set_to.get("transA", 0):
            raise _unexpected(node, "with transA")
        weight = weight if set_to.get("transB", 0) else weight.T
        bias = self._constant(node, 2) if len(node.input) > 2 and node.input[2] else None
        weight = np.ascontiguousarray(weight * weight.dtype.type(set_to.get("alpha", 1)))
        bias = None if bias is None else bias * bias.dtype.type(set_to.get("beta", 1))
        if self._layers and weight.shape[1] != self._layers[-1][0].shape[0]:
            raise _unexpected(node, f"which reads {weight.shape[1]} values of {self._layers[-1][0].shape[0]}")
        self._layers.append((weight, bias))

    def _normalization(self, inputs: int) -> Arrays:
        """Return mean and scale, in double precision until they are whole."""
        if not self._changes:
            return {}
        mean, scale = np.zeros(inputs), np.ones(inputs)
        for kind, given in self._changes:
            if given.size not in (1, inputs):
                raise ValueError(f"its inputs are normalized by {given.size} values, expected {inputs}: {kind}")
            value = np.broadcast_to(given.reshape(-1).astype(np.float64), inputs)
            if kind in ("Sub", "Add"):
                mean = mean + (value if kind == "Sub" else -value) / scale
                continue
            if not (np.isfinite(value).all() and (value != 0).all()):
                raise ValueError(f"its inputs are normalized by 0 or by what is not finite: {kind}")
            scale = scale * value if kind == "Mul" else scale / value
        return {"mean": mean.astype(np.float32), "scale": scale.astype(np.float32)}

    def _other(self, node: Any, source: str) -> NDArray[Any]:
        return self._constant(node, 1 if node.input[0] == source else 0)

    def _constant(self, node: Any, place: int) -> NDArray[Any]:
        if node.input[place] not in self._constants:
            raise _unexpected(node, f"whose input {node.input[place]} is not constant")
        return self._constants[node.input[place]]


def _unexpected(node: Any, why: str = "") -> ValueError:
    return ValueError(f"its graph has the node {node.op_type}{f' {why}' if why else ''}: {_EXPECTED}")
