"""The commands that simulate: `scenarios`, `simulate`, `compare`, `best` and `replay`."""

import argparse
import math
from typing import Any

from rich.console import Group
from rich.table import Table

from libpatrol.commands.arguments import HOURS, policies_argument, positive, run_arguments, scenario_arguments
from libpatrol.commands.city_model import compare_city
from libpatrol.commands.city_results import is_city
from libpatrol.commands.console import Console, progress, styled
from libpatrol.commands.mapping_options import add_mapping_arguments, mapping_from
from libpatrol.commands.runs import export, pairs_of, policy_of, replicated
from libpatrol.commands.tables import (
    identity,
    introduce,
    measured,
    repetitions,
    show_comparison,
    show_metrics,
    with_half_width,
)
from libpatrol.lab.metrics import Metrics
from libpatrol.scenario.files import bundled_names, read_description
from libpatrol.scenario.scenario import Scenario
from libpatrol.studies.best import Best, Search, best
from libpatrol.studies.comparison import Comparison
from libpatrol.studies.intervals import paired
from libpatrol.studies.pairs import DISPATCH_POLICIES, PATROL_POLICIES, PolicyPair

_COMPARED = (
    "random_walk+closest_fcfs,stay+closest_fcfs,fixed_posts+priority_closest,"
    "marginal_coverage+minimum_weighted_travel,dmexclp+minimum_weighted_travel"
)


def add_compare(commands: Any) -> None:
    """Add the command to a parser's subparsers."""
    compare = commands.add_parser("compare", help="your city, or a scenario: strategies on the same calls")
    scenario_arguments(compare, city=True)
    policies_argument(compare)
    run_arguments(compare, replications=30)
    compare.add_argument("--beats", metavar="FILE", help="city folder: proposed beats, against those of today")
    compare.add_argument(
        "--surges", action="store_true", help="city folder: let days vary, and surges come, as in the log"
    )
    compare.add_argument("--target", help="city folder: such as 'priority 1: 90 %% within 8 min of the call'")
    compare.set_defaults(run=_compare)


def add_commands(commands: Any) -> None:
    """Add the commands to a parser's subparsers."""
    listing = commands.add_parser("scenarios", help="list the scenarios that come with the package, with their loads")
    listing.set_defaults(run=_scenarios)

    simulate = commands.add_parser(
        "simulate", help="simulate a scenario under a pair of policies and print all measures"
    )
    scenario_arguments(simulate)
    simulate.add_argument("--patrol", default=None, help=f"patrol policy: {', '.join(PATROL_POLICIES)}")
    simulate.add_argument("--dispatch", default=None, help=f"dispatch policy: {', '.join(DISPATCH_POLICIES)}")
    run_arguments(simulate, replications=30)
    simulate.set_defaults(run=_simulate)

    search = commands.add_parser("best", help="find the best pair of heuristics for a scenario on validation seeds")
    scenario_arguments(search)
    search.add_argument("--replications", type=positive, default=100, help="for each pair (default 100)")
    search.add_argument("--hours", type=float, help=HOURS)
    search.add_argument("--threads", type=positive, help="default: one for each processor")
    search.add_argument(
        "--budget",
        type=float,
        default=3e7,
        metavar="EVENTS",
        help="events that tuning the travel limits may take (default 3e7)",
    )
    search.set_defaults(run=_best)

    replay = commands.add_parser("replay", help="what would policies have done with the calls of a log?")
    replay.add_argument("file", help="CSV file")
    replay.add_argument(
        "--format",
        choices=("cobra", "seattle", "csv"),
        default="csv",
        help="crimes in Atlanta, incidents of the Seattle police, or CSV: time, node | x,y, category, ... (default)",
    )
    replay.add_argument("--zone", default="4", help="cobra: first digit of the beats (default 4)")
    replay.add_argument("--area", metavar="SCENARIO", help="csv: scenario whose area, fleet and categories are used")
    add_mapping_arguments(replay)
    replay.add_argument("--units", type=positive, default=5, help="cobra, seattle: units in the field (default 5)")
    replay.add_argument("--load", type=float, help="scale the log to this offered load per unit")
    replay.add_argument("--patrol-speed", type=float, default=8.0, metavar="M/S", help="cobra, seattle (default 8)")
    replay.add_argument(
        "--emergency-speed", type=float, default=12.0, metavar="M/S", help="cobra, seattle (default 12)"
    )
    policies_argument(replay)
    run_arguments(replay, replications=20)
    replay.set_defaults(run=_replay)


