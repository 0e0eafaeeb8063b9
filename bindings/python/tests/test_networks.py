"""Networks against onnxruntime, and independence of the batch."""

from pathlib import Path

import ml_dtypes
import numpy as np
import pytest

from libpatrol import Policy
from libpatrol.enums import Networks
from libpatrol.files import write_policy
from reference.networks import onnx_session, random_layers, state_dict, value_network, value_outputs

WIDTHS = {"patrol": 28, "pair": 24, "value": 64}
DTYPES = {"F32": np.float32, "F64": np.float64, "F16": np.float16, "BF16": ml_dtypes.bfloat16}


def onnx_outputs(state: dict[str, np.ndarray], inputs: np.ndarray) -> np.ndarray:
    return onnx_session(state).run(None, {"input": inputs})[0][:, 0]


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
        state = state_dict(random_layers(rng, [WIDTHS[network], *hidden, 1], DTYPES[dtype]))
        write_policy(path, **{network: state})
        inputs = rng.normal(size=(int(rng.integers(1, 20)), WIDTHS[network])).astype(np.float32)
        with Policy.load(path) as policy:
            assert policy.tensors[f"{network}.0.weight"].dtype == dtype
            assert_close(policy.evaluate(network, inputs), onnx_outputs(state, inputs))


def test_normalized_inputs(tmp_path: Path, rng: np.random.Generator) -> None:
    mean, scale = rng.normal(size=28).astype(np.float32), rng.uniform(0.1, 3, 28).astype(np.float32)
    state = state_dict(random_layers(rng, [28, 32, 32, 1])) | {"mean": mean, "scale": scale}
    write_policy(tmp_path / "p", patrol=state)
    inputs = rng.normal(size=(50, 28)).astype(np.float32)
    outputs = Policy.load(tmp_path / "p").evaluate("patrol", inputs)
    assert_close(outputs, onnx_outputs(state, inputs))


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
