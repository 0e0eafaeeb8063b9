"""Weights under the names that PyTorch, Flax and Keras give them, named as in a policy file; or a sentence why not."""

import re
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

Arrays = dict[str, NDArray[Any]]
Path = tuple[str, ...]

WIDTHS = {"patrol": (28, 33), "pair": (24,), "value": (64,)}
"""Features that a network reads: patrol's are of candidate/1 or candidate/2."""
VALUE_PARTS = ("skip", "hidden", "output", "anchor", "anchor.output")
_LEAST_DEVIATION = 1e-7
"""Below which Keras's layer Normalization does not divide."""
_LEAVES = {"weight", "kernel", "bias", "mean", "scale", "variance", "count"}
_BATCH_NORMALIZATION = ("running_mean", "running_var", "num_batches_tracked", "gamma", "beta", "moving_mean",
                        "moving_variance")  # fmt: skip
_DENSE = "weight [out, in] or kernel [in, out], and bias [out]"


def policy_names(network: str, state: Mapping[Any, Any]) -> Arrays:
    """Return the tensors of a network by their names in a policy file, without the network's own.

    Parameters
    ----------
    network : str
        "patrol", "pair" or "value".
    state : mapping
        Tensors by name, or nested mappings of them: parts of a name are separated by "." or "/", or are keys of a
        tuple. Layers have the same name but for a number ("net.0", "net.2"; "layers_0", "layers_2"; "dense",
        "dense_1"); those of a value network are "skip", "hidden", ... as the file format says. "weight" is
        [out, in]; "kernel" is [in, out], and is transposed. Inputs are normalized by "mean" and "scale", or by
        "mean" and "variance" of Keras's layer Normalization.

    Raises
    ------
    ValueError
        Which name was met, and what was expected.
    """
    if not isinstance(state, Mapping):
        raise TypeError(f"{network} is of type {type(state).__name__}, expected a mapping of names to tensors")
    groups: dict[Path, Arrays] = {}
    for path, array in _leaves(state):
        if not path or path[-1] not in _LEAVES:
            raise ValueError(_unknown(network, path))
        group = groups.setdefault(path[:-1], {})
        if path[-1] in group:
            raise ValueError(f"{network} has two tensors of the name {'.'.join(path)}")
        group[path[-1]] = array
    found: Arrays = {}
    layers: dict[Path, Arrays] = {}
    for path, group in groups.items():
        if "mean" not in group:
            layers[path] = group
        elif "mean" in found:
            raise ValueError(f"{network} has a second normalization, {'.'.join(path)}: expected one, of its inputs")
        else:
            found |= _normalization(f"{network}: {'.'.join((*path, 'mean'))}", group)
    numbered = _value_parts(layers) if network == "value" else _numbered(network, layers)
    for name, path in numbered.items():
        found |= {f"{name}.{leaf}": array for leaf, array in _dense(network, path, layers[path], name).items()}
    if network != "value":
        _check_chain(network, [(layers[path], found[f"{name}.weight"], path) for name, path in numbered.items()])
    return found


def array_of(tensor: Any) -> NDArray[Any]:
    """Return a numpy array, or a PyTorch tensor's; bfloat16, which numpy lacks, becomes float32 without loss."""
    if hasattr(tensor, "detach"):
        tensor = tensor.detach().cpu()
        tensor = (tensor.float() if str(tensor.dtype) == "torch.bfloat16" else tensor).numpy()
    return np.ascontiguousarray(tensor)


def _leaves(state: Mapping[Any, Any], above: Path = ()) -> Iterator[tuple[Path, NDArray[Any]]]:
    for key, value in state.items():
        path = above
        for part in key if isinstance(key, tuple) else (key,):
            path += tuple(name for name in re.split(r"[./\[\]'\"]+", str(part).removesuffix(":0")) if name)
        if isinstance(value, Mapping):
            yield from _leaves(value, path)
        else:
            yield path, array_of(value)


def _unknown(network: str, path: Path) -> str:
    name = ".".join(path)
    if path and path[-1] in _BATCH_NORMALIZATION:
        why = "a layer or batch normalization is not taken: a batch's can go into the weights of the layer after it"
    elif len(path) > 1 and path[-2] == "vars":
        why = "Keras numbers the tensors of a .weights.h5 file: pass {weight.path: weight for weight in model.weights}"
    else:
        why = f"expected {_DENSE} of each layer"
    return f"{network} has a tensor of the name {name or '(no name)'}: {why}"


def _normalization(name: str, group: Arrays) -> Arrays:
    others = set(group) - {"mean"}
    if others == {"scale"}:
        return dict(group)
    if others - {"count"} == {"variance"}:  # how many rows it has seen changes nothing
        variance = np.asarray(group["variance"], np.float64)
        if not (variance >= 0).all():
            raise ValueError(f"{name} has a variance below 0 or that is no number beside it")
        scale = (1 / np.maximum(np.sqrt(variance), _LEAST_DEVIATION)).astype(np.float32)
        return {"mean": group["mean"].reshape(-1), "scale": scale.reshape(-1)}
    beside = f"the tensors {', '.join(sorted(others))}" if others else "nothing"
    raise ValueError(f"{name} has {beside} beside it, expected scale, or Keras's variance")


