"""Networks of policies to and from ONNX files, their normalization inside the graph: the extra `onnx`."""

import os
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from libpatrol._native.handles import of_kind
from libpatrol.extras import extra
from libpatrol.network_names import VALUE_PARTS
from libpatrol.onnx_layers import dense_state
from libpatrol.policy_arrays import TASKS, NetworkArrays

_OPSET, _IR_VERSION = 17, 8  # of 2022: readers of other programs know them
_PREFIX = "libpatrol."
_DENSE_FEATURES = {28: ("patrol", "candidate/1"), 33: ("patrol", "candidate/2"), 24: ("pair", "pair/1")}
_ANCHORS, _ANCHOR_FEATURES = 9, 6
"""The first features of state/1, which a value's shared block reads anchor by anchor."""


def write_onnx(path: str | os.PathLike[str], network: NetworkArrays) -> None:
    """Write a network as an ONNX model: "features", float32 [rows, inputs], to "output", float32 [rows, 1].

    Weights are rounded to float32, as the library rounds them. Operators are those of opset 17: Sub and Mul for the
    normalization, Gemm and Relu, for a value network Slice, Reshape, ReduceSum and Add as well.

    Parameters
    ----------
    path : path-like
        Where to.
    network : NetworkArrays
        From `read_policy`.

    Raises
    ------
    MissingExtraError
        If the package onnx is not installed.
    """
    model = _model(of_kind("network", network, NetworkArrays))
    with open(path, "wb") as file:
        file.write(model.SerializeToString())


def read_onnx(path: str | os.PathLike[str]) -> NetworkArrays:
    """Return the network in an ONNX file, as `write_policy` takes it.

    Dense networks may come from any program: onnxruntime first folds constants and fuses what belongs together, then
    normalization of the inputs (Sub, Add, Mul, Div by constants; Scaler), dense layers (Gemm; MatMul and Add) and a
    Relu between any two are read. Which network it is follows from the number of features: 28 and 33 patrol, 24 pair.
    A value network must be one that `write_onnx` wrote, whatever its weights are now.

    Parameters
    ----------
    path : path-like
        The file; external data are looked for beside it.

    Raises
    ------
    ValueError
        If the file is no ONNX model, or its graph is no such network: which node was met, and what was expected.
    MissingExtraError
        If the package onnx or onnxruntime is not installed.
    """
    with extra("onnx", "read_onnx"):
        import onnx
    name = os.fspath(path)
    with open(path, "rb"):
        pass  # an OSError says more than onnx does
    try:
        model = onnx.load(name)
        noted = {entry.key: entry.value for entry in model.metadata_props}
        if noted.get(f"{_PREFIX}network") == "value":
            return _value(model, noted)
        state = dense_state(_simplified(model))
    except OSError:
        raise
    except Exception as reason:
        raise ValueError(f"{name} is not read: {reason}") from reason
    mean, scale = state.pop("mean", None), state.pop("scale", None)
    inputs = state["0.weight"].shape[1]
    if inputs not in _DENSE_FEATURES:
        raise ValueError(f"{name} is not read: it has {inputs} inputs, expected 28 or 33 (patrol) or 24 (pair)")
    which, features = _DENSE_FEATURES[inputs]
    told = noted.get(f"{_PREFIX}features", features)
    if told != features:
        raise ValueError(f"{name} is not read: it says that its inputs are {told}, but has {inputs}, as {features} has")
    return NetworkArrays(which, TASKS[which], features, state, mean, scale)


def _simplified(model: Any) -> Any:
    """Return a model's graph after onnxruntime's basic optimizations, which keep to the operators of ONNX.

    The model has its external data in it: onnxruntime would refer to them from where it writes.
    """
    with extra("onnx", "read_onnx"):
        import onnx
        import onnxruntime
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4  # nothing on the standard error
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    with tempfile.TemporaryDirectory() as folder:
        simplified = Path(folder) / "simplified.onnx"
        options.optimized_model_filepath = str(simplified)
        onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
        return onnx.load(simplified).graph


def _value(model: Any, noted: dict[str, str]) -> NetworkArrays:
    """Return a value network by the names of its weights, if the graph is the one that is written for them."""
    with extra("onnx", "read_onnx"):
        from onnx import numpy_helper
    known = {f"{part}.{leaf}" for part in VALUE_PARTS for leaf in ("weight", "bias")} | {"mean", "scale"}
    constants = {one.name: numpy_helper.to_array(one) for one in model.graph.initializer}
    arrays = {name: array for name, array in constants.items() if name in known}
    mean, scale = arrays.pop("mean", None), arrays.pop("scale", None)
    network = NetworkArrays("value", TASKS["value"], noted.get(f"{_PREFIX}features", "state/1"), arrays, mean, scale)
    again = _model(network).graph if "skip.weight" in arrays else None
    if again is None or list(again.node) != list(model.graph.node) or not _alike(again.initializer, constants, known):
        raise ValueError("its graph is not the one that write_onnx makes of a value network, expected that one")
    return network


