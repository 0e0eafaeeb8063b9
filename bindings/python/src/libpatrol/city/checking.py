"""The step ``check``: how well current practice is reproduced on weeks to which nothing was fitted."""

import dataclasses
import math
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from libpatrol.city import fitting
from libpatrol.city.activity import Activity
from libpatrol.city.folder import CityFolder
from libpatrol.city.found_practice import found_practice
from libpatrol.city.history import WEEK, History
from libpatrol.city.kept import Kept, Tell, done
from libpatrol.city.measures import (
    LEAST_CALLS,
    MISSING,
    TOLERANCE,
    TOLERANCE_SECONDS,
    Period,
    joined,
    period,
)
from libpatrol.city.model import (
    CityModel,
    ModelFacts,
    digest,
)
from libpatrol.city.practice import FILE, Practice
from libpatrol.city.replaying import as_today, categories_of, expected_calls, replayed, run
from libpatrol.city.results import beat_layer, write_map, write_results
from libpatrol.city.travel import NO_WEEKS, TravelByHour, travel_by_hour
from libpatrol.city.verdict import comparisons, is_headline, lacking_in, verdict_on

if TYPE_CHECKING:
    import geopandas as gpd

_MOST_WEEKS = 4
_TRAVEL_REPLICATIONS = 2
_MOST_TRAVEL_WEEKS = 12
"""Of the weeks that are fitted, the last ones by whose drives travel is fitted."""


def check(
    folder: str | os.PathLike[str] | CityFolder,
    *,
    held_out_weeks: int | None = None,
    replications: int = 10,
    threads: int | None = None,
    tell: Tell | None = None,
) -> dict[str, Any]:
    """Fit a city's model, replay held-out weeks under current practice, and compare them with the log.

    The first call drafts ``practice.toml`` in the folder, which the analyst corrects before the next one.

    Parameters
    ----------
    folder : path-like or CityFolder
        The city.
    held_out_weeks : int, optional
        The last full weeks of the log. Default: a fourth of them, 1 to 4.
    replications : int
        Of the held-out weeks: times on scene and other work are drawn.
    threads : int, optional
        Default: one for each processor.
    tell : callable, optional
        Is told about progress: what, pieces done, pieces in all.

    Returns
    -------
    dict
        Content of ``model/check.json``.

    Raises
    ------
    ValueError
        If the log is too short, or the practice is not one that the engine can express.
    """
    city = folder if isinstance(folder, CityFolder) else CityFolder(folder)
    history = History.of(city)
    weeks = held_out_weeks or weeks_held_out(history)
    fitted_part, held_out = history.split(weeks)
    fitted = fitting.fit(city, fitted_part)
    found = found_practice(fitted_part, city.category_names, city.facts.settings.turnout_seconds)
    path = city.path / FILE
    if not path.exists():
        draft = found.practice
        if fitted.fleet is None:
            draft = draft.with_units(fitting.units_needed(fitted))
        path.write_text(draft.text(found.sentences), encoding="utf-8")
    practice = Practice.load(path)
    fleet = fitting.fleet_for(fitted, practice, city, fitted_part)
    facts: dict[str, Any] = {
        "fitted": _spoken(history, fitted_part.start, fitted_part.end),
        "held_out": _spoken(history, held_out.start, held_out.end),
        "held_out_start": held_out.start,
        "held_out_end": held_out.end,
        "monday": f"{history.monday:%Y-%m-%d}",
        "practice_sha256": digest(path),
        "kinds": fitted.kinds,
        "units": fleet.names,
        "variation": fitted.variation,
    }
    made_from = [digest(city.path / "calls.parquet"), digest(city.path / "responses.parquet"), facts["practice_sha256"]]
    kept = Kept(city, "check", [*made_from, weeks, replications])
    with city.write_step("check") as place:
        fitting.write_model(place, city, fitted, fleet, practice, ModelFacts(**facts))
        model = CityModel.at(city, place, ModelFacts(**facts))
        travel = _travel(model, history, fitted_part, kept, threads, tell)
        fitting.write_model(place, city, fitted, fleet, practice, ModelFacts(**facts), travel)
        model = CityModel.at(city, place, ModelFacts(**facts))
        log, simulated = _both(model, history, held_out, replications, kept, threads, tell)
        rows = comparisons(log, simulated, city)
        lacking = lacking_in(city, rows, fitted)
        verdict, sentence = verdict_on(rows, lacking)
        told = ModelFacts(**facts, verdict=verdict, verdict_sentence=sentence)
        model = dataclasses.replace(model, facts=told)
        fitting.write_model(place, city, fitted, fleet, practice, model.facts, travel)
        results = _results(model, history, fitted, rows, [*found.sentences, travel.sentence], practice)
        write_results(place, "check.json", results, {"check": rows, "service": _service_table(fitted)})
        write_map(place, {"check": _map_layer(city, rows)})
    kept.forget()
    return results


