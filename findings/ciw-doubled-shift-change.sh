#!/usr/bin/env bash
# Ciw has twice the servers at work after a shift change between two shifts of the same size.
#
# Expected: a schedule of 2 servers, then 2 servers, is never busier than 2: the relieving unit takes the car over.
# Seen: by default, servers on a call stay to its end, and all of the new shift begin at once: 4 calls are served at a
#   time. The page on preemption says that "the old servers are still there"; under load every change adds free
#   capacity, and waiting times compare too well with M/M/c.
# Instead: one shift where the number does not change, or preemption="resume".
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


def most_at_once(servers):
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Sequential([1.0, 1.0, 1.0, 1.0, 1000.0])],
        service_distributions=[ciw.dists.Deterministic(10.0)],
        number_of_servers=[servers],
    )
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_time(100)
    records = [record for record in simulation.get_all_records() if record.record_type == "service"]
    begin = [record.service_start_date for record in records]
    return max(sum(r.service_start_date <= now < r.service_end_date for r in records) for now in begin)


constant = most_at_once(2)
same = {"numbers_of_servers": [2, 2], "shift_end_dates": [8, 1000]}
shifts = most_at_once(ciw.Schedule(**same))
resumed = most_at_once(ciw.Schedule(**same, preemption="resume"))
print(f"calls served at once: {constant} with 2 servers, {shifts} with shifts of 2 and 2, {resumed} with preemption")
if (constant, shifts, resumed) != (2, 4, 2):
    sys.exit("no longer seen: the shifts do not overlap")
END
