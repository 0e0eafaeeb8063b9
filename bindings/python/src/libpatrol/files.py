"""Area and policy files to and from numpy arrays, and the weights of PyTorch, Flax and Keras."""

import json
import os
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import deserialize
from safetensors.numpy import save

from libpatrol._native.arrays import numbers, text
from libpatrol.area import Area
from libpatrol.area_arrays import AreaArrays
from libpatrol.enums import DispatchUnit
from libpatrol.network_names import array_of, policy_names
from libpatrol.policy import Policy
from libpatrol.policy_arrays import LIMITS, UNIT, NetworkArrays, PolicyArrays, from_tensors

_DTYPES = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "I64": "<i8", "I32": "<i4", "U16": "<u2", "U8": "u1"}
_FEATURES = {"patrol": "candidate/1", "pair": "pair/1", "value": "state/1"}
_WITH_BACKUP = 33  # features of candidate/2
_NONLINEAR_OUTPUTS = ("output.weight", "anchor.output.weight")


def write_area(path: str | os.PathLike[str], **arrays: Any) -> None:
    """Write an area file.

    Parameters
    ----------
    path : path-like
        Where to.
    **arrays
        The fields of `AreaArrays`.
    """
    area = AreaArrays(**arrays)
    tensors = {
        name: _signed(name, array) if array.dtype == np.uint32 else array for name, array in area.tensors().items()
    }
    if area.coordinates is None:
        tensors["node_count"] = np.array([area.node_count], np.int64)
    metadata = {
        "format": "libpatrol area",
        "format_version": "1",
        "coordinate_system": area.coordinate_system.name.lower(),
        "period_hours": str(area.period_hours),
    }
    _write(path, _serialized(tensors, metadata))


def read_area(path: str | os.PathLike[str]) -> AreaArrays:
    """Return the arrays of an area file that `Area.load` accepts.

    Raises
    ------
    PatrolError
        As `Area.load`.
    """
    Area.load(path, max_demand_points=1, patrol_spacing_seconds=1e9).close()  # checks it, with the least tables
    with open(path, "rb") as file:
        return arrays_of(file.read())


def arrays_of(content: bytes) -> AreaArrays:
    """Return the arrays in the bytes of an area file that the library has accepted."""
    arrays: dict[str, Any] = {name: _decoded(tensor) for name, tensor in deserialize(content)}
    if "node_count" in arrays:
        arrays["node_count"] = int(arrays["node_count"][0])
    wording = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])["__metadata__"]
    return AreaArrays(**arrays, coordinate_system=wording["coordinate_system"])


def _decoded(tensor: Mapping[str, Any]) -> NDArray[Any]:
    """Return a tensor in a type that the library reads; numpy has no bfloat16, the upper half of a float32."""
    if tensor["dtype"] == "BF16":
        flat = (np.frombuffer(tensor["data"], np.uint16).astype(np.uint32) << 16).view(np.float32)
    else:
        flat = np.frombuffer(tensor["data"], _DTYPES[tensor["dtype"]])
    return np.reshape(flat, tensor["shape"])


def write_policy(
    path: str | os.PathLike[str],
    *,
    patrol: Mapping[Any, Any] | NetworkArrays | None = None,
    pair: Mapping[Any, Any] | NetworkArrays | None = None,
    value: Mapping[Any, Any] | NetworkArrays | None = None,
    patrol_most_free_share: float = 1.0,
    dispatch_most_free_share: float = 1.0,
    dispatch_unit: DispatchUnit = DispatchUnit.MINUTE,
    metadata: Mapping[str, str] | None = None,
) -> None:
    """Write a policy file, after the library has accepted it.

    Parameters
    ----------
    path : path-like
        Where to.
    patrol, pair : mapping of str to tensor, NetworkArrays, optional
        Dense ReLU networks under the names of a framework. PyTorch: "0.weight" [out, in], "0.bias" [out], "2.weight",
        ..., as in an `nn.Sequential`'s `state_dict`, also below other names ("net.0.weight"). Flax:
        "params/layers_0/kernel" [in, out], or the nested mappings themselves. Keras: "dense/kernel" [in, out], by the
        `path` of each of `model.weights`. Optionally "mean" and "scale" [inputs], or "mean" and "variance" of Keras's
        layer Normalization. Numpy arrays, or the framework's own. A patrol network of 33 inputs is of candidate/2.
    value : mapping of str to tensor, NetworkArrays, optional
        The value network: "skip.weight" [1, 64], "skip.bias" [1], "hidden.weight", ... as the file format says, or
        "skip/kernel" [64, 1], ...
    patrol_most_free_share, dispatch_most_free_share : float, optional
        While a larger share of the units on duty is free, the policy abstains; 1: it never does.
    dispatch_unit : DispatchUnit, optional
        What an output of 1 of `pair` and `value` is worth.
    metadata : mapping of str to str, optional
        Provenance, and "requires_categories" or "requires_area" if the policy needs them.

    Raises
    ------
    ValueError
        If a name is of none of these patterns: which, and what was expected; nothing is then written.
    PatrolError
        If the library does not accept the networks or limits; nothing is then written.
    """
    tensors: dict[str, NDArray[Any]] = {}
    entries = {"format": "libpatrol policy", "format_version": "1"}
    for network, given in {"patrol": patrol, "pair": pair, "value": value}.items():
        if given is None:
            continue
        if isinstance(given, NetworkArrays) and given.name != network:
            raise ValueError(f"{network} is given a network of the name {given.name}, whose features are others")
        arrays = policy_names(network, given.state() if isinstance(given, NetworkArrays) else given)
        first = next((array for name, array in arrays.items() if name.endswith(".weight")), None)
        has_backup = network == "patrol" and first is not None and first.shape[1] == _WITH_BACKUP
        entries[f"{network}.features"] = "candidate/2" if has_backup else _FEATURES[network]
        tensors |= {f"{network}.{name}": array_of(array) for name, array in arrays.items()}
    if value is not None:
        outputs = [tensors[name] for part in _NONLINEAR_OUTPUTS if (name := f"value.{part}") in tensors]
        entries["value.form"] = "concave" if all((output <= 0).all() for output in outputs) else "general"
    tensors |= _limits(patrol_most_free_share, dispatch_most_free_share)
    if dispatch_unit is not DispatchUnit.MINUTE:
        tensors[UNIT] = np.array([dispatch_unit], np.int32)
    content = _serialized(tensors, entries | dict(metadata or {}))
    Policy.from_bytes(content).close()
    _write(path, content)


