"""A city's model: what ``check`` fits to a log and writes, and what the later steps read."""

import dataclasses
import hashlib
import os
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from libpatrol import __version__
from libpatrol.area_arrays import AreaArrays
from libpatrol.city.activity import Activity
from libpatrol.city.folder import STEPS, CityFolder
from libpatrol.city.kinds import Kind
from libpatrol.city.practice import FILE, Practice
from libpatrol.city.surges import Variation
from libpatrol.city.toml_text import toml_text
from libpatrol.files import read_area
from libpatrol.scenario.scenario import Scenario
from libpatrol.scenario.toml_tables import as_table, parse_toml, read_text

if TYPE_CHECKING:
    import geopandas as gpd

MODEL, SCENARIO, AREA = "model.toml", "scenario.toml", "area.safetensors"
MATCHES, DIFFERS, TOO_FEW, NOT_MATCHED = (
    "matches the log", "does not match", "too few calls to tell", "cannot be matched",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class ModelFacts:
    """What ``model.toml`` says, besides tables for readers.

    Attributes
    ----------
    fitted, held_out : str
        The periods, in words.
    held_out_start, held_out_end : float
        Seconds since ``monday``.
    monday : str
        Local date from which a log's seconds count.
    practice_sha256 : str
        Of the practice that the scenario has.
    verdict : str
        "matches the log", "does not match", "too few calls to tell" or "cannot be matched".
    verdict_sentence : str
        By how much, or why not.
    kinds : list of Kind
        Of calls, in the order of the area's categories.
    units : list of str
        Names, in the order of the fleet.
    variation : Variation
        Of the calls around their rates.
    """

    fitted: str
    held_out: str
    held_out_start: float
    held_out_end: float
    monday: str
    practice_sha256: str
    verdict: str = ""
    verdict_sentence: str = ""
    kinds: list[Kind] = field(default_factory=list)
    units: list[str] = field(default_factory=list)
    variation: Variation | None = None

    def text(self, more: dict[str, Any]) -> str:
        """Return the content of ``model.toml``; ``more`` has further tables, for readers."""
        return toml_text({"format": 1, "libpatrol": __version__, **asdict(self), **more})

    @classmethod
    def load(cls, path: Path) -> "ModelFacts":
        """Read ``model.toml``."""
        values = parse_toml(read_text(path), str(path))
        known = {name: values[name] for name in cls.__dataclass_fields__ if name in values}
        known["kinds"] = [as_table(Kind, row, f"{path}: kinds[{k}]") for k, row in enumerate(values.get("kinds", []))]
        known["variation"] = as_table(Variation, values.get("variation", {}), f"{path}: variation")
        return cls(**known)


@dataclass(frozen=True)
class CityModel:
    """A fitted city.

    Attributes
    ----------
    folder : CityFolder
        Whose city it is.
    facts : ModelFacts
        Names, periods, verdict.
    practice : Practice
        How units patrol and are sent today.
    scenario : Scenario
        The mean week, with rules that bind every strategy. Where units return to stations today, these are its patrol
        locations.
    area : AreaArrays
        Streets and demand of the scenario.
    other_beats : GeoDataFrame or None
        Beats that are not the city's own.
    """

    folder: CityFolder
    facts: ModelFacts
    practice: Practice
    scenario: Scenario
    area: AreaArrays
    other_beats: "gpd.GeoDataFrame | None" = field(default=None, compare=False)

    @classmethod
    def load(cls, folder: CityFolder) -> "CityModel":
        """Read what ``check`` wrote.

        Raises
        ------
        ValueError
            If ``check`` has not been done, or ``practice.toml`` was changed since.
        """
        place = folder.step("check").path
        facts = ModelFacts.load(place / MODEL)
        path = folder.path / FILE
        if digest(path) != facts.practice_sha256:
            raise ValueError(f"{path} was changed since the last check: run libpatrol check {folder.path} again")
        return cls.at(folder, place, facts)

    @classmethod
    def at(cls, folder: CityFolder, place: Path, facts: ModelFacts) -> "CityModel":
        """Read the scenario of a folder that may not be the city's own yet."""
        practice = Practice.load(folder.path / FILE)
        return cls(folder, facts, practice, Scenario.load(place / SCENARIO), read_area(place / AREA))

    @cached_property
    def beats(self) -> "gpd.GeoDataFrame":
        """The beats of its area: those of the city, or others."""
        return self.folder.beats() if self.other_beats is None else self.other_beats

    @property
    def digests(self) -> list[str]:
        """What results of the model depend on: digests of its files and of the practice."""
        place = self.folder.step("check").path
        return [*(digest(place / name) for name in (SCENARIO, AREA, MODEL)), self.facts.practice_sha256]

    @property
    def node_beats(self) -> NDArray[np.int32]:
        """Beat of each node, -1 for none: int32 [nodes]."""
        beats = self.area.node_beats
        return np.full(self.area.node_count, -1, np.int32) if beats is None else beats

    @property
    def handling(self) -> NDArray[np.float64]:
        """Handling seconds by priority: float64 [9]; row 0 is not used."""
        return np.array([0.0] + [self.practice.handling(priority) for priority in range(1, 9)])

    def as_logged(self, simulated: Activity) -> Activity:
        """Return what a log would have: calls are received before they can be dispatched, units start after a while.

        The simulated time on scene includes the turn-out, during which the unit is still on its way.
        """
        calls = simulated.calls
        turnout = self.practice.turnout_seconds

        def later(arrived: Any, cleared: Any) -> Any:
            return (arrived + turnout).where(~(arrived + turnout > cleared), cleared)

        received = calls["received"] - self.handling[calls["priority"].to_numpy(np.int64)]
        calls = calls.assign(received=received, arrived=later(calls["arrived"], calls["cleared"]))
        responses = simulated.responses
        responses = responses.assign(arrived=later(responses["arrived"], responses["cleared"]))
        return dataclasses.replace(simulated, calls=calls, responses=responses)

    def varied(self, scenario: Scenario, **changes: Any) -> Scenario:
        """Return a scenario with other arrays or details."""
        details = changes.pop("details", scenario.details)
        area = changes.pop("area", scenario.area)
        return Scenario(area, details, **{**scenario.arrays.fields(), **changes})

    def carried(self) -> dict[str, Any]:
        """Return what every later result repeats: the verdict, and what is assumed."""
        facts = self.folder.facts
        sentences = [f"{self.facts.verdict}: {self.facts.verdict_sentence}"]
        if facts.streets != "file":
            sentences.append(f"streets are {facts.streets}: drives are rough")
        return {
            "libpatrol": __version__,
            "city": facts.name,
            "verdict": self.facts.verdict,
            "verdict_sentence": self.facts.verdict_sentence,
            "fitted": self.facts.fitted,
            "assumed": self.practice.sentences(facts.assumed),
            "sentences": sentences,
        }


def digest(path: Path) -> str:
    """Return the SHA-256 of a file; of nothing if there is none."""
    return hashlib.sha256(path.read_bytes() if path.exists() else b"").hexdigest()


def model_of(folder: str | os.PathLike[str] | CityFolder) -> CityModel:
    """Return the model of a city folder, opened or by path."""
    return CityModel.load(folder if isinstance(folder, CityFolder) else CityFolder(folder))


def step_name(name: str) -> str:
    """Return the sub-folder of a step."""
    return STEPS[name]
