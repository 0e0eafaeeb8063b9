"""Replications kept in a folder, so that a study that was stopped goes on where it was."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from libpatrol.atomic import write_whole
from libpatrol.lab.metrics import RESPONSE_DTYPE, UNIT_TIMES_DTYPE, Metrics, Response


class KeptReplications:
    """One file for each seed of a policy, in a folder whose name tells what they were made from.

    A file appears whole or not at all, so several processes may keep theirs in the same folder.

    Parameters
    ----------
    folder : Path
        Of the study.
    name : str
        Of scenario and policy, for the eye.
    made_from : mapping
        Everything that results depend on: JSON.
    """

    def __init__(self, folder: Path, name: str, made_from: Mapping[str, Any]) -> None:
        wording = json.dumps(made_from, sort_keys=True)
        self.made_from = json.loads(wording)
        digest = hashlib.sha256(wording.encode()).hexdigest()
        legible = "".join(letter if letter.isalnum() or letter in "+-_." else "_" for letter in name)
        self.folder = folder / f"{legible[:80]}-{digest[:16]}"

    def get(self, seed: int) -> Metrics | None:
        """Return what a seed measured, or None if it is not there.

        Raises
        ------
        ValueError
            If its file is not one that `put` wrote.
        """
        path = self._path(seed)
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            if content["made_from"] != self.made_from:
                raise ValueError("it was made from something else")
            return _metrics(content["metrics"])
        except FileNotFoundError:
            return None
        except (AttributeError, KeyError, TypeError, ValueError) as reason:
            raise ValueError(f"{path} is no kept replication, remove it: {reason}") from reason

    def put(self, seed: int, metrics: Metrics) -> None:
        """Keep what a seed measured."""
        path = self._path(seed)
        path.parent.mkdir(parents=True, exist_ok=True)
        content = {"made_from": self.made_from, "seed": seed, "metrics": _content(metrics)}
        write_whole(path, json.dumps(content) + "\n")

    def _path(self, seed: int) -> Path:
        return self.folder / f"{seed}.json"


def _content(metrics: Metrics) -> dict[str, Any]:
    """Return all fields as JSON, in which every float is exact; JSON's NaN is that of Python."""
    fields = {name: getattr(metrics, name) for name in metrics.__dataclass_fields__}
    tables = {name: value.tolist() for name, value in fields.items() if isinstance(value, np.ndarray)}
    return fields | tables | {"response": asdict(metrics.response)}


def _metrics(content: Mapping[str, Any]) -> Metrics:
    fields = dict(content)
    if fields.keys() != Metrics.__dataclass_fields__.keys():
        raise ValueError(f"it has other fields: {', '.join(sorted(fields.keys() ^ set(Metrics.__dataclass_fields__)))}")
    for name, value in fields.items():
        if isinstance(value, list):
            dtype = UNIT_TIMES_DTYPE if name == "units" else RESPONSE_DTYPE
            fields[name] = np.array([tuple(row) for row in value], dtype)
    return Metrics(**fields | {"response": Response(**fields["response"])})
