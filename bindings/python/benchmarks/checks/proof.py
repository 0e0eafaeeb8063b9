"""Proves random decisions under every rule: HiGHS on the same program, the rules and the objective in numpy.

    bindings/python/run python -m benchmarks.checks.proof [--instances N] [--large N] [--seed N]

Writes proof.md beside this file; ends with status 1 where a decision is wrong.
"""

import argparse
import sys
import tempfile
from collections import Counter
from pathlib import Path

from benchmarks.pages import page, table
from reference.instances import KINDS, Instance, instances
from reference.proof import TOLERANCE, faults

HERE = Path(__file__).resolve().parent
SMALL, LARGE = (10, 8), (16, 12)
BY_TOLERANCE = "tolerance of HiGHS"
ABOUT = f"""\
Every decision is taken without a deadline at gap 0 and then checked: HiGHS (gap 0, tolerances 1e-9) solves the LP text
of its program, and objectives agree to {TOLERANCE:g} relative; the bound is not below HiGHS's optimum (1e-9
relative); rules written from the header's wording hold, waits and travel times are right, and numpy computes the same
objective from features and networks. Where HiGHS is above or below, its binaries are rounded and the program is
solved once more, which tells its tolerance from a wrong answer.

Decisions have 0 … 10 units and 0 … 8 calls, the large ones (--large) up to 16 and 12; networks have 1 … 32 hidden
units, in a quarter of them an anchor block too; each rule is switched on and off at random."""
RULES = {
    "never hold by priority": lambda o: o.never_hold_priority > 0,
    "longest hold": lambda o: min(o.longest_hold_seconds) < float("inf"),
    "strict priority": lambda o: o.strict_priority,
    "maximum travel": lambda o: o.maximum_travel_seconds < float("inf"),
    "shift end margin": lambda o: o.shift_end_margin_seconds > 0,
    "own beat, penalty": lambda o: 0 < o.own_beat_penalty_seconds < float("inf"),
    "own beat, restriction": lambda o: o.own_beat_penalty_seconds == float("inf"),
    "reserve, hard": lambda o: o.reserve_per_beat > 0 and o.reserve_price == float("inf"),
    "reserve, priced": lambda o: o.reserve_per_beat > 0 and o.reserve_price < float("inf"),
    "limits while few units are free": lambda o: o.hold_travel_seconds is not None,
    "preemption": lambda o: o.preemption is not None,
}
CALLS = {
    "calls that take all or none": lambda calls: (calls["flags"] == 1).any(),
    "calls that need capabilities": lambda calls: calls["needs"]["required"].any(),
    "calls with some units assigned": lambda calls: (calls["units_assigned"] > 0).any(),
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--instances", type=int, default=10_000)
    parser.add_argument("--large", type=int, default=1_000, help="of up to 16 units and 12 calls (default 1,000)")
    parser.add_argument("--seed", type=int, default=1_000)
    options = parser.parse_args()
    seen: Counter[str] = Counter()
    wrong, by_tolerance = [], []
    with tempfile.TemporaryDirectory() as directory:
        work = Path(directory)
        for seed, count, most in ((options.seed, options.instances, SMALL), (options.seed + 1, options.large, LARGE)):
            for index, instance in enumerate(instances(seed, count, work, most)):
                seen.update(describe(instance))
                for fault in faults(instance, work):
                    line = f"seed {seed}, instance {index}: {fault}"
                    (by_tolerance if fault.startswith(BY_TOLERANCE) else wrong).append(line)
                    print(line, flush=True)
    total = options.instances + options.large
    counts = [[name, f"{seen[name]:,}"] for name in (*KINDS, *RULES, *CALLS)]
    result = f"**{total:,} decisions, {len(wrong)} wrong**, {len(by_tolerance)} differences by HiGHS's tolerance."
    text = page(
        "Dispatch decisions proven",
        ["highspy", "numpy", "scipy"],
        [result, ABOUT, table(["decisions with", "number"], counts), *wrong, *by_tolerance],
    )
    (HERE / "proof.md").write_text(text, encoding="utf-8")
    print(result)
    return 1 if wrong else 0


def describe(instance: Instance) -> list[str]:
    """Name what an instance has of networks, rules and calls."""
    names = [name for name, has in RULES.items() if has(instance.engine.options)]
    names += [name for name, has in CALLS.items() if has(instance.snapshot.incidents)]
    return [instance.kind, *names]


if __name__ == "__main__":
    sys.exit(main())
