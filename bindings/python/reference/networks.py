"""Networks of policy files: random ones, and what they give by onnxruntime and by the formula of a value network.

Source: `Formats.md`, "Networks": which tensors there are, and V of a state. Checks: the engine's networks, in
`tests/test_networks.py`; what is read from ONNX, in `tests/test_onnx_files.py`; the objective of dispatch programs, in
`tests/test_dispatch.py` and `proof.py`.
"""

from itertools import pairwise

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

Layers = list[tuple[np.ndarray, np.ndarray]]


def random_layers(rng: np.random.Generator, sizes: list[int], dtype: type = np.float32) -> Layers:
    """Return weights [out, in] and biases [out] of layers of these widths, normally distributed."""
    return [
        ((rng.normal(size=(after, before)) / np.sqrt(before)).astype(dtype), rng.normal(size=after).astype(dtype))
        for before, after in pairwise(sizes)
    ]


def state_dict(layers: Layers) -> dict[str, np.ndarray]:
    """Return the tensors of layers, named as in a policy file."""
    return {
        f"{2 * index}.{name}": array
        for index, (weight, bias) in enumerate(layers)
        for name, array in (("weight", weight), ("bias", bias))
    }


def onnx_session(tensors: dict[str, np.ndarray]) -> onnxruntime.InferenceSession:
    """Build a dense network, ReLUs between its layers, from the tensors of a policy file; one thread.

    Takes "input", [rows, width], which is normalized where there are "mean" and "scale"; gives [rows, 1]. Weights
    are rounded to float32, as the library rounds them.
    """
    numbers = sorted(int(name.split(".")[0]) for name in tensors if name.endswith(".weight"))
    nodes, last = [], "input"
    if "mean" in tensors:
        nodes = [
            helper.make_node("Sub", ["input", "mean"], ["centered"]),
            helper.make_node("Mul", ["centered", "scale"], ["normalized"]),
        ]
        last = "normalized"
    for number in numbers:
        nodes.append(helper.make_node("Gemm", [last, f"{number}.weight", f"{number}.bias"], [f"y{number}"], transB=1))
        last = f"y{number}"
        if number != numbers[-1]:
            nodes.append(helper.make_node("Relu", [last], [f"r{number}"]))
            last = f"r{number}"
    graph = helper.make_graph(
        nodes,
        "network",
        [helper.make_tensor_value_info("input", TensorProto.FLOAT, [None, tensors[f"{numbers[0]}.weight"].shape[1]])],
        [helper.make_tensor_value_info(last, TensorProto.FLOAT, [None, 1])],
        [numpy_helper.from_array(array.astype(np.float32), name) for name, array in tensors.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


def value_network(rng: np.random.Generator, hidden: int, block: int, sign: float) -> dict[str, np.ndarray]:
    """Return a value network; output weights are of any sign (`sign` 0) or of one (-1: concave)."""

    def outputs(count: int) -> np.ndarray:
        weights = rng.normal(size=(1, count))
        return (sign * np.abs(weights) if sign else weights).astype(np.float32)

    state = {"skip.weight": rng.normal(size=(1, 64)), "skip.bias": rng.normal(size=1)}
    if hidden:
        state |= {"hidden.weight": rng.normal(size=(hidden, 64)) / 8, "hidden.bias": rng.normal(size=hidden)}
        state["output.weight"] = outputs(hidden)
    if block:
        state |= {"anchor.weight": rng.normal(size=(block, 6)) / 2, "anchor.bias": rng.normal(size=block)}
        state["anchor.output.weight"] = outputs(block)
    return {name: array.astype(np.float32) for name, array in state.items()}


def value_outputs(state: dict[str, np.ndarray], inputs: np.ndarray) -> np.ndarray:
    """Return V of states, in double precision, [states]."""
    s = {name: array.astype(np.float64) for name, array in state.items()}
    x = inputs.astype(np.float64)
    value = x @ s["skip.weight"][0] + s["skip.bias"][0]
    if "hidden.weight" in s:
        value += np.maximum(x @ s["hidden.weight"].T + s["hidden.bias"], 0) @ s["output.weight"][0]
    if "anchor.weight" in s:
        for anchor in range(9):
            features = x[:, 6 * anchor : 6 * anchor + 6]
            value += np.maximum(features @ s["anchor.weight"].T + s["anchor.bias"], 0) @ s["anchor.output.weight"][0]
    return value
