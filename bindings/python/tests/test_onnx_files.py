"""ONNX files: onnxruntime gives what the library gives, networks of other programs are read, other graphs explained."""

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from libpatrol import Policy
from libpatrol.files import read_policy, write_policy
from libpatrol.onnx_files import read_onnx, write_onnx
from libpatrol.policy import bundled_policies
from libpatrol.policy_arrays import NetworkArrays
from reference.networks import onnx_session, random_layers, state_dict, value_network

TOLERANCE = 1e-5
"""Of the largest output of a batch, or of 1: both sum in float32, in other orders."""


def run_onnx(path: Path, inputs: np.ndarray) -> np.ndarray:
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    return session.run(None, {session.get_inputs()[0].name: inputs})[0].reshape(-1)


def assert_close(ours: np.ndarray, theirs: np.ndarray) -> None:
    assert np.abs(ours - theirs).max() <= TOLERANCE * max(1.0, np.abs(theirs).max())


def check_round_trip(policy: Policy, part: str, folder: Path, rng: np.random.Generator) -> None:
    """Hold a network against onnxruntime, and what is read from the file against the network."""
    network = read_policy(policy).networks[part]
    write_onnx(folder / "network.onnx", network)
    inputs = rng.normal(0, 2, (200, network.inputs)).astype(np.float32)
    outputs = policy.evaluate(part, inputs)
    assert_close(outputs, run_onnx(folder / "network.onnx", inputs))
    again = read_onnx(folder / "network.onnx")
    assert (again.name, again.task, again.features) == (network.name, network.task, network.features)
    state, expected = again.state(), network.state()
    assert state.keys() == expected.keys()
    assert all(state[name].tobytes() == expected[name].astype(np.float32).tobytes() for name in state)
    write_policy(folder / "again", **{part: again})
    assert Policy.load(folder / "again").evaluate(part, inputs).tobytes() == outputs.tobytes()


@pytest.mark.parametrize("name", bundled_policies())
def test_policies_of_the_package(name: str, tmp_path: Path, rng: np.random.Generator) -> None:
    policy = Policy.bundled(name)
    for part in read_policy(policy).networks:
        check_round_trip(policy, part, tmp_path, rng)


@pytest.mark.parametrize("normalized", [False, True])
@pytest.mark.parametrize("hidden", [[], [1], [32, 32], [7, 300, 5, 64]])
@pytest.mark.parametrize(("part", "inputs"), [("patrol", 28), ("patrol", 33), ("pair", 24)])
def test_dense_networks(
    part: str, inputs: int, hidden: list[int], normalized: bool, tmp_path: Path, rng: np.random.Generator
) -> None:
    state = state_dict(random_layers(rng, [inputs, *hidden, 1]))
    if normalized:
        state |= {"mean": rng.normal(size=inputs).astype("f"), "scale": rng.uniform(0.1, 3, inputs).astype("f")}
    write_policy(tmp_path / "p", **{part: state})
    check_round_trip(Policy.load(tmp_path / "p"), part, tmp_path, rng)


@pytest.mark.parametrize(("hidden", "block"), [(0, 0), (24, 0), (0, 7), (16, 7)])
def test_value_networks(hidden: int, block: int, tmp_path: Path, rng: np.random.Generator) -> None:
    normalization = {"mean": rng.normal(size=64).astype("f"), "scale": rng.uniform(0.1, 3, 64).astype("f")}
    write_policy(tmp_path / "p", value=value_network(rng, hidden, block, 0.0) | normalization)
    check_round_trip(Policy.load(tmp_path / "p"), "value", tmp_path, rng)


def graph_of(nodes: list[tuple[Any, ...]], constants: dict[str, np.ndarray], width: int = 28, kind: int = 1) -> Any:
    """Return a model from "x" [rows, width] to the last node's output; nodes are kind, inputs, output, attributes."""
    made = [
        helper.make_node(op, names.split(), [output], domain="ai.onnx.ml" if op == "Scaler" else "", **dict(*more))
        for op, names, output, *more in nodes
    ]
    shown = helper.make_tensor_value_info("x", kind, ["n", width])
    graph = helper.make_graph(
        made,
        "other",
        [shown],
        [helper.make_tensor_value_info(nodes[-1][2], TensorProto.FLOAT, None)],
        [numpy_helper.from_array(array, name) for name, array in constants.items()],
    )
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("ai.onnx.ml", 3)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=8)


def weights(rng: np.random.Generator) -> dict[str, np.ndarray]:
    (first, bias), (last, end) = random_layers(rng, [28, 8, 1])
    return {"a": first, "aT": first.T.copy(), "p": bias, "b": last, "bT": last.T.copy(), "q": end}


