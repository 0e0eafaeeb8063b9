"""Trained networks from a policy file."""

import ctypes
import os
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from libpatrol import _abi as abi
from libpatrol._arrays import address, numbers
from libpatrol._library import call, library
from libpatrol._object import LibraryObject
from libpatrol.enums import Networks

_SUFFIX = ".safetensors"


@dataclass(frozen=True)
class PolicyInfo:
    """What a policy holds and what it needs of an area (0: nothing); `content_hash` is of the file's bytes.

    Examples
    --------
    >>> from libpatrol import Networks, Policy
    >>> Networks.VALUE in Policy.bundled().info.networks
    True
    """

    networks: Networks
    value_is_concave: bool
    requires_categories: int
    requires_area: int
    content_hash: int


class TensorInfo(NamedTuple):
    """Type ("F32", ...) and shape of a tensor in the file.

    Examples
    --------
    >>> from libpatrol import Policy
    >>> Policy.bundled().tensors["pair.0.weight"].dtype
    'F32'
    """

    dtype: str
    shape: tuple[int, ...]


class Policy(LibraryObject):
    """A policy, immutable and shared by threads.

    Attributes
    ----------
    info : PolicyInfo
        Networks and needs.
    tensors : dict of str to TensorInfo
        The tensors of the file.
    metadata : dict of str to str
        The metadata of the file, training provenance among it.

    Examples
    --------
    >>> import numpy as np
    >>> from libpatrol import Networks, Policy
    >>> policy = Policy.bundled()
    >>> policy.metadata["dispatch_policy"]
    'learned'
    >>> policy.evaluate("pair", np.zeros((2, 24))).shape
    (2,)
    """

    def __init__(self, handle: abi.PolicyHandle) -> None:
        super().__init__(handle)
        info = abi.PolicyInfo()
        call(library.policy_get_info, handle, ctypes.byref(info))
        self.info = PolicyInfo(
            networks=Networks(info.networks),
            value_is_concave=bool(info.value_is_concave),
            requires_categories=info.requires_categories,
            requires_area=info.requires_area,
            content_hash=info.content_hash,
        )
        self.tensors = dict(_tensor(handle, index) for index in range(info.tensor_count))
        self.metadata = dict(_metadata(handle, index) for index in range(info.metadata_count))

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> "Policy":
        """Load a policy file."""
        handle = abi.PolicyHandle()
        call(library.policy_load_file, os.fsencode(path), ctypes.byref(handle))
        return cls(handle)

    @classmethod
    def from_bytes(cls, content: bytes) -> "Policy":
        """Load a policy file from memory."""
        handle = abi.PolicyHandle()
        call(library.policy_load_memory, content, len(content), ctypes.byref(handle))
        return cls(handle)

    @classmethod
    def bundled(cls, name: str = "general") -> "Policy":
        """Load a policy that comes with this package, by default the one for any city; metadata say what it is for."""
        return cls.from_bytes((_bundle() / f"{name}{_SUFFIX}").read_bytes())

    @classmethod
    def find(cls, name: str | os.PathLike[str]) -> "Policy":
        """Load the policy file of that path, or the policy of that name that comes with this package."""
        return cls.bundled(str(name)) if str(name) in bundled_policies() else cls.load(name)

    def evaluate(self, network: str, inputs: ArrayLike) -> NDArray[np.float32]:
        """Evaluate one network on a batch.

        Parameters
        ----------
        network : str
            "patrol", "pair" or "value".
        inputs : array_like [rows, 28 | 24 | 64]
            Features of candidate/1 (33 of candidate/2), pair/1 or state/1.

        Returns
        -------
        NDArray
            float32 [rows]; a row's result does not depend on the batch it is in.
        """
        batch = numbers("inputs", inputs, np.float32, (None, None))
        outputs = np.empty(len(batch), np.float32)
        rows, width = batch.shape
        call(library.policy_evaluate, self._handle, network.encode(), rows, width, address(batch), address(outputs))
        return outputs


def bundled_policies() -> list[str]:
    """Return the names of the policies that come with this package."""
    return sorted(entry.name.removesuffix(_SUFFIX) for entry in _bundle().iterdir() if entry.name.endswith(_SUFFIX))


def _bundle() -> Any:
    return files("libpatrol") / "policies"


def _tensor(handle: abi.PolicyHandle, index: int) -> tuple[str, TensorInfo]:
    name, dtype, rank = ctypes.c_char_p(), ctypes.c_char_p(), ctypes.c_uint32()
    shape = (ctypes.c_uint64 * 8)()
    call(
        library.policy_get_tensor,
        handle,
        index,
        ctypes.byref(name),
        ctypes.byref(dtype),
        ctypes.byref(shape),
        ctypes.byref(rank),
    )
    return _text(name), TensorInfo(_text(dtype), tuple(shape[: rank.value]))


def _metadata(handle: abi.PolicyHandle, index: int) -> tuple[str, str]:
    key, value = ctypes.c_char_p(), ctypes.c_char_p()
    call(library.policy_get_metadata, handle, index, ctypes.byref(key), ctypes.byref(value))
    return _text(key), _text(value)


def _text(string: ctypes.c_char_p) -> str:
    return (string.value or b"").decode()