def weeks_held_out(history: History) -> int:
    """Return how many weeks are held out if nothing else is asked for."""
    return max(1, min(_MOST_WEEKS, len(history.full_weeks) // 4))


def _spoken(history: History, start: float, end: float) -> str:
    first, last = (history.monday + pd.Timedelta(seconds=seconds) for seconds in (start, end - 86_400))
    return f"{first:%Y-%m-%d} to {last:%Y-%m-%d}"


def _travel(
    model: CityModel, history: History, fitted: History, kept: Kept, threads: int | None, tell: Tell | None
) -> TravelByHour:
    """Fit travel by hour to the last full weeks of the part of the log that is fitted, all hours being alike so far."""
    weeks = fitted.full_weeks[-_MOST_TRAVEL_WEEKS:]
    if not weeks:
        return NO_WEEKS
    part = fitted.within(weeks[0] * WEEK, (weeks[-1] + 1) * WEEK)
    log, simulated = _periods(model, history, part, _TRAVEL_REPLICATIONS, "fitted weeks", kept, threads, tell)
    return travel_by_hour(log, simulated, model.practice.turnout_seconds)


def _periods(
    model: CityModel,
    history: History,
    part: History,
    replications: int,
    name: str,
    kept: Kept,
    threads: int | None,
    tell: Tell | None,
) -> tuple[Period, Period]:
    """Return full weeks as the log and as the simulation of their calls under current practice have them."""
    scenario, days = replayed(model, history, part)
    sizes = days, scenario.area.info.beat_count, len(model.folder.category_names)
    log = period(part.activity.moved(-part.start), *sizes)
    played = as_today(model, scenario)

    def job(seed: int) -> Any:
        return lambda: period(_by_category(run(model, played, seed, days), model), *sizes).as_json()

    jobs = [(f"{name}, seed {seed}", job(seed)) for seed in range(replications)]
    parts = done(jobs, kept, f"{name} under current practice", tell, threads)
    return log, joined([Period.of_json(part) for part in parts])


def _both(
    model: CityModel,
    history: History,
    held_out: History,
    replications: int,
    kept: Kept,
    threads: int | None,
    tell: Tell | None,
) -> tuple[Period, Period]:
    """Return the held-out weeks as the log and as the simulation have them, with the calls that the model expects."""
    log, simulated = _periods(model, history, held_out, replications, "held-out weeks", kept, threads, tell)
    days = log.days
    expected = expected_calls(model, days)
    for grouping, table in (
        ("all", expected.by_beat.sum((1, 2))[None]),
        ("hour", expected.by_beat.sum(2).T),
        ("beat", expected.by_beat.sum(1).T[:-1]),
        ("category", expected.by_category.T),
    ):
        simulated.sums["calls_per_day", grouping] = table, np.ones(table.shape)
    return log, simulated


def _by_category(simulated: Activity, model: CityModel) -> Activity:
    """Return an activity whose calls have the city's category, not the model's kind."""
    category = categories_of(model)[simulated.calls["category"].to_numpy(np.int64)]
    return dataclasses.replace(simulated, calls=simulated.calls.assign(category=category))


def _no_turnout(rows: pd.DataFrame) -> str:
    """Return why no turn-out delay is simulated."""
    travel = rows[(rows["by"] == "all") & (rows["quantity"] == "travel_seconds")]
    if (travel["status"] == MISSING).all():
        return "no turn-out delay: the log has no travel times that could tell it"
    return "no turn-out delay: where units were not on the road, the log has it in their travel times"


def _map_layer(city: CityFolder, rows: pd.DataFrame) -> "gpd.GeoDataFrame":
    """Return the beats with the log and the simulation side by side."""
    of_beats = rows[rows["by"] == "beat"]
    found: dict[str, Any] = {}
    for row in of_beats.to_dict("records"):
        for source in ("log", "simulated"):
            found.setdefault(row["group"], {})[f"{row['quantity']}_{source}"] = {"mean": row[source]}
    return beat_layer(city.beats(), found)


def _service_table(fitted: fitting.Fitted) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {"kind": kind.name, "calls": time.calls, "form": time.service, "mean_seconds": time.mean_seconds,
             "variation": time.variation, "units": kind.units, "priority": kind.priority}
            for kind, time in zip(fitted.kinds, fitted.service, strict=True)
        ]
    )  # fmt: skip


def _results(
    model: CityModel,
    history: History,
    fitted: fitting.Fitted,
    rows: pd.DataFrame,
    found: Sequence[str],
    practice: Practice,
) -> dict[str, Any]:
    headlines = rows[is_headline(rows)]
    sentences = [f"{model.facts.verdict}: {model.facts.verdict_sentence}"]
    gaps = len(history.gaps)
    if gaps:
        sentences.append(f"{gaps} day{'s' * (gaps > 1)} with hours for which the log lacks all calls: left out")
    sentences += [*found, *fitted.variation.sentences()]
    if practice.turnout_seconds == 0:
        sentences.append(_no_turnout(rows))
    carried = model.carried()
    return carried | {
        "sentences": sentences + carried["sentences"][1:],
        "held_out": model.facts.held_out,
        "tolerance_share": TOLERANCE,
        "tolerance_seconds": TOLERANCE_SECONDS,
        "least_calls": LEAST_CALLS,
        "headlines": [
            {
                "quantity": row["quantity"],
                "priority": int(row["group"]) if row["by"] == "priority" else None,
                "log": row["log"],
                "simulated": row["simulated"],
                "difference_percent": row["difference_percent"],
                "interval_percent": [row["low_percent"], row["high_percent"]],
                "calls": None if row["calls"] == math.inf else row["calls"],
                "status": row["status"],
            }
            for _, row in headlines.iterrows()
        ],
        "units": len(model.facts.units),
        "calls_per_hour": float(fitted.demand.rates.sum((0, 1)).mean()),
        "other_work_hours_per_day": float((fitted.work.per_hour.mean() * 24) * fitted.work.mean_seconds / 3600),
        "day_variance_ratio": fitted.variation.day_ratio,
        "hour_variance_ratio": fitted.variation.hour_ratio,
        "surges_per_week": fitted.variation.surges_per_week,
    }