DENSE: list[tuple[Any, ...]] = [
    ("MatMul", "x aT", "h"), ("Add", "p h", "s"), ("Relu", "s", "r"), ("MatMul", "r bT", "o"), ("Add", "o q", "y")
]  # fmt: skip
GEMM: list[tuple[Any, ...]] = [
    ("Gemm", "x a p", "h", {"transB": 1}), ("Relu", "h", "r"), ("Gemm", "r bT q", "y", {"alpha": 0.5, "beta": 2.0})
]  # fmt: skip


def after(*nodes: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    """Return nodes on "x", the last of which gives "n", and the dense network of "n"."""
    return [*nodes, ("MatMul", "n aT", "h"), *DENSE[1:]]


SD = np.linspace(0.5, 3, 28, dtype=np.float32)
OTHERS: dict[str, tuple[list[tuple[Any, ...]], dict[str, np.ndarray]]] = {
    "matmul and add": (DENSE, {}),
    "gemm with factors": (GEMM, {}),
    "without biases": ([DENSE[0], ("Relu", "h", "r"), ("MatMul", "r bT", "y")], {}),
    "squeezed": ([*DENSE, ("Squeeze", "y one", "z")], {"one": np.array([1])}),
    "reshaped": ([*DENSE, ("Reshape", "y all", "z")], {"all": np.array([-1])}),
    "identities": (after(("Identity", "x", "n")), {}),
    "keras": (
        after(("Sqrt", "var", "sd"), ("Max", "sd eps", "least"), ("Sub", "x m", "c"), ("Div", "c least", "n")),
        {"var": SD[None] ** 2, "eps": np.float32(1e-7), "m": SD[None] - 1},
    ),
    "scaled, then shifted": (after(("Mul", "x k", "c"), ("Add", "k c", "n")), {"k": SD}),
    "one number": (after(("Add", "x k", "c"), ("Div", "c k", "n")), {"k": np.float32(4)}),
    "scikit-learn": (after(("Scaler", "x", "n", {"offset": (SD - 1).tolist(), "scale": SD.tolist()})), {}),
}


@pytest.mark.parametrize("case", OTHERS)
def test_dense_networks_of_other_programs(case: str, tmp_path: Path, rng: np.random.Generator) -> None:
    nodes, constants = OTHERS[case]
    onnx.save(graph_of(nodes, weights(rng) | constants), tmp_path / "other.onnx")
    inputs = rng.normal(0, 2, (100, 28)).astype(np.float32)
    write_policy(tmp_path / "p", patrol=read_onnx(tmp_path / "other.onnx"))
    assert_close(Policy.load(tmp_path / "p").evaluate("patrol", inputs), run_onnx(tmp_path / "other.onnx", inputs))


def test_weights_beside_the_file(tmp_path: Path, rng: np.random.Generator) -> None:
    """As torch.onnx.export writes them."""
    outside = {"save_as_external_data": True, "location": "other.onnx.data", "size_threshold": 0}
    onnx.save(graph_of(GEMM, weights(rng)), tmp_path / "other.onnx", **outside)
    assert (tmp_path / "other.onnx.data").stat().st_size > 0
    inputs = rng.normal(0, 2, (100, 28)).astype(np.float32)
    write_policy(tmp_path / "p", patrol=read_onnx(tmp_path / "other.onnx"))
    assert_close(Policy.load(tmp_path / "p").evaluate("patrol", inputs), run_onnx(tmp_path / "other.onnx", inputs))
    (tmp_path / "other.onnx.data").unlink()
    with pytest.raises(ValueError, match=r"other\.onnx is not read: .*other\.onnx\.data"):
        read_onnx(tmp_path / "other.onnx")


BAD: dict[str, tuple[list[tuple[Any, ...]], str]] = {
    "tanh": ([*DENSE[:2], ("Tanh", "s", "r"), *DENSE[3:]], "its graph has the node Tanh: expected a dense network"),
    "no relu": ([*DENSE[:2], ("MatMul", "s bT", "y")], "the node (Gemm|MatMul) without a Relu between it and"),
    "relu at the end": ([*DENSE, ("Relu", "y", "z")], "its graph ends with Relu: expected"),
    "relu at the start": (after(("Relu", "x", "n")), "has the node Relu: expected"),
    "scaled output": ([*DENSE, ("Mul", "y two", "z")], "has the node Mul: expected"),
    "by zero": (after(("Mul", "x zero", "n")), "its inputs are normalized by 0 or by what is not finite: Mul"),
    "constant first": (after(("Sub", "two x", "n")), "the node Sub whose constant comes first"),
    "squared": (after(("Mul", "x x", "n")), "the node Mul which does not read the result before it, x, once"),
    "skip": (
        [*DENSE[:3], ("MatMul", "r sq", "t"), ("Add", "t r", "y")],
        "whose input r is not constant|which does not",
    ),
    "eight outputs": ([("Gemm", "x a p", "y", {"transB": 1})], ""),
}


@pytest.mark.parametrize("case", BAD)
def test_graphs_that_are_not_read_are_explained(case: str, tmp_path: Path, rng: np.random.Generator) -> None:
    nodes, sentence = BAD[case]
    constants = {"two": np.float32(2), "zero": np.float32(0), "sq": np.eye(8, dtype=np.float32)}
    onnx.save(graph_of(nodes, weights(rng) | constants), tmp_path / "other.onnx")
    if not sentence:  # a dense network, which the library refuses
        with pytest.raises(Exception, match=r"patrol"):
            write_policy(tmp_path / "p", patrol=read_onnx(tmp_path / "other.onnx"))
        return
    with pytest.raises(ValueError, match=f"^{tmp_path}/other.onnx is not read: .*({sentence})"):
        read_onnx(tmp_path / "other.onnx")


def test_inputs_that_are_not_of_a_policy(tmp_path: Path, rng: np.random.Generator) -> None:
    state = state_dict(random_layers(rng, [27, 8, 1]))
    (tmp_path / "o").write_bytes(session_bytes(state))
    with pytest.raises(ValueError, match=r"it has 27 inputs, expected 28 or 33 \(patrol\) or 24 \(pair\)"):
        read_onnx(tmp_path / "o")
    write_onnx(tmp_path / "pair", read_policy(Policy.bundled()).networks["pair"])
    with pytest.raises(ValueError, match="patrol is given a network of the name pair, whose features are others"):
        write_policy(tmp_path / "p", patrol=read_onnx(tmp_path / "pair"))


def session_bytes(state: dict[str, np.ndarray]) -> bytes:
    """Return the bytes of the model that the reference builds."""
    kept: list[bytes] = []
    original = onnxruntime.InferenceSession

    def keep(content: bytes, *arguments: object, **named: object) -> Any:
        kept.append(content)
        return original(content, *arguments, **named)

    onnxruntime.InferenceSession = keep
    try:
        onnx_session(state)
    finally:
        onnxruntime.InferenceSession = original
    return kept[0]


def test_the_model_of_the_reference_is_read(tmp_path: Path, rng: np.random.Generator) -> None:
    normalization = {"mean": rng.normal(size=28).astype("f"), "scale": rng.uniform(0.1, 3, 28).astype("f")}
    state = state_dict(random_layers(rng, [28, 16, 8, 1])) | normalization
    (tmp_path / "o").write_bytes(session_bytes(state))
    read = read_onnx(tmp_path / "o").state()
    assert {name: array.tobytes() for name, array in read.items()} == {n: a.tobytes() for n, a in state.items()}


def test_a_value_of_another_form_is_explained(tmp_path: Path, rng: np.random.Generator) -> None:
    write_policy(tmp_path / "p", value=value_network(rng, 8, 3, 0.0))
    write_onnx(tmp_path / "v", read_policy(tmp_path / "p").networks["value"])

    def changed(change: Callable[[Any], object]) -> Path:
        model = onnx.load(tmp_path / "v")
        change(model.graph)
        onnx.save(model, tmp_path / "changed")
        return tmp_path / "changed"

    def other_slice(graph: Any) -> None:
        last = next(one for one in graph.initializer if one.name == "last")
        last.CopyFrom(numpy_helper.from_array(np.array([48]), "last"))

    for change in (other_slice, lambda graph: graph.node.pop(), lambda graph: graph.initializer.pop(0)):
        with pytest.raises(ValueError, match="is not read: "):
            read_onnx(changed(change))


def test_files_that_are_none(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(FileNotFoundError):
        read_onnx(tmp_path / "missing")
    model = graph_of(DENSE, weights(np.random.default_rng(0))).SerializeToString()
    for content in (b"", b"\xff" * 100, model[: len(model) // 2], model[:-20] + b"\x00" * 20):
        (tmp_path / "o").write_bytes(content)
        with contextlib.suppress(ValueError):
            assert isinstance(read_onnx(tmp_path / "o"), NetworkArrays)
    with pytest.raises(TypeError, match="network is of type dict, expected NetworkArrays"):
        write_onnx(tmp_path / "o", {})
    assert capfd.readouterr() == ("", "")
