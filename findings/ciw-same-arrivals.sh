#!/usr/bin/env bash
# All trials of a Ciw network with PoissonIntervals have the same arrivals.
#
# Expected: a seed for each trial of one network, as Ciw's page on simulation practice has it, draws arrivals and services anew.
# Seen: PoissonIntervals, for rates that change with the hour, draws all its dates when it is made, before the first trial.
#   Trials then differ in their services only: where service times do not vary, all have the same mean wait, and a
#   confidence interval over trials has width 0. Its docstring says how the dates are drawn, but not when. Exponential
#   arrivals are drawn anew.
# Instead: seed, then make the network, in every trial.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv --without-pip "$folder/venv"
python3 -m pip --python "$folder/venv/bin/python" install --quiet --disable-pip-version-check --no-compile \
    ciw==3.2.7 numpy==2.4.6
cd "$folder"
venv/bin/python - <<'END'
import sys
from importlib.metadata import version

import ciw

print("ciw", version("ciw"))


def network(arrivals):
    return ciw.create_network(
        arrival_distributions=[arrivals], service_distributions=[ciw.dists.Deterministic(0.5)], number_of_servers=[3]
    )


def hours_of_day():
    return ciw.dists.PoissonIntervals(rates=[2.0, 6.0], endpoints=[8.0, 24.0], max_sample_date=240.0)


def mean_wait(network):
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_time(240)
    waits = [record.waiting_time for record in simulation.get_all_records()]
    return sum(waits) / len(waits)


ciw.seed(0)
once = {"Exponential": network(ciw.dists.Exponential(4.0)), "PoissonIntervals": network(hours_of_day())}
waits = {name: [] for name in (*once, "PoissonIntervals made in each trial")}
for trial in range(5):
    for name, made in once.items():
        ciw.seed(trial)
        waits[name].append(mean_wait(made))
    ciw.seed(trial)
    waits["PoissonIntervals made in each trial"].append(mean_wait(network(hours_of_day())))
for name, means in waits.items():
    print(f"{name}: mean waits in hours {[round(mean, 4) for mean in means]}")
if [len(set(means)) for means in waits.values()] != [5, 1, 5]:
    sys.exit("no longer seen: only the network made once with PoissonIntervals repeats itself")
END
