#!/usr/bin/env bash
# Gymnasium's vector environments cut the decimals off an info when the first environment gives a whole number.
#
# Expected: infos["mean_wait"] of three shifts with mean waits 0, 7.75 and 2.5 is [0, 7.75, 2.5]; the array has a
#   type that holds all of its values.
# Seen: it has the type of the first value that comes. `sum(waits) / len(waits) if waits else 0` is the int 0 as long
#   as there was no call, and where the first of the environments has had none, the others' 7.75 and 2.5 are 7 and 2.
#   In the next step they may be right: the same environments in another order give other numbers. Sync and async,
#   reset, step and final_info are alike, and so are infos that are arrays.
# Instead: float(...) around every info that may have decimals.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv --without-pip "$folder/venv"
python3 -m pip --python "$folder/venv/bin/python" install --quiet --disable-pip-version-check --no-compile \
    gymnasium==1.4.0 numpy==2.4.6
cd "$folder"
cat > shifts.py <<'END'
import sys

import gymnasium
import numpy as np
from gymnasium.vector import AsyncVectorEnv, AutoresetMode, SyncVectorEnv


class Shift(gymnasium.Env):
    observation_space = gymnasium.spaces.Box(0, 1, (1,))
    action_space = gymnasium.spaces.Discrete(1)

    def __init__(self, waits):
        self.waits = waits

    def info(self):
        waits = self.waits
        return {
            "mean_wait": sum(waits) / len(waits) if waits else 0,
            "first_and_last": np.array([waits[0], waits[-1]] if waits else [0, 0]),
        }

    def reset(self, *, seed=None, options=None):
        return np.zeros(1, np.float32), self.info()

    def step(self, action):
        return np.zeros(1, np.float32), 0.0, False, True, self.info()


def infos(kind, *shifts):
    envs = kind([lambda waits=waits: Shift(waits) for waits in shifts], autoreset_mode=AutoresetMode.SAME_STEP)
    _, first = envs.reset()
    *_, last = envs.step(np.zeros(len(shifts), int))
    envs.close()
    found = first, last["final_info"]
    return [info["mean_wait"].tolist() for info in found], first["first_and_last"].tolist()


if __name__ == "__main__":
    print("gymnasium", gymnasium.__version__, "numpy", np.__version__)
    none, long, short = [], [8.5, 7.0], [2.5]
    seen = {}
    for kind in (SyncVectorEnv, AsyncVectorEnv):
        for name, shifts in {"no call first": (none, long, short), "no call last": (long, short, none)}.items():
            seen[kind.__name__, name] = infos(kind, *shifts)
            print(f"{kind.__name__}, {name}: {seen[kind.__name__, name]}")
    cut = ([[0, 7, 2]] * 2, [[0, 0], [8, 7], [2, 2]])
    kept = ([[7.75, 2.5, 0]] * 2, [[8.5, 7], [2.5, 2.5], [0, 0]])
    if [seen[kind, "no call first"] for kind in ("SyncVectorEnv", "AsyncVectorEnv")] != [cut, cut]:
        sys.exit("no longer seen: decimals are cut off where a whole number comes first")
    if [seen[kind, "no call last"] for kind in ("SyncVectorEnv", "AsyncVectorEnv")] != [kept, kept]:
        sys.exit("no longer seen: decimals are kept where a decimal number comes first")
END
venv/bin/python shifts.py
