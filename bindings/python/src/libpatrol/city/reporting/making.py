"""The report of a city folder: one HTML file that loads nothing."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from libpatrol.atomic import write_whole
from libpatrol.city.folder import CityFolder
from libpatrol.city.replaying import Played
from libpatrol.city.reporting import findings
from libpatrol.city.reporting.details import tables
from libpatrol.city.reporting.drawings import (
    committed_picture,
    comparison_pictures,
    map_picture,
    staffing_picture,
    training_picture,
    week_picture,
)
from libpatrol.city.reporting.observed import observe
from libpatrol.city.reporting.page import page_text
from libpatrol.city.reporting.recording import record_shift
from libpatrol.city.reporting.sentences import told
from libpatrol.city.reporting.shift_content import Names, shift_content
from libpatrol.city.reporting.source import Source
from libpatrol.city.reporting.words import strategy_words

REPORT = "report.html"
_SHIFT_HOURS = 10.0

Progress = Callable[[str, float], None]
"""Is told what is done now, and which share of the work is behind."""

_OBSERVED, _RECORDED, _DRAWN = 0.4, 0.85, 0.97
"""Shares of the work that are behind after a part of it, about."""


def report(
    folder: str | os.PathLike[str],
    out: str | os.PathLike[str] | None = None,
    *,
    strategy: str | None = None,
    hours: float = _SHIFT_HOURS,
    seed: int = 0,
    sensitive: Sequence[str] | None = None,
    internal: bool = False,
    progress: Progress = lambda doing, share: None,
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
        Called with what is done next, and the share of the work that is done.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    ValueError
        If ``folder`` is no city folder, or the strategy is unknown.
    """
    source = Source(CityFolder(folder), sensitive)
    target = source.city.path / REPORT if out is None else Path(out)
    write_whole(target, _page(source, strategy, hours, seed, internal, progress))
    return target


def _page(source: Source, strategy: str | None, hours: float, seed: int, internal: bool, progress: Progress) -> str:
    results = source.comparison
    compare = source.results("compare")
    page: dict[str, Any] = {"comparison": None, "neighborhoods": None, "plan": None, "shift_note": ""}
    shift = None
    if source.model is not None:
        name = source.best_strategy if strategy is None else strategy
        doing = f"observing {strategy_words(name)}"
        progress(doing, 0.0)
        played = source.played(name)
        free = observe(*played, seed=seed, tell=lambda share: progress(doing, _OBSERVED * share))
        matched = source.model.facts.verdict
        page["plan"] = findings.patrol_plan(free, list(source.beats["name"]), name, findings.has_room(results), matched)
        shift, page["shift_note"] = _shift(source, name, played, hours, seed, internal, progress)
    if results is not None and compare is not None:
        page["comparison"] = findings.comparison(results, compare["settings"]["hours"] / 24)
        page["neighborhoods"] = findings.neighborhoods(results)
    progress("drawing", _RECORDED)
    pictures = _pictures(source)
    progress("writing", _DRAWN)
    return page_text(page=page | told(source), pictures=pictures, tables=tables(source), shift=shift)


def _shift(
    source: Source, name: str, played: Played, hours: float, seed: int, internal: bool, progress: Progress
) -> tuple[dict[str, Any] | None, str]:
    scenario, engine = played
    if scenario.is_log and not internal:
        return None, ""
    shift = record_shift(
        scenario, engine, hours=hours, seed=seed, sensitive=source.sensitive_kinds, internal=internal,
        tell=lambda share: progress("recording a shift", _OBSERVED + (_RECORDED - _OBSERVED) * share),
    )  # fmt: skip
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
    made = "" if source.is_mapped else " Streets are made from the places of calls."
    most, count = shift.most_on_duty, scenario.unit_count
    units_shown = f"{count} units" if most == count else f"{count} units, up to {most} on duty at a time,"
    note = (
        f"{hours:g} hours with {units_shown} under the strategy: {names.strategy}. {calls}, places are "
        "rounded to the nearest corner. Choose a unit, a call or a decision to see the reasons."
        f"{made}"
    )
    return shift_content(shift, scenario.area.arrays, names, source.outlines), note


def _pictures(source: Source) -> list[dict[str, str]]:
    stations = source.beats["station_node"].dropna().to_numpy(dtype=np.int64)
    known = stations[stations >= 0]
    names, outlines = list(source.beats["name"]), source.outlines
    drawn = [map_picture(source.area, names, outlines, known if len(known) else None, source.is_mapped)]
    drawn.append(week_picture(source.calls_by_hour))
    if source.comparison is not None:
        drawn += comparison_pictures(source.comparison)
    train, staff = source.results("train"), source.results("staff")
    if train is not None and train.get("outcomes"):
        drawn.append(training_picture(train["outcomes"]))
    if staff is not None:
        drawn.append(committed_picture(staff))
        if staff["curves"]:
            drawn.append(staffing_picture(staff))
    return drawn
