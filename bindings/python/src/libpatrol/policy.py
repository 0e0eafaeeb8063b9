"""Trained networks from a policy file."""

import ctypes
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from libpatrol._native import abi
from libpatrol._native.arrays import as_bytes, numbers, passed, text
from libpatrol._native.handles import Fixed, SharedObject
from libpatrol._native.library import call, file_content, library, told_of
from libpatrol.enums import DispatchUnit, Networks

_SUFFIX = ".safetensors"
_FLOAT = np.dtype(np.float32)
_ROWS = (None, None)


@dataclass(frozen=True)
class PolicyInfo:
    """What a policy holds and what it requires of an area (0: nothing); `content_hash` is of the file's bytes.

    An output of 1 of its networks for dispatch is worth a mean call's waiting for `dispatch_unit`.

    While more than the share `patrol_most_free_share` or `dispatch_most_free_share` of the units on duty is free, the
    policy abstains: patrol is then `backup_coverage`, dispatch `minimum_weighted_travel`. 1: it never does.

    Examples
    --------
    >>> from libpatrol import Policy
    >>> from libpatrol.enums import DispatchUnit, Networks
    >>> Networks.VALUE in Policy.bundled().info.networks
    True
    """

    networks: Networks
    value_is_concave: bool
    requires_categories: int
    requires_area: int
    content_hash: int
    patrol_most_free_share: float = 1.0
    dispatch_most_free_share: float = 1.0
    dispatch_unit: DispatchUnit = DispatchUnit.MINUTE


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


class Policy(SharedObject):
    """A policy, immutable and shared by threads. It keeps the bytes of its file, so that it can be pickled.

    Parameters
    ----------
    content : bytes
        Bytes of a policy file; `load` takes its path.

    Attributes
    ----------
    info : PolicyInfo
        Networks and requirements.

    Examples
    --------
    >>> import numpy as np
    >>> from libpatrol import Policy
    >>> from libpatrol.enums import DispatchUnit, Networks
    >>> policy = Policy.bundled()
    >>> policy.metadata["dispatch_policy"]
    'learned'
    >>> policy.evaluate("pair", np.zeros((2, 24))).shape
    (2,)
    """

    info: Fixed[PolicyInfo] = Fixed()

    def __init__(self, content: bytes) -> None:
        handle = abi.PolicyHandle()
        self._file = as_bytes(content)
        call(library.policy_load_memory, self._file, len(self._file), ctypes.byref(handle))
        super().__init__(handle)
        info = abi.PolicyInfo()
        call(library.policy_get_info, handle, ctypes.byref(info))
        self.info = PolicyInfo(
            networks=Networks(info.networks),
            value_is_concave=bool(info.value_is_concave),
            requires_categories=info.requires_categories,
            requires_area=info.requires_area,
            content_hash=info.content_hash,
            patrol_most_free_share=info.patrol_most_free_share,
            dispatch_most_free_share=info.dispatch_most_free_share,
            dispatch_unit=DispatchUnit(info.dispatch_unit),
        )
        self._tensors = dict(_tensor(handle, index) for index in range(info.tensor_count))
        self._metadata = dict(_metadata(handle, index) for index in range(info.metadata_count))

    @property
    def content(self) -> bytes:
        """The bytes of the file."""
        self._handle  # noqa: B018, a closed policy refuses this too
        return self._file

    @property
    def tensors(self) -> dict[str, TensorInfo]:
        """The tensors of the file by name."""
        return dict(self._tensors)

    @property
    def metadata(self) -> dict[str, str]:
        """The metadata of the file, including training provenance."""
        return dict(self._metadata)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> "Policy":
        """Load a policy file."""
        content = file_content(library.policy_load_file, path, ctypes.byref(abi.PolicyHandle()))
        with told_of(path):
            return cls(content)

    @classmethod
    def from_bytes(cls, content: bytes) -> "Policy":
        """Load a policy file from memory."""
        return cls(content)

    def _content(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return type(self), (self._file,)

    @classmethod
    def bundled(cls, name: str = "general") -> "Policy":
        """Load a policy that comes with this package, default: the one for any city; metadata say what it is for."""
        if name not in bundled_policies():
            raise ValueError(f"the package has no policy {name}, expected one of {', '.join(bundled_policies())}")
        return cls.from_bytes((_bundle() / f"{name}{_SUFFIX}").read_bytes())

    @classmethod
    def find(cls, name: str | os.PathLike[str]) -> "Policy":
        """Load the policy file at a path, or the policy of that name that comes with this package."""
        if str(name) in bundled_policies():
            return cls.bundled(str(name))
        if not os.path.exists(name):
            known = ", ".join(bundled_policies())
            raise ValueError(f"there is no policy file {name}, nor a policy of that name in the package: {known}")
        return cls.load(name)

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
        batch = numbers("inputs", inputs, _FLOAT, _ROWS)
        rows, width = batch.shape
        outputs = np.empty(rows, _FLOAT)
        name = text("network", network)
        call(library.policy_evaluate, self._handle, name, rows, width, passed(batch), passed(outputs))
        return outputs


def bundled_policies() -> list[str]:
    """Return the names of the policies that come with this package."""
    return sorted(entry.name.removesuffix(_SUFFIX) for entry in _bundle().iterdir() if entry.name.endswith(_SUFFIX))


def _bundle() -> Any:
    from importlib.resources import files  # which loads what zip archives and temporary files need

    return files("libpatrol") / "data" / "policies"


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
