"""The step ``staff``: other hours for the same units, and units for a target, found on common random numbers."""

import dataclasses
import os
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from libpatrol.city.committed import BENCHMARK, busiest, committed_time
from libpatrol.city.folder import CityFolder
from libpatrol.city.history import History
from libpatrol.city.kept import Kept, Tell
from libpatrol.city.model import model_of
from libpatrol.city.outcomes import rows_of, summary
from libpatrol.city.practice import Practice
from libpatrol.city.results import beat_layer, write_map, write_results
from libpatrol.city.schedule_search import Judge, fewest_units, other_hours
from libpatrol.city.schedules import Schedule, expected_wait, today
from libpatrol.city.targets import DEFAULT, Target, targets_of

_YEAR_DAYS = 365.25


def staff(
    folder: str | os.PathLike[str] | CityFolder,
    *,
    target: str = DEFAULT,
    tour_hours: int = 8,
    start_every: int = 2,
    replications: int = 6,
    most_units: int | None = None,
    surges: bool = False,
    threads: int | None = None,
    tell: Tell | None = None,
) -> dict[str, Any]:
    """Find hours and numbers of units by simulation of a city's model under current practice.

    Parameters
    ----------
    folder : path-like or CityFolder
        After ``check``.
    target : str
        Such as "priority 1: 90 % within 8 min of the call"; several with semicolons between them.
    tour_hours : int
        Length of a tour of duty, 4 to 12.
    start_every : int
        Tours may start at every so many hours from midnight, and when they start today.
    replications : int
        Weeks on which schedules are searched; as many fresh ones judge what was found.
    most_units : int, optional
        Tours a day that the search may not exceed. Default: twice today's, and ten.
    surges : bool
        Whether days vary, and surges come, as measured in the log.
    threads : int, optional
        Default: one for each processor.
    tell : callable, optional
        Is told about progress: what, pieces done, pieces in all.

    Returns
    -------
    dict
        Content of ``staff/results.json``.
    """
    if not 4 <= tour_hours <= 12 or not 1 <= start_every <= 24:
        raise ValueError(f"tour_hours is {tour_hours} and start_every {start_every}, expected 4 to 12 and 1 to 24")
    if replications < 2:
        raise ValueError(f"replications is {replications}, expected 2 at least, for intervals")
    model, targets = model_of(folder), targets_of(target)
    city = model.folder
    kept = Kept(city, "staff", [*model.digests, target, tour_hours, start_every, surges])
    judge = Judge(model, targets, kept, replications, surges, threads, tell)
    present = today(model, tour_hours)
    hours = sorted({*range(0, 24, start_every), *(hour for hour, _ in present.starts)})
    moved = other_hours(judge, present, hours)
    found = fewest_units(judge, moved, hours, most_units or 2 * present.units + 10)
    options = {"today": present, "same units, other hours": moved, "for the target": found.schedule}
    fresh = {name: judge.fresh(schedule) for name, schedule in options.items()}
    table = committed_time(model, History.of(city))
    summaries = {name: summary(own, None if name == "today" else fresh["today"]) for name, own in fresh.items()}
    fewer = _one_fewer(judge, found.schedule)
    travel = summaries["today"]["all"]["travel_seconds_mean"]["mean"]
    results = model.carried() | {
        "targets": [str(one) for one in targets],
        "target": dataclasses.asdict(targets[0]),
        "curves": [_curve(judge, found.schedule, hours)],
        "target_met": found.is_met,
        "tour_hours": tour_hours,
        "replications": replications,
        "benchmark_share_time_committed": BENCHMARK,
        "share_time_committed_by_hour": table["share_time_committed"].tolist(),
        "options": [
            {"name": name, **_people(schedule, model.practice), **summaries[name],
             "erlang_c_share_waiting": expected_wait(model, schedule, travel)[0]}
            for name, schedule in options.items()
        ],
        "one_unit_fewer": fewer,
    }  # fmt: skip
    results["sentences"] = [
        *results["sentences"],
        *busiest(table),
        *_sentences(options, summaries, targets, found.is_met, model.practice),
        *_cost_of_one(fewer, targets),
        _checked(results["options"][0]),
    ]
    rows = pd.DataFrame([row for name in summaries for row in rows_of(name, summaries[name])])
    schedules = pd.DataFrame(
        [
            {"option": name, "hour": hour, "units_starting": int(starting), "units_on_duty": int(on_duty)}
            for name, one in options.items()
            for hour, (starting, on_duty) in enumerate(zip(one.counts, one.on_duty, strict=True))
        ]
    )
    with city.write_step("staff") as step:
        tables = {"committed": table, "staffing": rows, "schedules": schedules, "search": judge.table()}
        write_results(step, "results.json", results, tables)
        write_map(step, {name: beat_layer(model.beats, found["beat"]) for name, found in summaries.items()})
    kept.forget()
    return results