def _loaded(options: argparse.Namespace) -> Scenario:
    return Scenario.load(options.scenario, options.load)


def _scenarios(console: Console, options: argparse.Namespace) -> None:
    title = "calls an hour (offered load per unit in the busiest hour)"
    table = Table(title=title, title_justify="left", show_lines=True)
    table.add_column("scenario", min_width=20)
    for column in ("nodes", "units", "travel s"):
        table.add_column(column, justify="right", no_wrap=True)
    table.add_column("loads", no_wrap=True)
    for name in bundled_names():
        wording = read_description(name)[0]
        at = {load: Scenario.load(name, load) for load in wording.loads}
        lines = [f"{load} {offered}: {_volume(at[load])}" for load, offered in wording.loads.items()]
        any_load = at[wording.default_load]
        with any_load.engine() as engine:
            travel = engine.post_seconds(any_load.unit_count)
        size = f"{any_load.area.info.node_count}", f"{any_load.unit_count}", f"{travel:.0f}"
        table.add_row(Group(styled(name, "bold"), wording.description), *size, "\n".join(lines))
    console.print(table)


def _volume(scenario: Scenario) -> str:
    workload = scenario.details.workload
    return "" if workload is None else f"{workload.calls_per_hour:.1f} ({workload.peak_load:.2f})"


def _simulate(console: Console, options: argparse.Namespace) -> None:
    scenario, policy = _loaded(options), policy_of(options)
    rules = scenario.details.rules
    made = {} if policy is None else policy.metadata  # training says which policies belong together
    default = "learned" if policy is not None else None

    def name(kind: str) -> str:
        key = f"{kind}_policy"
        return getattr(options, kind) or rules.get(key) or made.get(key) or default or getattr(PolicyPair, kind)

    pair = PolicyPair(patrol=name("patrol"), dispatch=name("dispatch"), policy=policy)
    introduce(console, scenario)
    results = replicated(console, scenario, [pair], options)
    show_metrics(console, pair.name, results[pair.name], scenario)
    export(scenario, results, options)


def _compare(console: Console, options: argparse.Namespace) -> None:
    if is_city(options.scenario):
        _refuse(options, "a city folder", ("load", "policies", "policy", "hours", "keep", "ray", "csv", "json"))
        compare_city(console, options)
        return
    _refuse(options, "a scenario", ("beats", "target", "surges"))
    scenario = _loaded(options)
    pairs = pairs_of(options, scenario, _COMPARED)
    introduce(console, scenario)
    results = replicated(console, scenario, pairs, options)
    show_comparison(console, Comparison(results), scenario)
    export(scenario, results, options)


def _refuse(options: argparse.Namespace, kind: str, names: tuple[str, ...]) -> None:
    """Raise a ValueError if an option is given that has no meaning for a city folder, or for a scenario."""
    if given := [f"--{name}" for name in names if getattr(options, name) not in (None, False)]:
        raise ValueError(f"{options.scenario} is {kind}: compare it without {', '.join(given)}")


