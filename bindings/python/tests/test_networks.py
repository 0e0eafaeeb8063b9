"""Networks against onnxruntime, and independence of the batch."""

from itertools import pairwise
from pathlib import Path

import ml_dtypes
import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from libpatrol import Networks, Policy
from libpatrol.files import write_policy

WIDTHS = {"patrol": 28, "pair": 24, "value": 64}
DTYPES = {"F32": np.float32, "F64": np.float64, "F16": np.float16, "BF16": ml_dtypes.bfloat16}
Layers = list[tuple[np.ndarray, np.ndarray]]


def random_layers(rng: np.random.Generator, sizes: list[int], dtype: type) -> Layers:
    return [
        ((rng.normal(size=(after, before)) / np.sqrt(before)).astype(dtype), rng.normal(size=after).astype(dtype))
        for before, after in pairwise(sizes)
    ]


def state_dict(layers: Layers) -> dict[str, np.ndarray]:
    return {
        f"{2 * index}.{name}": array
        for index, (weight, bias) in enumerate(layers)
        for name, array in (("weight", weight), ("bias", bias))
    }


def onnx_outputs(layers: Layers, inputs: np.ndarray) -> np.ndarray:
    """Run the layers in onnxruntime, on weights rounded to float32 as the library rounds them."""
    nodes, constants, last = [], [], "input"
    for index, (weight, bias) in enumerate(layers):
        constants.append(numpy_helper.from_array(weight.astype(np.float32), f"w{index}"))
        constants.append(numpy_helper.from_array(bias.astype(np.float32), f"b{index}"))
        nodes.append(helper.make_node("Gemm", [last, f"w{index}", f"b{index}"], [f"y{index}"], transB=1))
        last = f"y{index}"
        if index < len(layers) - 1:
            nodes.append(helper.make_node("Relu", [last], [f"r{index}"]))
            last = f"r{index}"
    graph = helper.make_graph(
        nodes,
        "network",
        [helper.make_tensor_value_info("input", TensorProto.FLOAT, [None, inputs.shape[1]])],
        [helper.make_tensor_value_info(last, TensorProto.FLOAT, [None, 1])],
        constants,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return session.run(None, {"input": inputs})[0][:, 0]


def assert_close(ours: np.ndarray, theirs: np.ndarray) -> None:
    assert np.abs(ours - theirs).max() <= 1e-5 * max(1.0, np.abs(theirs).max())


def hidden_sizes(rng: np.random.Generator) -> list[list[int]]:
    """Every width from 1 to 300 in a first hidden layer, with one to four layers in all."""
    return [[], *([width, *rng.integers(1, 301, rng.integers(0, 3)).tolist()] for width in range(1, 301))]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("network", ["patrol", "pair"])
def test_dense_networks_agree_with_onnxruntime(
    network: str, dtype: str, tmp_path: Path, rng: np.random.Generator
) -> None:
    path = tmp_path / "policy.safetensors"
    for hidden in hidden_sizes(rng)[:: 1 if dtype == "F32" else 7]:
        layers = random_layers(rng, [WIDTHS[network], *hidden, 1], DTYPES[dtype])
        write_policy(path, **{network: state_dict(layers)})
        inputs = rng.normal(size=(int(rng.integers(1, 20)), WIDTHS[network])).astype(np.float32)
        with Policy.load(path) as policy:
            assert policy.tensors[f"{network}.0.weight"].dtype == dtype
            assert_close(policy.evaluate(network, inputs), onnx_outputs(layers, inputs))


def test_normalized_inputs(tmp_path: Path, rng: np.random.Generator) -> None:
    mean, scale = rng.normal(size=28).astype(np.float32), rng.uniform(0.1, 3, 28).astype(np.float32)
    layers = random_layers(rng, [28, 32, 32, 1], np.float32)
    write_policy(tmp_path / "p", patrol=state_dict(layers) | {"mean": mean, "scale": scale})
    inputs = rng.normal(size=(50, 28)).astype(np.float32)
    outputs = Policy.load(tmp_path / "p").evaluate("patrol", inputs)
    assert_close(outputs, onnx_outputs(layers, (inputs - mean) * scale))


def value_network(rng: np.random.Generator, hidden: int, block: int, sign: float) -> dict[str, np.ndarray]:
    """A value network with output weights of any sign (0) or of one sign (-1)."""

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
    """V of the page `Formats.md`, in double precision."""
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


@pytest.mark.parametrize(("hidden", "block"), [(0, 0), (1, 0), (24, 0), (64, 0), (0, 1), (0, 7), (16, 7)])
@pytest.mark.parametrize("sign", [0.0, -1.0])
def test_value_networks(hidden: int, block: int, sign: float, tmp_path: Path, rng: np.random.Generator) -> None:
    state = value_network(rng, hidden, block, sign)
    write_policy(tmp_path / "p", value=state)
    policy = Policy.load(tmp_path / "p")
    assert policy.info.networks == Networks.VALUE
    outputs = [array for name, array in state.items() if name.endswith("output.weight")]
    assert policy.info.value_is_concave == all((array <= 0).all() for array in outputs)
    inputs = rng.normal(size=(40, 64)).astype(np.float32)
    assert_close(policy.evaluate("value", inputs), value_outputs(state, inputs))


@pytest.mark.parametrize("network", WIDTHS)
@pytest.mark.parametrize("hidden", [[1], [32, 32], [33, 17], [300, 300, 300]])
def test_a_row_does_not_depend_on_its_batch(
    network: str, hidden: list[int], tmp_path: Path, rng: np.random.Generator
) -> None:
    state = value_network(rng, 33, 5, 0.0) if network == "value" else None
    layers = random_layers(rng, [WIDTHS[network], *hidden, 1], np.float32)
    write_policy(tmp_path / "p", **{network: state or state_dict(layers)})
    policy = Policy.load(tmp_path / "p")
    inputs = rng.normal(size=(64, WIDTHS[network])).astype(np.float32)
    alone = np.concatenate([policy.evaluate(network, row[None]) for row in inputs])
    for size in range(1, 65):
        start = int(rng.integers(0, 65 - size))
        batch = policy.evaluate(network, inputs[start : start + size])
        assert batch.tobytes() == alone[start : start + size].tobytes()


def test_not_a_number_in_not_a_number_out(tmp_path: Path, rng: np.random.Generator) -> None:
    write_policy(tmp_path / "p", patrol=state_dict(random_layers(rng, [28, 16, 1], np.float32)))
    inputs = np.zeros((3, 28), np.float32)
    inputs[1, 5] = np.nan
    assert np.isnan(Policy.load(tmp_path / "p").evaluate("patrol", inputs)).tolist() == [False, True, False]