def read_policy(policy: str | os.PathLike[str] | Policy) -> PolicyArrays:
    """Return the networks of a policy as numpy arrays, with their normalization, and its metadata.

    Parameters
    ----------
    policy : path-like or Policy
        The path of a file that `Policy.load` accepts, or a loaded policy.

    Raises
    ------
    PatrolError
        As `Policy.load`.
    """
    loaded = policy if isinstance(policy, Policy) else Policy.load(policy)
    content = loaded.content
    return from_tensors({name: _decoded(tensor) for name, tensor in deserialize(content)}, loaded.metadata)


def with_abstention(
    policy: Policy, *, patrol: float, dispatch: float, metadata: Mapping[str, str] | None = None
) -> Policy:
    """Return a policy with the same networks and other limits beyond which it abstains.

    Parameters
    ----------
    policy : Policy
        The networks, and the metadata that stay.
    patrol, dispatch : float
        Share of the units on duty that may be free where the networks decide, 0 to 1; 1: they always do.
    metadata : mapping of str to str, optional
        Entries that are added or replaced.

    Raises
    ------
    PatrolError
        If a limit is not from 0 to 1, or is given for a task for which the policy has no networks.

    Examples
    --------
    >>> from libpatrol import Policy
    >>> from libpatrol.files import with_abstention
    >>> with_abstention(Policy.bundled("hotspots-heavy"), patrol=1, dispatch=0.5).info.dispatch_most_free_share
    0.5
    """
    kept = {name: _decoded(tensor) for name, tensor in deserialize(policy.content) if name not in LIMITS}
    entries = {**policy.metadata, **(metadata or {})}
    return Policy.from_bytes(_serialized(kept | _limits(patrol, dispatch), entries))


def _limits(patrol: float, dispatch: float) -> dict[str, NDArray[np.float32]]:
    """Return the tensors of the limits that there are."""
    limits = {
        name: numbers(name, [most], np.float32, (1,)) for name, most in zip(LIMITS, (patrol, dispatch), strict=True)
    }
    return {name: most for name, most in limits.items() if most[0] != 1}


def _signed(name: str, nodes: NDArray[np.uint32]) -> NDArray[np.int32]:
    if nodes.size and nodes.max() > np.iinfo(np.int32).max:
        raise ValueError(f"{name} holds {nodes.max()}, which is not a node")
    return nodes.astype(np.int32)


def _serialized(tensors: Mapping[str, NDArray[Any]], metadata: Mapping[str, str]) -> bytes:
    """Return the file's bytes with the metadata in order, so that the same input gives the same bytes."""
    for key, value in metadata.items():
        text("a key of the metadata", key)
        text(f"the value of {key} in the metadata", value)
    content = save(dict(tensors), dict(metadata))
    start = 8 + int.from_bytes(content[:8], "little")
    header = json.loads(content[8:start])
    header["__metadata__"] = dict(sorted(metadata.items()))
    wording = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
    wording += b" " * (-len(wording) % 8)
    return len(wording).to_bytes(8, "little") + wording + content[start:]


def _write(path: str | os.PathLike[str], content: bytes) -> None:
    with open(path, "wb") as file:
        file.write(content)
