"""The networks of a policy file as numpy arrays."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from libpatrol.enums import DispatchUnit

TASKS = {"patrol": "patrol", "pair": "dispatch", "value": "dispatch"}
"""The decisions for which each network is asked."""
LIMITS = {
    "patrol.most_free_share": "patrol_most_free_share",
    "dispatch.most_free_share": "dispatch_most_free_share",
}
"""Tensors of a policy file that say what share of the units may be free, and `write_policy`'s names for them."""
UNIT = "dispatch.unit"
"""Tensor that says what an output of the networks for dispatch is worth."""
_MADE_ANEW = ("format", "format_version", "patrol.features", "pair.features", "value.features", "value.form")


@dataclass(frozen=True, eq=False)
class NetworkArrays:
    """A network of a policy file.

    Attributes
    ----------
    name : str
        "patrol", "pair" or "value".
    task : str
        The decisions that it serves: "patrol", or "dispatch" for the others.
    features : str
        The table of its inputs, such as "candidate/2".
    tensors : mapping of str to array
        As `write_policy` takes them: "0.weight" [out, in], "0.bias" [out], ..., in the file's types; without the
        normalization.
    mean, scale : array [inputs] or None
        The network reads (x - mean) * scale; None: x itself.

    Examples
    --------
    >>> import numpy as np
    >>> from libpatrol import Policy
    >>> from libpatrol.files import read_policy
    >>> network = read_policy(Policy.bundled()).networks["pair"]
    >>> network.task, network.features, network.inputs
    ('dispatch', 'pair/1', 24)
    >>> [weight.shape for weight, bias in network.layers()][-1]
    (1, 32)
    """

    name: str
    task: str
    features: str
    tensors: Mapping[str, NDArray[Any]]
    mean: NDArray[Any] | None = None
    scale: NDArray[Any] | None = None

    @property
    def inputs(self) -> int:
        """Number of features."""
        first = self.tensors["skip.weight"] if self.name == "value" else self.layers()[0][0]
        return int(first.shape[1])

    def layers(self) -> list[tuple[NDArray[Any], NDArray[Any]]]:
        """Return weight [out, in] and bias [out] of each layer of a dense network; a ReLU is between any two.

        Raises
        ------
        ValueError
            For "value", which is no stack of layers.
        """
        if self.name == "value":
            raise ValueError("a value network is no stack of layers: its tensors are skip.weight, hidden.weight, ...")
        numbers = sorted(int(name.partition(".")[0]) for name in self.tensors if name.endswith(".weight"))
        return [(self.tensors[f"{number}.weight"], self.tensors[f"{number}.bias"]) for number in numbers]

    def state(self) -> dict[str, NDArray[Any]]:
        """Return tensors and normalization in one dict, as `write_policy` takes it."""
        normalization = {"mean": self.mean, "scale": self.scale}
        return {**self.tensors, **{name: array for name, array in normalization.items() if array is not None}}


@dataclass(frozen=True, eq=False)
class PolicyArrays:
    """The networks and the metadata of a policy file.

    Attributes
    ----------
    networks : mapping of str to NetworkArrays
        Those that the file has, by name.
    metadata : mapping of str to str
        All of it.
    patrol_most_free_share, dispatch_most_free_share : float
        While a larger share of the units on duty is free, the policy abstains; 1: it never does.
    dispatch_unit : DispatchUnit
        What an output of 1 of `pair` and `value` is worth.

    Examples
    --------
    A policy whose pair network is changed:

    >>> import os, tempfile
    >>> from libpatrol import Policy
    >>> from libpatrol.files import read_policy, write_policy
    >>> policy = read_policy(Policy.bundled())
    >>> state = policy.states()
    >>> state["pair"]["0.bias"] = state["pair"]["0.bias"] * 1.01
    >>> write_policy(os.path.join(tempfile.mkdtemp(), "changed.safetensors"), **state, metadata=policy.provenance)
    """

    networks: Mapping[str, NetworkArrays]
    metadata: Mapping[str, str]
    patrol_most_free_share: float = 1.0
    dispatch_most_free_share: float = 1.0
    dispatch_unit: DispatchUnit = DispatchUnit.MINUTE

    @property
    def provenance(self) -> dict[str, str]:
        """The metadata without what `write_policy` writes by itself, to be passed to it."""
        return {name: value for name, value in self.metadata.items() if name not in _MADE_ANEW}

    def states(self) -> dict[str, Any]:
        """Return each network's `state` by its name, the limits and the unit, as `write_policy` takes them."""
        others = {name: getattr(self, name) for name in (*LIMITS.values(), "dispatch_unit")}
        return {**{name: network.state() for name, network in self.networks.items()}, **others}


def from_tensors(tensors: Mapping[str, NDArray[Any]], metadata: Mapping[str, str]) -> PolicyArrays:
    """Return the arrays of a policy file whose content the library has accepted."""
    networks = {}
    limits = {name: float(tensors[tensor][0]) for tensor, name in LIMITS.items() if tensor in tensors}
    unit = DispatchUnit(int(tensors[UNIT][0])) if UNIT in tensors else DispatchUnit.MINUTE
    tensors = {name: array for name, array in tensors.items() if name not in (*LIMITS, UNIT)}
    for name, task in TASKS.items():
        found = {
            key.removeprefix(f"{name}."): np.asarray(array)
            for key, array in sorted(tensors.items())
            if key.startswith(f"{name}.")
        }
        if found:
            mean, scale = found.pop("mean", None), found.pop("scale", None)
            networks[name] = NetworkArrays(name, task, metadata[f"{name}.features"], found, mean, scale)
    return PolicyArrays(networks, dict(metadata), **limits, dispatch_unit=unit)
