#!/usr/bin/env bash
# A caller of a SimPy model who hangs up takes a unit out of the model for good.
#
# Expected: a get in `get | timeout` is void once the timeout has come first.
# Seen: it stays in the queue of the Store. The next unit that comes back goes to the caller who has left, whom no
#   process serves: one unit fewer for every caller that hangs up, no error, and the longer the run, the longer the
#   waits. A Resource loses its capacity in the same way.
# Instead: got.cancel(), or `with units.get() as got:` around the wait, which does the same; for a Resource, `with` around
#   wait and service. And ask got.triggered, not `got in result`, as a unit may come in the very second of the timeout.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv --without-pip "$folder/venv"
python3 -m pip --python "$folder/venv/bin/python" install --quiet --disable-pip-version-check --no-compile \
    simpy==4.1.2
cd "$folder"
venv/bin/python - <<'END'
import sys
from importlib.metadata import version

import simpy

print("simpy", version("simpy"))


def simulate(withdraws):
    """Two units, calls that take 30 minutes; two of the three callers of minute 21 hang up after 5 minutes."""
    environment = simpy.Environment()
    units = simpy.Store(environment)
    units.items.extend(["12", "14"])
    served = []

    def call(number, minute):
        yield environment.timeout(minute)
        got = units.get()
        result = yield got | environment.timeout(5)
        if got in result:
            served.append(number)
            yield environment.timeout(30)
            yield units.put(got.value)
        elif withdraws:
            got.cancel()

    minutes = [20, 21, 21, 21, *range(80, 400, 40)]
    for number, minute in enumerate(minutes, 1):
        environment.process(call(number, minute))
    environment.run()
    return served, sorted(units.items), len(minutes)


def capacity_left():
    """The same for a Resource of capacity 1: the caller who has hung up at minute 6 has it for ever."""
    environment = simpy.Environment()
    unit = simpy.Resource(environment)

    def call(minute):
        yield environment.timeout(minute)
        request = unit.request()
        result = yield request | environment.timeout(5)
        if request in result:
            yield environment.timeout(30)
            yield unit.release(request)

    for minute in (0, 1):
        environment.process(call(minute))
    environment.run()
    return unit.capacity - unit.count


kept, lost = simulate(withdraws=True), simulate(withdraws=False)
for name, (served, units, calls) in {"withdrawn": kept, "not withdrawn": lost}.items():
    print(f"{name}: {len(served)} of {calls} calls served {served}, units at the end {units}")
resource = capacity_left()
print("of a Resource of capacity 1:", resource, "left")
if kept[:2] != ([1, 2, *range(5, 13)], ["12", "14"]) or lost[:2] != ([1, 2], []) or resource != 0:
    sys.exit("no longer seen: callers who hang up keep the units that come back")
END
