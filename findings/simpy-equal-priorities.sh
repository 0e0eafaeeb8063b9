#!/usr/bin/env bash
# SimPy's PriorityStore hands out calls of equal priority in another order than they came.
#
# Expected: the most urgent call first, and among calls of one priority the one that has waited longest, as SimPy's Store
#   and PriorityResource have it.
# Seen: the store is a heap, and PriorityItem compares priorities only: six calls of one priority are taken as 1, 3, 6, 5,
#   2, 4. Throughput and mean wait are those of first come, first served, so that checks against M/M/c pass; the 95th
#   percentile of the waits is 15 % longer in the queue below. The docstrings say that items are kept in sorted order, and of equal ones nothing.
# Instead: PriorityItem((priority, number), call) with numbers from itertools.count().
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv --without-pip "$folder/venv"
python3 -m pip --python "$folder/venv/bin/python" install --quiet --disable-pip-version-check --no-compile \
    simpy==4.1.2
cd "$folder"
venv/bin/python - <<'END'
import random
import sys
from importlib.metadata import version

import simpy

print("simpy", version("simpy"))


def simulate(store_type, key, count, arrival, service):
    """The order in which one unit takes the calls, and their waits."""
    environment = simpy.Environment()
    calls = store_type(environment)
    taken, waits = [], []

    def callers():
        for number in range(1, count + 1):
            yield environment.timeout(arrival())
            yield calls.put(simpy.PriorityItem(key(number), (number, environment.now)))

    def unit():
        while True:
            call = yield calls.get()
            number, received = call.item
            taken.append(number)
            waits.append(environment.now - received)
            yield environment.timeout(service())

    environment.process(callers())
    environment.process(unit())
    environment.run()
    return taken, sorted(waits)


stores = {
    "Store": (simpy.Store, lambda number: 2),
    "PriorityStore": (simpy.PriorityStore, lambda number: 2),
    "PriorityStore, numbered": (simpy.PriorityStore, lambda number: (2, number)),
}
orders, means, tails = {}, {}, {}
for name, (store_type, key) in stores.items():
    # Call 1 keeps the unit busy until calls 2 to 7 are there.
    orders[name] = simulate(store_type, key, 7, lambda: 1.0, lambda: 10.0)[0][1:]
    arrivals, services = random.Random(1), random.Random(2)
    waits = simulate(store_type, key, 10_000, lambda: arrivals.expovariate(0.9), lambda: services.expovariate(1.0))[1]
    means[name], tails[name] = sum(waits) / len(waits), waits[9_500]
    order = [number - 1 for number in orders[name]]
    print(f"{name}: order {order}, mean wait {means[name]:.2f}, 95th percentile {tails[name]:.2f}")
first_come = [2, 3, 4, 5, 6, 7]
if [order == first_come for order in orders.values()] != [True, False, True]:
    sys.exit("no longer seen: only PriorityStore without numbers leaves the order of arrival")
same_mean = abs(means["PriorityStore"] - means["Store"]) < 1e-6
if not same_mean or tails["PriorityStore"] < 1.1 * tails["Store"]:
    sys.exit("no longer seen: the mean wait is that of first come, first served, and the 95th percentile is not")
END
