"""Policy files read as arrays, and weights under the names of PyTorch, Flax and Keras: taken, or a sentence why not."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from libpatrol import PatrolError, Policy, Status
from libpatrol.enums import DispatchUnit
from libpatrol.files import read_policy, write_policy
from libpatrol.network_names import policy_names
from libpatrol.policy import bundled_policies
from libpatrol.policy_arrays import LIMITS
from reference.networks import random_layers, state_dict, value_network

State = dict[Any, Any]


def named(layers: list, name: Callable[[int], str], *, kernel: bool = False, separator: str = ".") -> State:
    """Return layers under other names; with `kernel` weights are [in, out]."""
    state: State = {}
    for k, (weight, bias) in enumerate(layers):
        state[f"{name(k)}{separator}{'kernel' if kernel else 'weight'}"] = weight.T if kernel else weight
        state[f"{name(k)}{separator}bias"] = bias
    return state


def nested(state: State) -> State:
    """Return names in parts as mappings of mappings."""
    found: State = {}
    for name, array in state.items():
        *parts, last = name.split("/")
        place = found
        for part in parts:
            place = place.setdefault(int(part) if part.isdigit() else part, {})
        place[last] = array
    return found


def keras(k: int) -> str:
    return f"sequential/dense_{k}" if k else "sequential/dense"


PATTERNS: dict[str, Callable[[list], State]] = {
    "torch, a member": lambda layers: named(layers, lambda k: f"net.{2 * k}"),
    "torch, compiled": lambda layers: named(layers, lambda k: f"_orig_mod.module.net.{3 * k}"),
    "torch, members": lambda layers: named(layers, lambda k: f"q.fc{k + 1}"),
    "torch, modules of a list": lambda layers: named(layers, lambda k: f"layers.{k}.linear"),
    "flax": lambda layers: named(layers, lambda k: f"params/layers_{2 * k}", kernel=True, separator="/"),
    "flax, compact": lambda layers: named(layers, lambda k: f"params/Dense_{k}", kernel=True, separator="/"),
    "flax, nested": lambda layers: nested(PATTERNS["flax"](layers)),
    "flax, tuples": lambda layers: {tuple(name.split("/")): array for name, array in PATTERNS["flax"](layers).items()},
    "jax, paths": lambda layers: {
        "".join(f"['{part}']" for part in name.split("/")): array for name, array in PATTERNS["flax"](layers).items()
    },
    "flax nnx": lambda layers: nested(named(layers, lambda k: f"layers/{2 * k}", kernel=True, separator="/")),
    "keras": lambda layers: named(layers, keras, kernel=True, separator="/"),
    "keras, tensorflow": lambda layers: {f"{name}:0": array for name, array in PATTERNS["keras"](layers).items()},
    "equinox": lambda layers: {
        f".layers[{2 * k}].{name}": array
        for k, layer in enumerate(layers)
        for name, array in zip(("weight", "bias"), layer, strict=True)
    },
    "flax, a list that jax has sorted": lambda layers: dict(
        sorted((f"{k}", {"kernel": weight.T, "bias": bias}) for k, (weight, bias) in enumerate(layers))
    ),
    "in the order of their names": lambda layers: dict(sorted(PATTERNS["flax, compact"](layers).items())),
}


@pytest.mark.parametrize("depth", [1, 2, 12])
@pytest.mark.parametrize("pattern", PATTERNS)
def test_names_of_frameworks_are_the_same_network(
    pattern: str, depth: int, tmp_path: Path, rng: np.random.Generator
) -> None:
    layers = random_layers(rng, [28, *[7] * (depth - 1), 1])
    write_policy(tmp_path / "plain", patrol=state_dict(layers))
    write_policy(tmp_path / "other", patrol=PATTERNS[pattern](layers))
    inputs = rng.normal(size=(20, 28)).astype(np.float32)
    plain, other = (Policy.load(tmp_path / name).evaluate("patrol", inputs) for name in ("plain", "other"))
    assert other.tobytes() == plain.tobytes()


def test_a_value_network_of_flax(tmp_path: Path, rng: np.random.Generator) -> None:
    state = value_network(rng, 8, 3, -1.0)
    write_policy(tmp_path / "plain", value=state)
    flax: State = {}
    for name, array in state.items():
        *parts, leaf = name.split(".")
        flax["/".join(["params", *parts, leaf.replace("weight", "kernel")])] = array.T if leaf == "weight" else array
    write_policy(tmp_path / "flax", value=flax)
    assert (tmp_path / "flax").read_bytes() == (tmp_path / "plain").read_bytes()


def test_the_normalization_of_keras(tmp_path: Path, rng: np.random.Generator) -> None:
    layers = random_layers(rng, [28, 9, 1])
    mean, variance = rng.normal(size=28).astype(np.float32), rng.uniform(0.1, 9, 28).astype(np.float32)
    variance[3] = 0  # a feature that never varied: Keras divides by 1e-7
    state = PATTERNS["keras"](layers)
    state |= {f"sequential/normalization/{name}": value for name, value in (("mean", mean), ("variance", variance))}
    write_policy(tmp_path / "p", patrol=state | {"sequential/normalization/count": np.array(0)})
    inputs = rng.normal(size=(20, 28)).astype(np.float32)
    inputs[:, 3] = mean[3]
    rows = (inputs.astype(np.float64) - mean) / np.maximum(np.sqrt(variance.astype(np.float64)), 1e-7)
    (first, bias), (last, end) = layers
    expected = (np.maximum(rows @ first.T + bias, 0) @ last.T + end)[:, 0]
    assert Policy.load(tmp_path / "p").evaluate("patrol", inputs) == pytest.approx(expected, rel=1e-5, abs=1e-5)
    assert read_policy(tmp_path / "p").networks["patrol"].scale[3] == pytest.approx(1e7)


def bad(rng: np.random.Generator) -> dict[str, tuple[State, str]]:
    """Return states that are not taken, by the sentence that says why."""
    layers = random_layers(rng, [28, 8, 1])
    plain, flax = state_dict(layers), PATTERNS["flax"](layers)
    turned = {name: array.T if array.ndim == 2 else array for name, array in plain.items()}
    without = {name: array for name, array in plain.items() if name != "2.bias"}
    return {
        "a name": (plain | {"std": np.ones(8)}, r"patrol has a tensor of the name std: expected weight \[out, in\] or"),
        "batch norm": (plain | {"1.running_mean": np.ones(8)}, "1.running_mean: a layer or batch normalization is not"),
        "keras batch norm": (
            plain | {"batch_normalization/gamma": np.ones(8)},
            "gamma: a layer or batch normalization",
        ),
        "h5": ({"layers/dense/vars/0": layers[0][0]}, r"layers.dense.vars.0: Keras numbers .* pass \{weight.path"),
        "two networks": (
            {**named(layers, lambda k: f"q.{2 * k}"), **named(layers, lambda k: f"target.{2 * k}")},
            r"patrol has tensors at q\.0, q\.2, target\.0, target\.2: expected the layers of one network",
        ),
        "two places": (
            {**named(layers, lambda k: f"mlp.net.{2 * k}"), "head.weight": layers[1][0], "head.bias": layers[1][1]},
            r"patrol has tensors at head, mlp\.net\.0, mlp\.net\.2: expected",
        ),
        "no order": (named(layers, lambda k: ("first", "last")[k]), "names first, last, which do not tell their order"),
        "twice": (named(layers, lambda k: ("dense", "dense_0")[k]), "has layers of the same number, at dense, dense_0"),
        "one name twice": (plain | {"0/weight": layers[0][0]}, r"has two tensors of the name 0\.weight"),
        "no bias": (without, r"the layer 2 has no bias, expected one of shape \[1\]: zeros if it was trained without"),
        "bias alone": (plain | {"4.bias": np.ones(1)}, r"the layer 4 has a bias alone, expected weight"),
        "layer norm": (plain | {"1.weight": np.ones(8), "1.bias": np.ones(8)}, r"layer 1 has a weight of shape \[8\]"),
        "flax norm": (flax | {"params/layers_1/scale": np.ones(8)}, "layers_1 has the tensors scale, expected weight"),
        "turned": (
            turned,
            r"the weight of 0 has shape \[28, 8\], expected \[out, in\]: transpose it, or name it kernel",
        ),
        "flax turned": (
            {name: array.T if array.ndim == 2 else array for name, array in flax.items()},
            r"the kernel of params\.layers_0 has shape \[8, 28\], expected \[in, out\]: transpose it, or name it w",
        ),
        "variance": (
            plain | {"n.mean": np.ones(28), "n.variance": np.full(28, -1.0)},
            r"patrol: n\.mean has a variance below 0 or that is no number beside it",
        ),
        "mean alone": (plain | {"mean": np.ones(28)}, "patrol: mean has nothing beside it, expected scale"),
        "two means": (
            plain
            | {f"{part}mean": np.ones(28) for part in ("", "b.")}
            | {f"{p}scale": np.ones(28) for p in ("", "b.")},
            "a second normalization, b: expected one, of its inputs",
        ),
    }


@pytest.mark.parametrize("case", bad(np.random.default_rng(0)))
def test_names_that_are_not_taken_are_explained(case: str, tmp_path: Path, rng: np.random.Generator) -> None:
    state, sentence = bad(rng)[case]
    with pytest.raises(ValueError, match=sentence):
        write_policy(tmp_path / "p", patrol=state)
    assert not (tmp_path / "p").exists()


def test_a_network_is_a_mapping(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="pair is of type list, expected a mapping of names to tensors"):
        write_policy(tmp_path / "p", pair=[])


def test_layers_of_a_value_are_known_by_name(tmp_path: Path, rng: np.random.Generator) -> None:
    state = value_network(rng, 8, 3, -1.0)
    with pytest.raises(ValueError, match=r"value has a layer of the name 0, expected one of skip, hidden, output"):
        write_policy(tmp_path / "p", value=state_dict(random_layers(rng, [64, 1])))
    with pytest.raises(ValueError, match=r"value has layers at a.skip, b.skip, expected one network"):
        write_policy(tmp_path / "p", value={f"{part}.{n}": state[n] for part in "ab" for n in ("skip.weight",)})
    with pytest.raises(PatrolError) as caught:
        write_policy(tmp_path / "p", value=state | {"output.bias": np.ones(1, np.float32)})
    assert caught.value.status is Status.UNSUPPORTED


@pytest.mark.parametrize("name", bundled_policies())
def test_what_is_read_is_what_is_written(name: str, tmp_path: Path) -> None:
    policy = Policy.bundled(name)
    (tmp_path / "kept").write_bytes(policy.content)
    read = read_policy(tmp_path / "kept")
    tensors = {f"{part}.{tensor}" for part, network in read.networks.items() for tensor in network.state()}
    limits = {tensor for tensor, field in LIMITS.items() if getattr(read, field) < 1}
    unit = {"dispatch.unit"} if read.dispatch_unit is DispatchUnit.POST_TIME else set()
    assert tensors | limits | unit == set(policy.tensors)
    assert limits == (set(LIMITS) if name in ("general", "metro-medium") else set())
    assert {part: network.features for part, network in read.networks.items()} == {
        part: policy.metadata[f"{part}.features"] for part in read.networks
    }
    write_policy(tmp_path / "again", **read.states(), metadata=read.provenance)
    again = Policy.load(tmp_path / "again")
    assert again.tensors == policy.tensors and again.metadata == policy.metadata
    for part, network in read.networks.items():
        inputs = np.random.default_rng(0).normal(size=(20, network.inputs)).astype(np.float32)
        assert again.evaluate(part, inputs).tobytes() == policy.evaluate(part, inputs).tobytes()


@pytest.mark.parametrize("normalized", [False, True])
def test_the_arrays_give_what_the_library_gives(normalized: bool, tmp_path: Path, rng: np.random.Generator) -> None:
    state = state_dict(random_layers(rng, [33, 16, 8, 1]))
    if normalized:
        state |= {"mean": rng.normal(size=33).astype(np.float32), "scale": rng.uniform(0.5, 2, 33).astype(np.float32)}
    write_policy(tmp_path / "p", patrol=state)
    network = read_policy(tmp_path / "p").networks["patrol"]
    assert (network.task, network.features, network.inputs) == ("patrol", "candidate/2", 33)
    assert (network.mean is None) == (not normalized)
    inputs = rng.normal(size=(20, 33)).astype(np.float32)
    rows = (inputs - network.mean) * network.scale if normalized else inputs
    for k, (weight, bias) in enumerate(network.layers()):
        rows = (np.maximum(rows, 0) if k else rows) @ weight.T + bias
    outputs = Policy.load(tmp_path / "p").evaluate("patrol", inputs)
    assert outputs == pytest.approx(rows[:, 0], rel=1e-5, abs=1e-5)


def test_a_value_is_no_stack_of_layers() -> None:
    with pytest.raises(ValueError, match="a value network is no stack of layers"):
        read_policy(Policy.bundled()).networks["value"].layers()


def test_a_closed_policy_is_not_read() -> None:
    policy = Policy.bundled()
    policy.close()
    with pytest.raises(ValueError, match="this Policy is closed"):
        read_policy(policy)


def test_real_parameters_of_flax_and_keras(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    linen = pytest.importorskip("flax.linen", reason="flax is not installed")
    import jax

    module = linen.Sequential([linen.Dense(8), linen.relu, linen.Dense(8), linen.relu, linen.Dense(1)])
    inputs = np.random.default_rng(0).normal(size=(10, 28)).astype(np.float32)
    variables = module.init(jax.random.PRNGKey(0), inputs)
    write_policy(tmp_path / "flax", patrol=variables)
    outputs = Policy.load(tmp_path / "flax").evaluate("patrol", inputs)
    assert outputs == pytest.approx(np.asarray(module.apply(variables, inputs))[:, 0], rel=1e-5, abs=1e-5)
    assert [*policy_names("patrol", variables)][::2] == ["0.weight", "2.weight", "4.weight"]
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    keras = pytest.importorskip("keras", reason="keras is not installed")
    dense = [keras.layers.Dense(width, activation="relu") for width in (8, 8)]
    model = keras.Sequential([keras.Input((28,)), keras.layers.Normalization(), *dense, keras.layers.Dense(1)])
    model.layers[0].adapt(inputs)
    write_policy(tmp_path / "keras", patrol={weight.path: weight for weight in model.weights})
    outputs = Policy.load(tmp_path / "keras").evaluate("patrol", inputs)
    assert outputs == pytest.approx(np.asarray(model(inputs))[:, 0], rel=1e-5, abs=1e-5)