def _numbered(network: str, layers: Mapping[Path, Arrays]) -> dict[str, Path]:
    """Return the layers' paths by their numbers, in order: their names are alike but for the number in one part."""
    paths = list(layers)
    named = [".".join(path) or "(no name)" for path in paths]
    if len(paths) < 2:
        only = paths[0][-1] if paths and paths[0] else ""
        return {only if re.fullmatch("[0-9]+", only) else "0": path for path in paths}
    expected = "expected the layers of one network, their names alike but for a number"
    if len({len(path) for path in paths}) > 1:
        raise ValueError(f"{network} has tensors at {_some(named)}: {expected}, such as net.0 and net.2")
    varying = [place for place, parts in enumerate(zip(*paths, strict=True)) if len(set(parts)) > 1]
    if len(varying) > 1:
        raise ValueError(f"{network} has tensors at {_some(named)}: {expected} in one place")
    parts = [_stem_and_number(path[varying[0]]) for path in paths]
    stems = {stem for stem, _ in parts}
    if len(stems) > 1:
        raise ValueError(f"{network} has layers of the names {_some(named)}, which do not tell their order: {expected}")
    numbers = {number: path for (_, number), path in zip(parts, paths, strict=True)}
    if len(numbers) < len(paths):
        raise ValueError(f"{network} has layers of the same number, at {_some(named)}: {expected}")
    ordered = sorted(numbers)
    return {str(number if stems == {""} else 2 * k): numbers[number] for k, number in enumerate(ordered)}


def _stem_and_number(name: str) -> tuple[str, int]:
    """Return a layer's name without its number, and that: 0 for "dense", which Keras follows by "dense_1"."""
    stem = name.rstrip("0123456789")
    return stem.removesuffix("_"), int(name[len(stem) :] or 0)


def _value_parts(layers: Mapping[Path, Arrays]) -> dict[str, Path]:
    found: dict[str, Path] = {}
    above = set()
    for path in layers:
        ends = [end for end in (".".join(path[-2:]), ".".join(path[-1:])) if end in VALUE_PARTS]
        if not ends:
            raise ValueError(
                f"value has a layer of the name {'.'.join(path) or '(no name)'}, expected one of "
                f"{', '.join(VALUE_PARTS)}: a value network is no stack of layers (see the file format)"
            )
        above.add(path[: len(path) - 1 - ends[0].count(".")])
        if len(above) > 1 or ends[0] in found:
            raise ValueError(f"value has layers at {_some(['.'.join(path) for path in layers])}, expected one network")
        found[ends[0]] = path
    return found


def _dense(network: str, path: Path, group: Arrays, name: str) -> Arrays:
    """Return the weight, [out, in], and the bias of a layer; that the bias of a value's outputs is absent is right."""
    where = f"{network}: the layer {'.'.join(path) or name}"
    if {"weight", "kernel"} <= set(group) or not group.keys() <= {"weight", "kernel", "bias"}:
        raise ValueError(f"{where} has the tensors {', '.join(sorted(group))}, expected {_DENSE}")
    if not group.keys() & {"weight", "kernel"}:
        raise ValueError(f"{where} has a bias alone, expected {_DENSE}")
    leaf = "kernel" if "kernel" in group else "weight"
    if group[leaf].ndim != 2:
        shape, order = list(group[leaf].shape), "[out, in]" if leaf == "weight" else "[in, out]"
        raise ValueError(f"{where} has a {leaf} of shape {shape}, expected {order} of a dense layer")
    if "bias" not in group and not name.endswith("output"):
        count = group[leaf].shape[leaf == "kernel"]
        raise ValueError(f"{where} has no bias, expected one of shape [{count}]: zeros if it was trained without")
    weight = np.ascontiguousarray(group[leaf].T) if leaf == "kernel" else group[leaf]
    return {"weight": weight} | ({"bias": group["bias"]} if "bias" in group else {})


def _check_chain(network: str, layers: list[tuple[Arrays, NDArray[Any], Path]]) -> None:
    """Refuse layers that would fit together if each were transposed; what else does not fit the library refuses."""
    if not layers:
        return
    weights = [weight for _, weight, _ in layers]
    fits, turned = (_fits(network, [weight.shape[::step] for weight in weights]) for step in (1, -1))
    if turned and not fits:
        leaf = "kernel" if "kernel" in layers[0][0] else "weight"
        right, shape = ("[in, out]", "kernel") if leaf == "kernel" else ("[out, in]", "weight")
        other = "weight, which is [out, in]" if leaf == "kernel" else "kernel, which is [in, out], as of Flax and Keras"
        raise ValueError(
            f"{network}: the {shape} of {'.'.join(layers[0][2]) or 'its layer'} has shape "
            f"{list(layers[0][0][leaf].shape)}, expected {right}: transpose it, or name it {other}"
        )


def _fits(network: str, shapes: list[tuple[int, ...]]) -> bool:
    """Whether weights [out, in] lead from the network's features to one output."""
    chained = all(before[0] == after[1] for before, after in pairwise(shapes))
    return chained and shapes[0][1] in WIDTHS[network] and shapes[-1][0] == 1


def _some(names: list[str]) -> str:
    shown = sorted(names)
    return ", ".join(shown[:4]) + (f" and {len(shown) - 4} more" if len(shown) > 4 else "")