def _alike(expected: Any, found: dict[str, NDArray[Any]], weights: set[str]) -> bool:
    """Whether all constants but the weights are the same."""
    from onnx import numpy_helper

    other = {one.name: numpy_helper.to_array(one) for one in expected if one.name not in weights}
    return other.keys() == found.keys() - weights and all(np.array_equal(other[name], found[name]) for name in other)


class _Graph:
    """Nodes and constants as they are added; every node has one output."""

    def __init__(self) -> None:
        with extra("onnx", "write_onnx"):
            from onnx import helper, numpy_helper
        self._helper, self._to_tensor = helper, numpy_helper.from_array
        self.nodes: list[Any] = []
        self.constants: list[Any] = []

    def constant(self, name: str, array: NDArray[Any]) -> str:
        self.constants.append(self._to_tensor(array, name))
        return name

    def node(self, kind: str, inputs: list[str], output: str, **attributes: Any) -> str:
        self.nodes.append(self._helper.make_node(kind, inputs, [output], **attributes))
        return output

    def dense(self, source: str, layer: str, tensors: dict[str, NDArray[np.float32]], output: str) -> str:
        names = [name for name in (f"{layer}.weight", f"{layer}.bias") if name in tensors]
        inputs = [source, *(self.constant(name, tensors[name]) for name in names)]
        return self.node("Gemm", inputs, output, transB=1)


def _model(network: NetworkArrays) -> Any:
    with extra("onnx", "write_onnx"):
        import onnx
        from onnx import TensorProto, helper
    graph = _Graph()
    tensors = {name: np.ascontiguousarray(array, np.float32) for name, array in network.state().items()}
    source = "features"
    if "mean" in tensors:
        source = graph.node("Sub", [source, graph.constant("mean", tensors["mean"])], "centered")
        source = graph.node("Mul", [source, graph.constant("scale", tensors["scale"])], "normalized")
    (_add_value if network.name == "value" else _add_layers)(graph, source, tensors)
    ends = [("features", network.inputs), ("output", 1)]
    described = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["rows", width]) for name, width in ends]
    made = helper.make_graph(graph.nodes, network.name, described[:1], described[1:], graph.constants)
    opset = [helper.make_opsetid("", _OPSET)]
    model = helper.make_model(made, opset_imports=opset, ir_version=_IR_VERSION, producer_name="libpatrol")
    noted = {"network": network.name, "task": network.task, "features": network.features}
    helper.set_model_props(model, {f"{_PREFIX}{key}": value for key, value in noted.items()})
    onnx.checker.check_model(model)
    return model


def _add_layers(graph: _Graph, source: str, tensors: dict[str, NDArray[np.float32]]) -> None:
    numbers = sorted(int(name.partition(".")[0]) for name in tensors if name.endswith(".weight"))
    for number in numbers[:-1]:
        source = graph.node("Relu", [graph.dense(source, f"{number}", tensors, f"layer_{number}")], f"relu_{number}")
    graph.dense(source, f"{numbers[-1]}", tensors, "output")


def _add_value(graph: _Graph, source: str, tensors: dict[str, NDArray[np.float32]]) -> None:
    terms = {"skip": source}
    if "hidden.weight" in tensors:
        terms["output"] = graph.node("Relu", [graph.dense(source, "hidden", tensors, "hidden")], "hidden_relu")
    if "anchor.weight" in tensors:
        bounds = {"first": [0], "last": [_ANCHORS * _ANCHOR_FEATURES], "axis": [1], "by_anchor": [-1, _ANCHOR_FEATURES]}
        constants = [graph.constant(name, np.array(value, np.int64)) for name, value in bounds.items()]
        cut = graph.node("Slice", [source, *constants[:3]], "anchors")
        rows = graph.node("Reshape", [cut, constants[3]], "anchor_rows")
        block = graph.dense(rows, "anchor", tensors, "anchor")
        terms["anchor.output"] = graph.node("Relu", [block], "anchor_relu")
    sums = []
    for layer, given in terms.items():
        term = graph.dense(given, layer, tensors, f"{layer}_term" if len(terms) > 1 else "output")
        if layer == "anchor.output":
            shape = graph.constant("by_row", np.array([-1, _ANCHORS], np.int64))
            term = graph.node(
                "ReduceSum", [graph.node("Reshape", [term, shape], "by_anchor_term"), "axis"], "anchor_sum"
            )
        sums.append(term)
    total = sums[0]
    for k, term in enumerate(sums[1:], 2):
        total = graph.node("Add", [total, term], "output" if k == len(sums) else f"sum_{k}")