def _people(schedule: Schedule, practice: Practice) -> dict[str, Any]:
    """Return a schedule with the officers that it takes."""
    relief = _YEAR_DAYS * schedule.tour_hours / practice.officer_hours_per_year
    return {
        "tours": [{"start_hour": hour, "units": units} for hour, units in schedule.starts],
        "tours_per_day": schedule.units,
        "unit_hours_per_day": schedule.unit_hours,
        "relief_factor": relief,
        "officers": int(np.ceil(schedule.units * relief * practice.officers_per_unit)),
    }


def _curve(judge: Judge, schedule: Schedule, hours: Sequence[int]) -> dict[str, Any]:
    """Return the share of the first target's calls in time with up to two tours a day fewer, or more."""
    line = [schedule]
    for _ in range(2):
        fewer = [line[0].changed(hour, -1) for hour, _ in line[0].starts]
        line = [*judge.proposed([one for one in fewer if one.units])[:1], *line]
        line = [*line, *judge.proposed([line[-1].changed(hour, 1) for hour in hours])[:1]]
    priority = str(judge.targets[0].priority)
    classes = [summary(judge.fresh(one))["priority"].get(priority, {}) for one in line]
    found = [measures.get("share_within_target") for measures in classes]
    known = [(one.units, told) for one, told in zip(line, found, strict=True) if told is not None]
    return {
        "name": "tours a day",
        "units": [units for units, _ in known],
        "share_within_target": [told["mean"] for _, told in known],
        "intervals": [told["interval"] for _, told in known],
    }


def _one_fewer(judge: Judge, schedule: Schedule) -> list[dict[str, Any]]:
    """Return what one unit fewer costs, tour by tour, on fresh seeds."""
    reference = judge.fresh(schedule)
    found = []
    for hour, _ in schedule.starts:
        told = summary(judge.fresh(schedule.changed(hour, -1)), reference)
        found.append({"start_hour": hour, "all": told["all"], "priority": told["priority"]})
    return found


def _sentences(
    options: dict[str, Schedule],
    found: dict[str, Any],
    targets: Sequence[Target],
    is_met: bool,
    practice: Practice,
) -> list[str]:
    told = []
    for name, schedule in options.items():
        people = _people(schedule, practice)
        shares = "; ".join(f"{target}: {_share(found[name], target)}" for target in targets)
        told.append(
            f"{name}: {schedule} ({people['tours_per_day']} tours a day, {people['officers']} officers with a relief "
            f"factor of {people['relief_factor']:.2f}). {shares}"
        )
    if not is_met:
        told.append("no schedule that was tried meets the target: more units do not help, or the limit is reached")
    return told


def _share(found: dict[str, Any], target: Target) -> str:
    share = found["priority"].get(str(target.priority), {}).get("share_within_target")
    if share is None:
        return "no such calls"
    low, high = np.clip(share["interval"], 0, 1)
    return f"{100 * share['mean']:.1f} % ({100 * low:.1f} to {100 * high:.1f})"


def _cost_of_one(fewer: Sequence[dict[str, Any]], targets: Sequence[Target]) -> list[str]:
    told = []
    for row in fewer:
        parts = []
        for target in targets:
            share = row["priority"].get(str(target.priority), {}).get("share_within_target")
            if share is not None:
                low, high = share["difference_interval"]
                parts.append(
                    f"priority {target.priority} in time {100 * share['difference']:+.1f} points "
                    f"({100 * low:+.1f} to {100 * high:+.1f})"
                )
        longest = row["all"]["response_seconds_p90"]["difference"] / 60
        parts.append(f"90 % of all calls reached {longest:+.1f} min later")
        told.append(f"one unit fewer from {row['start_hour']:02d}:00: {', '.join(parts)}")
    return told


def _checked(option: dict[str, Any]) -> str:
    simulated = option["all"]["share_waiting"]["mean"]
    return (
        f"check: today {100 * simulated:.1f} % of the calls wait for a free unit in the simulation, "
        f"{100 * option['erlang_c_share_waiting']:.1f} % by M/M/c hour by hour, which knows neither beats, holds, "
        "other work nor calls for several units"
    )
