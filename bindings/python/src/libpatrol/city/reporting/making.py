"""The report of a city folder: one HTML file that loads nothing."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from libpatrol import __version__
from libpatrol.area import Area
from libpatrol.city.comparing import PRACTICE, Strategy, strategies
from libpatrol.city.folder import CityFolder
from libpatrol.city.model import CityModel, model_of
from libpatrol.city.replaying import Played
from libpatrol.city.reporting import findings
from libpatrol.city.reporting.comparison import StrategyResults
from libpatrol.city.reporting.drawings import (
    comparison_pictures,
    map_picture,
    staffing_picture,
    training_picture,
    week_picture,
)
from libpatrol.city.reporting.observed import observe
from libpatrol.city.reporting.page import page_text
from libpatrol.city.reporting.shift import record_shift
from libpatrol.city.reporting.shift_content import Names, shift_content
from libpatrol.city.reporting.words import number, plain, sensitive_categories, strategy_words
from libpatrol.scenario.scenario import Scenario
from libpatrol.studies.pairs import PolicyPair

REPORT = "report.html"
_STEPS = {
    "check": "how well demand and current practice are reproduced",
    "compare": "what other strategies would do with the same calls",
    "staff": "how many units reach a target",
    "train": "a strategy trained for this city",
}
_SHIFT_HOURS = 10.0

Progress = Callable[[str], None]


def report(
    folder: str | os.PathLike[str],
    out: str | os.PathLike[str] | None = None,
    *,
    strategy: str | None = None,
    hours: float = _SHIFT_HOURS,
    seed: int = 0,
    sensitive: Sequence[str] | None = None,
    internal: bool = False,
    progress: Progress = lambda _: None,
) -> Path:
    """Write the report of a city folder.

    Parameters
    ----------
    folder : path-like
        The city folder, with the results of the steps that were done.
    out : path-like, optional
        File to write; None: ``report.html`` in the folder.
    strategy : str, optional
        Shown in the shift and the patrol instructions, by its name in the comparison or as patrol+dispatch; None: the
        one with the least weighted wait.
    hours, seed : float, int
        Length of the simulated shift, and the seed of its calls.
    sensitive : sequence of str, optional
        Categories that appear only in sums; None: those whose name says so in English.
    internal : bool
        Show a shift of real calls if the scenario replays a log: for use within the department only.
    progress : callable
        Called with what is done next.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    ValueError
        If ``folder`` is no city folder, or the strategy is unknown.
    """
    source = _Source(CityFolder(folder), sensitive)
    target = source.city.path / REPORT if out is None else Path(out)
    text = _page(source, strategy, hours, seed, internal, progress)
    beside = target.with_name(f".{target.name}.partial")
    beside.write_text(text, encoding="utf-8")
    beside.replace(target)
    return target


@dataclass
class _Source:
    """What a city folder holds for the report."""

    city: CityFolder
    sensitive_names: Sequence[str] | None

    def results(self, step: str) -> dict[str, Any] | None:
        """Return a step's results; None if it has not been done."""
        return self.city.step(step).results if self.city.has_step(step) else None

    @cached_property
    def model(self) -> CityModel | None:
        """The city's model, if ``check`` has made one."""
        return model_of(self.city) if self.city.has_step("check") else None

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
        return StrategyResults(compare["rows"], {"beat": list(self.beats["name"]), "group": self.group_names})

    @property
    def group_names(self) -> list[str]:
        """Names of the population groups, in the order of the area's."""
        streets = self.city.streets
        if streets.node_groups is None or streets.node_beats is None:
            return []
        names = [""] * (int(streets.node_groups.max()) + 1)
        for beat, name in enumerate(self.beats["group"]):
            groups = streets.node_groups[streets.node_beats == beat]
            if len(groups):
                names[int(np.bincount(groups).argmax())] = str(name)
        return [name or f"group {k}" for k, name in enumerate(names)]

    @cached_property
    def area(self) -> Area:
        """The area, with demand where it was modeled."""
        return self.city.area() if self.scenario is None else self.scenario.area

    @cached_property
    def beats(self) -> Any:
        """The beats, in the order of the area's."""
        return self.city.beats()

    @cached_property
    def sensitive(self) -> set[int]:
        """Categories that are shown only in sums."""
        return sensitive_categories(self.city.category_names, self.sensitive_names)

    @property
    def outlines(self) -> list[NDArray[np.float64]]:
        """Boundaries of the beats, the outer ring of each part."""
        shapes = [shape for shape in self.beats.geometry if shape is not None and not shape.is_empty]
        parts = [part for shape in shapes for part in getattr(shape, "geoms", [shape]) if part.geom_type == "Polygon"]
        return [np.asarray(part.exterior.coords)[:, :2] for part in parts]

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

    def played(self, name: str) -> Played:
        """Return what is simulated and who decides under the strategy of that name.

        Raises
        ------
        ValueError
            If there is no such strategy.
        """
        assert self.model is not None
        known = {one.name: one for one in strategies(self.model)}
        chosen = known[name] if name in known else Strategy(name, "", PolicyPair.parse(name))
        return chosen.played(self.model)

    @property
    def best_strategy(self) -> str:
        """The one with the least weighted wait; current practice if nothing was compared."""
        found = self.comparison
        if found is None:
            return PRACTICE
        return min(found.strategies, key=lambda name: found.get(name, "cost_rate").value.mean)


