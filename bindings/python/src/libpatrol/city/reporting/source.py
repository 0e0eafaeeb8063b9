"""What a city folder holds for the report: results of the steps that were done, and what they were made from."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from libpatrol.area import Area
from libpatrol.city.checking import weeks_held_out
from libpatrol.city.comparing import PRACTICE, Strategy, strategies
from libpatrol.city.facts import FROM_FILE
from libpatrol.city.folder import CityFolder
from libpatrol.city.history import History
from libpatrol.city.model import CityModel, model_of
from libpatrol.city.replaying import Played, free_to_patrol
from libpatrol.city.reporting.comparison import StrategyResults
from libpatrol.city.reporting.words import sensitive_categories, strategy_words
from libpatrol.scenario.scenario import Scenario
from libpatrol.studies.pairs import PolicyPair
from libpatrol.training_range import far_from_training


@dataclass
class Source:
    """A city folder for the report; ``sensitive_names`` are categories that are shown only in sums."""

    city: CityFolder
    sensitive_names: Sequence[str] | None = None

    def results(self, step: str) -> dict[str, Any] | None:
        """Return a step's results; None if it has not been done."""
        return self.city.step(step).results if self.city.has_step(step) else None

    @cached_property
    def model(self) -> CityModel | None:
        """The city's model, if ``check`` has made one."""
        return model_of(self.city) if self.city.has_step("check") else None

    @property
    def obstacle_to_check(self) -> str:
        """Why ``check`` cannot be run on the log; "" if it can."""
        try:
            history = History.of(self.city)
            history.split(weeks_held_out(history))
        except ValueError as reason:
            return str(reason)
        return ""

    @property
    def scenario(self) -> Scenario | None:
        """The mean week of the model."""
        return None if self.model is None else self.model.scenario

    @cached_property
    def comparison(self) -> StrategyResults | None:
        """What was measured of each strategy, if strategies were compared."""
        compare = self.results("compare")
        if compare is None:
            return None
        return StrategyResults(compare["rows"])

    @cached_property
    def area(self) -> Area:
        """The area, with demand where it was modeled."""
        return self.city.area() if self.scenario is None else self.scenario.area

    @cached_property
    def beats(self) -> Any:
        """The beats, in the order of the area's."""
        return self.city.beats()

    @cached_property
    def sensitive(self) -> set[str]:
        """Categories that are shown only in sums."""
        names = self.city.category_names
        return {names[k] for k in sensitive_categories(names, self.sensitive_names)}

    @property
    def sensitive_kinds(self) -> set[int]:
        """The model's kinds of calls that are of these categories."""
        assert self.model is not None
        return {k for k, kind in enumerate(self.model.facts.kinds) if kind.category in self.sensitive}

    @property
    def outlines(self) -> list[NDArray[np.float64]]:
        """Boundaries of the beats, the outer ring of each part."""
        shapes = [shape for shape in self.beats.geometry if shape is not None and not shape.is_empty]
        parts = [part for shape in shapes for part in getattr(shape, "geoms", [shape]) if part.geom_type == "Polygon"]
        return [np.asarray(part.exterior.coords)[:, :2] for part in parts]

    @property
    def is_mapped(self) -> bool:
        """Whether streets are those of a file; else they are made from the places of calls."""
        return self.city.facts.streets == FROM_FILE

    @property
    def calls_by_hour(self) -> NDArray[np.float64]:
        """Calls an hour by hour of the week: of the model, else of the log."""
        rates = self.area.arrays.demand_calls_per_hour
        if rates is not None:
            return np.resize(rates.sum((0, 1), dtype=np.float64), 168)
        local = self.city.calls()["received"].dt.tz_convert(self.city.facts.time_zone)
        counts = np.bincount(local.dt.day_of_week * 24 + local.dt.hour, minlength=168)
        weeks = max((local.max() - local.min()).total_seconds() / 604_800, 1.0)
        return np.asarray(counts / weeks)

    @cached_property
    def strategies(self) -> dict[str, Strategy]:
        """The strategies that ``libpatrol compare`` knows now, by name."""
        return {} if self.model is None else {one.name: one for one in strategies(self.model)}

    @property
    def far_from_training(self) -> list[str]:
        """Which of the strategies that were compared are used far from what they were trained for, and how far."""
        told = []
        for name in [] if self.comparison is None or self.model is None else self.comparison.strategies:
            pair = self.strategies[name].pair if name in self.strategies else None
            if pair is None or pair.policy is None or self.model is None:
                continue
            found = far_from_training(pair.policy.metadata, free_to_patrol(self.model).use)
            if found:
                told.append(f'"{strategy_words(name)}" is used far from what it was trained for: {", ".join(found)}')
        return told

    def played(self, name: str) -> Played:
        """Return what is simulated and who decides under the strategy of that name, or the pair patrol+dispatch.

        Raises
        ------
        ValueError
            If there is no such strategy.
        """
        assert self.model is not None
        chosen = self.strategies.get(name) or Strategy(name, "", PolicyPair.parse(name))
        return chosen.played(self.model)

    @property
    def best_strategy(self) -> str:
        """The one with the least weighted wait of those that are still known; current practice if none was compared."""
        found = self.comparison
        names = [] if found is None else [name for name in found.strategies if name in self.strategies]
        waits = {name: found.get(name, "cost_rate").value.mean for name in names} if found is not None else {}
        return min(waits, key=lambda name: waits[name], default=PRACTICE)