def _replay(console: Console, options: argparse.Namespace) -> None:
    from libpatrol.replay.reports import READERS
    from libpatrol.replay.scenarios import Assumptions, from_csv, from_reports

    assumed = Assumptions(
        units=options.units,
        load=options.load,
        patrol_speed=options.patrol_speed,
        emergency_speed=options.emergency_speed,
        seed=options.seed,
    )
    if options.format == "csv":
        if options.area is None:
            raise ValueError("a log in CSV needs --area SCENARIO, whose area, fleet and categories are used")
        scenario, notes = from_csv(options.file, options.area, assumed, mapping_from(options))
    else:
        settings = {"zone": options.zone} if options.format == "cobra" else {}
        scenario, notes = from_reports(READERS[options.format](options.file, **settings), assumed)
    console.line(("What would these policies have done with these calls?", "bold"))
    console.print(identity(scenario))
    for note in notes:
        console.print(f"- {note}")
    results = replicated(console, scenario, pairs_of(options, scenario, _COMPARED), options)
    notes += _what_varies(results, options.replications)
    console.print(f"- {notes[-1]}")
    show_comparison(console, Comparison(results), scenario)
    export(scenario, results, options, {"notes": notes})


def _what_varies(results: dict[str, list[Metrics]], replications: int) -> list[str]:
    """Return what the intervals of a replayed log cover, as a note."""
    once = [name for name, found in results.items() if len(found) < replications]
    if len(once) == len(results):
        return ["nothing is random in this log under these policies: one run of each, and no intervals"]
    wording = (
        "intervals cover what is unknown about these calls (times on scene that are drawn, random choices of units and "
        "policies), not the calls of another period"
    )
    return [f"{wording}; nothing is random under {', '.join(once)}: one run" if once else wording]


def _best(console: Console, options: argparse.Namespace) -> None:
    scenario = _loaded(options)
    introduce(console, scenario)
    console.print(measured(scenario, options.hours), highlight=False)
    with progress(console) as shown:
        task = shown.add_task("pairs, then travel limits", total=None)
        search = Search(
            scenario,
            replications=options.replications,
            hours=options.hours,
            threads=options.threads,
            done=lambda name: shown.update(task, advance=1, description=name),
        )
        found = best(search, int(options.budget))
    _show_best(console, found, search, int(options.budget))


def _show_best(console: Console, found: Best, search: Search, budget: int) -> None:
    table = Table(
        title=f"weighted wait (weighted calls waiting) on validation seeds; {repetitions(len(search.seeds))}",
        title_justify="left",
    )
    table.add_column("policies")
    table.add_column("weighted wait", justify="right")
    table.add_column("above the first, paired", justify="right")
    for trial in found.trials:
        above = paired(found.trials[0].costs, trial.costs)
        table.add_row(trial.pair.name, with_half_width(trial.cost, 1.0), with_half_width(above, 1.0))
    console.print(table)
    if found.gain is None:
        console.print("no travel limits that help were found")
    else:
        base = 0.01 * found.trials[0].cost.mean
        half = "" if math.isnan(found.gain.half_width) else f" ± {found.gain.half_width / base:.1f}"
        confirmed = "they are set:" if found.tuned is not None else "not confirmed, none are set"
        console.print(
            f"tuned travel limits change the first pair's weighted wait by {found.gain.mean / base:+.1f} %{half} on "
            f"{len(search.fresh_seeds)} seeds that the tuner has not seen: {confirmed}",
        )
    if found.tuned is not None:
        limits = found.tuned.pair.options["hold_travel_seconds"]
        for free, row in enumerate(limits, 1):
            each = (
                f"{name} {'any' if math.isinf(limit) else f'up to {limit:.0f} s'}"
                for name, limit in zip(search.scenario.category_names, row, strict=True)
            )
            more = " or more" if free == len(limits) else ""
            console.print(f"  {free}{more} units free: {', '.join(each)}")
    console.line(
        "best pair: ",
        (found.pair.name, "bold"),
        f"  ({found.events:,} events simulated: {len(found.trials)} pairs, and a budget of {budget:,} for the limits)",
    )
