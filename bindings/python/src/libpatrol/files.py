"""Area files to and from numpy arrays; policy files from numpy arrays or the `state_dict` of a PyTorch module."""

import json
import os
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import deserialize
from safetensors.numpy import save

from libpatrol._native.arrays import text
from libpatrol.area import Area
from libpatrol.area_arrays import AreaArrays
from libpatrol.policy import Policy

_DTYPES = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "I64": "<i8", "I32": "<i4", "U16": "<u2", "U8": "u1"}
_FEATURES = {"patrol": "candidate/1", "pair": "pair/1", "value": "state/1"}
_WITH_BACKUP = 33  # features of candidate/2
_LIMITS = ("patrol.most_free_units", "dispatch.most_free_units")
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
    patrol: Mapping[str, Any] | None = None,
    pair: Mapping[str, Any] | None = None,
    value: Mapping[str, Any] | None = None,
    patrol_most_free_units: int | None = None,
    dispatch_most_free_units: int | None = None,
    metadata: Mapping[str, str] | None = None,
) -> None:
    """Write a policy file, after the library has accepted it.

    Parameters
    ----------
    path : path-like
        Where to.
    patrol, pair : mapping of str to tensor, optional
        Dense ReLU networks, named as in an `nn.Sequential`'s `state_dict`: "0.weight" [out, in], "0.bias" [out],
        "2.weight", ...; optionally "mean" and "scale" [inputs]. Numpy arrays or PyTorch tensors. A patrol network of
        33 inputs is of candidate/2.
    value : mapping of str to tensor, optional
        The value network: "skip.weight" [1, 64], "skip.bias" [1], "hidden.weight", ... as the file format says.
    patrol_most_free_units, dispatch_most_free_units : int, optional
        While more units are free, the policy abstains; None: it never does.
    metadata : mapping of str to str, optional
        Provenance, and "requires_categories" or "requires_area" if the policy needs them.

    Raises
    ------
    PatrolError
        If the library does not accept the networks or limits; nothing is then written.
    """
    networks = {"patrol": patrol, "pair": pair, "value": value}
    tensors: dict[str, NDArray[Any]] = {}
    entries = {"format": "libpatrol policy", "format_version": "1"}
    for network, state in networks.items():
        if state is None:
            continue
        arrays = {name: _array(tensor) for name, tensor in state.items()}
        has_backup = network == "patrol" and "0.weight" in arrays and arrays["0.weight"].shape[1:] == (_WITH_BACKUP,)
        entries[f"{network}.features"] = "candidate/2" if has_backup else _FEATURES[network]
        tensors |= {f"{network}.{name}": array for name, array in arrays.items()}
    if value is not None:
        outputs = [tensors[name] for part in _NONLINEAR_OUTPUTS if (name := f"value.{part}") in tensors]
        entries["value.form"] = "concave" if all((output <= 0).all() for output in outputs) else "general"
    tensors |= _limits(patrol_most_free_units, dispatch_most_free_units)
    content = _serialized(tensors, entries | dict(metadata or {}))
    Policy.from_bytes(content).close()
    _write(path, content)


def with_abstention(
    policy: Policy, *, patrol: int | None, dispatch: int | None, metadata: Mapping[str, str] | None = None
) -> Policy:
    """Return a policy with the same networks that abstains while more units are free, in place of what its file says.

    Parameters
    ----------
    policy : Policy
        The networks, and the metadata that stay.
    patrol, dispatch : int or None
        How many units may be free where the networks decide; None: any number.
    metadata : mapping of str to str, optional
        Entries that are added or replaced.

    Raises
    ------
    PatrolError
        If a limit is below 0, or is given for a task for which the policy has no networks.

    Examples
    --------
    >>> from libpatrol import Policy
    >>> from libpatrol.files import with_abstention
    >>> with_abstention(Policy.bundled("hotspots-heavy"), patrol=None, dispatch=4).info.dispatch_most_free_units
    4
    """
    kept = {name: _decoded(tensor) for name, tensor in deserialize(policy.content) if name not in _LIMITS}
    entries = {**policy.metadata, **(metadata or {})}
    return Policy.from_bytes(_serialized(kept | _limits(patrol, dispatch), entries))


def _limits(patrol: int | None, dispatch: int | None) -> dict[str, NDArray[np.int32]]:
    """Return the tensors of the limits that are given."""
    tensors = {}
    for name, most in zip(_LIMITS, (patrol, dispatch), strict=True):
        if most is not None:
            if not isinstance(most, int | np.integer) or abs(int(most)) > np.iinfo(np.int32).max:
                raise ValueError(f"{name} is {most}, expected a whole number of units")
            tensors[name] = np.array([most], np.int32)
    return tensors


def _array(tensor: Any) -> NDArray[Any]:
    """Return a numpy array, or a PyTorch tensor's; bfloat16, which numpy lacks, becomes float32 without loss."""
    if hasattr(tensor, "detach"):
        tensor = tensor.detach().cpu()
        tensor = (tensor.float() if str(tensor.dtype) == "torch.bfloat16" else tensor).numpy()
    return np.ascontiguousarray(tensor)


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