def _page(source: _Source, strategy: str | None, hours: float, seed: int, internal: bool, progress: Progress) -> str:
    results = source.comparison
    check, compare, staff = (source.results(step) for step in ("check", "compare", "staff"))
    page: dict[str, Any] = {"comparison": None, "neighborhoods": None, "plan": None, "shift_note": ""}
    shift = None
    if source.model is not None:
        name = source.best_strategy if strategy is None else strategy
        progress(f"observing {strategy_words(name)}")
        played = source.played(name)
        page["plan"] = findings.patrol_plan(observe(*played, seed=seed), list(source.beats["name"]), name)
        progress("recording a shift")
        shift, page["shift_note"] = _shift(source, name, played, hours, seed, internal)
    if results is not None and compare is not None:
        page["comparison"] = findings.comparison(results, compare["settings"]["hours"] / 24)
        page["neighborhoods"] = findings.neighborhoods(results)
    progress("drawing")
    return page_text(
        page=page | _told(source, check, compare, staff), pictures=_pictures(source, staff), tables=_tables(source),
        shift=shift,
    )  # fmt: skip


def _shift(
    source: _Source, name: str, played: Played, hours: float, seed: int, internal: bool
) -> tuple[dict[str, Any] | None, str]:
    scenario, engine = played
    if scenario.is_log and not internal:
        return None, ""
    shift = record_shift(scenario, engine, hours=hours, seed=seed, sensitive=source.sensitive, internal=internal)
    assert source.model is not None
    units = source.model.facts.units
    names = Names(
        strategy=strategy_words(name),
        units=units or [f"unit {k + 1}" for k in range(scenario.unit_count)],
        categories=scenario.category_names,
        beats=list(source.beats["name"]),
        streets=list(source.city.nodes()["street"]),
    )
    real = "The calls are those of the log: for use within the department only"
    calls = real if scenario.is_log else "The calls are drawn"
    note = (
        f"{hours:g} hours with {scenario.unit_count} units under the strategy: {names.strategy}. {calls}, places are "
        "rounded to the nearest corner. Choose a unit, a call or a decision to see why it was made."
    )
    return shift_content(shift, scenario.area.arrays, names, source.outlines), note


def _told(
    source: _Source, check: dict[str, Any] | None, compare: dict[str, Any] | None, staff: dict[str, Any] | None
) -> dict[str, Any]:
    facts = source.city.facts
    told = [
        sentence
        for result in (staff, compare)
        if result is not None
        for sentence in result["sentences"]
        if not sentence.startswith(f"{result.get('verdict')}:")
    ]
    in_table = f", against {PRACTICE}: "
    assumed = findings.sentences(
        [f"Streets: {facts.streets}."] if facts.streets != "file" else [],
        facts.assumed,
        (check or {}).get("assumed", []),
    )
    read = [
        f"{kind}: {table.get('rows', '?')} rows of {table.get('file', '?')}" for kind, table in facts.sources.items()
    ]
    return {
        "title": f"{facts.name}: patrol and dispatch",
        "subtitle": f"From {', '.join(str(table.get('file', kind)) for kind, table in facts.sources.items())}",
        "verdict": findings.verdict(check),
        "findings": findings.sentences([sentence for sentence in told if in_table not in sentence], most=5),
        "assumed": assumed or ["Nothing beyond what the files say."],
        "unknown": findings.unknown(check),
        "account": _each(read, facts.account),
        "all_findings": _each(told, (check or {}).get("sentences", [])),
        "all_assumed": _each(facts.assumed, (check or {}).get("assumed", [])),
        "missing": [
            f"Not done yet: {what} (libpatrol {step} {source.city.path.name})"
            for step, what in _STEPS.items()
            if not source.city.has_step(step)
        ],
        "made_with": f"Made with libpatrol {__version__}. This file loads nothing from anywhere.",
    }


def _each(*groups: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(plain(sentence) for group in groups for sentence in group))


def _pictures(source: _Source, staff: dict[str, Any] | None) -> list[dict[str, str]]:
    stations = source.beats["station_node"].dropna().to_numpy(dtype=np.int64)
    known = stations[stations >= 0]
    names, outlines = list(source.beats["name"]), source.outlines
    drawn = [map_picture(source.area, names, outlines, known if len(known) else None)]
    drawn.append(week_picture(source.calls_by_hour))
    if source.comparison is not None:
        drawn += comparison_pictures(source.comparison)
    train = source.results("train")
    if train is not None and train.get("outcomes"):
        drawn.append(training_picture(train["outcomes"]))
    if staff is not None and staff.get("curves"):
        drawn.append(staffing_picture(staff))
    return drawn


def _tables(source: _Source) -> list[dict[str, Any]]:
    """Return the calls by category, the sensitive ones in one sum."""
    calls = source.city.calls()
    names = source.city.category_names
    hidden = {names[k] for k in source.sensitive}
    kinds = calls["category"].where(~calls["category"].isin(hidden), f"sensitive types together ({len(hidden)})")
    response = (calls["arrived"] - calls["received"]).dt.total_seconds() / 60
    grouped = response.groupby(kinds.astype(str))
    rows = []
    for name, times in sorted(grouped):
        told = (len(times), 0), (times.notna().sum(), 0), (times.median(), 1), (times.quantile(0.9), 1)
        rows.append({"label": name, "cells": [{"text": number(float(value), digits)} for value, digits in told]})
    columns = ["calls", "with an arrival", "median response (min)", "90 of 100 within (min)"]
    return [{"caption": "Calls of the log by category", "corner": "category", "columns": columns, "rows": rows}]
