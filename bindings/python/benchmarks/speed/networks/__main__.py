"""Times the library's networks beside onnxruntime and numpy, in one run, each called from Python.

    bindings/python/run python -m benchmarks.speed.networks [--rounds N]

Every round times each way in turn on the same rows; all must find the same outputs. Writes results.md beside this file.
Needs onnx and onnxruntime.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # before numpy is loaded: one thread, as the others

import numpy as np
import onnxruntime

from benchmarks.pages import page, table
from libpatrol import Policy
from libpatrol._native.library import library
from libpatrol.files import read_policy, write_policy
from libpatrol.onnx_files import write_onnx
from libpatrol.policy_arrays import NetworkArrays

HERE = Path(__file__).resolve().parent
ROWS = (1, 2, 5, 10, 25, 100, 1_000, 10_000)
SIZES = {"pair": ([24, 32, 1], [24, 64, 64, 1]), "patrol": ([33, 48, 48, 1], [33, 256, 256, 1])}
SECONDS = 2e-3
"""For which, at least, a way is called in each round."""


def random_policy(folder: Path, name: str, sizes: list[int], rng: np.random.Generator) -> Policy:
    """Return a policy whose only network has these widths, normalized."""
    state = {"mean": rng.normal(size=sizes[0]), "scale": rng.uniform(0.5, 2, sizes[0])}
    for k, (before, after) in enumerate(pairwise(sizes)):
        state |= {f"{2 * k}.weight": rng.normal(size=(after, before)) / np.sqrt(before)}
        state |= {f"{2 * k}.bias": rng.normal(size=after)}
    write_policy(folder / "p", **{name: {key: array.astype(np.float32) for key, array in state.items()}})
    return Policy.load(folder / "p")


def ways(policy: Policy, network: NetworkArrays, folder: Path, rows: np.ndarray) -> dict[str, Callable[[], np.ndarray]]:
    """Return for each way a function that gives the outputs of all rows."""
    write_onnx(folder / "network.onnx", network)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(folder / "network.onnx", options, providers=["CPUExecutionProvider"])
    outputs, name = np.empty(len(rows), np.float32), network.name.encode()
    addresses = rows.ctypes.data, outputs.ctypes.data
    layers, mean, scale = network.layers(), network.mean, network.scale

    def ready() -> np.ndarray:
        library.policy_evaluate(policy._handle, name, len(rows), rows.shape[1], *addresses, None)
        return outputs

    def with_numpy() -> np.ndarray:
        values = rows if mean is None else (rows - mean) * scale
        for k, (weight, bias) in enumerate(layers):
            values = (np.maximum(values, 0) if k else values) @ weight.T + bias
        return values[:, 0]

    return {
        "libpatrol, ready": ready,
        "libpatrol": lambda: policy.evaluate(network.name, rows),
        "onnxruntime": lambda: session.run(None, {"features": rows})[0][:, 0],
        "numpy": with_numpy,
    }


def seconds(run: Callable[[], object], repeats: int) -> float:
    """Return the processor time of some calls."""
    start = time.process_time()
    for _ in range(repeats):
        run()
    return time.process_time() - start


def measure(policy: Policy, network: NetworkArrays, count: int, rounds: int) -> dict[str, float]:
    """Return the median microseconds of processor time, of all threads, of each way."""
    rows = np.random.default_rng(2).normal(size=(count, network.inputs)).astype(np.float32)
    times: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        compared = ways(policy, network, Path(folder), rows)
        expected = compared["onnxruntime"]()
        repeats = dict.fromkeys(compared, 1)
        for way, run in compared.items():
            if not np.allclose(run(), expected, atol=1e-5 * max(1.0, np.abs(expected).max())):
                raise AssertionError(f"{way} finds other outputs")
            while seconds(run, repeats[way]) < SECONDS:
                repeats[way] *= 2
        for _ in range(rounds):
            for way, run in compared.items():
                times.setdefault(way, []).append(seconds(run, repeats[way]) / repeats[way])
    return {way: float(np.median(found)) * 1e6 for way, found in times.items()}


def networks(folder: Path) -> dict[str, tuple[Policy, NetworkArrays]]:
    """Return networks by what they are."""
    rng = np.random.default_rng(1)
    general = Policy.bundled()
    found = {f"pair of `general`, {_widths(read_policy(general).networks['pair'])}": (general, "pair")}
    for name, several in SIZES.items():
        for sizes in several:
            found[f"{name}, random, {'-'.join(map(str, sizes))}"] = random_policy(folder, name, sizes, rng), name
    return {title: (policy, read_policy(policy).networks[name]) for title, (policy, name) in found.items()}


def _widths(network: NetworkArrays) -> str:
    return "-".join(map(str, [network.inputs, *(len(bias) for _, bias in network.layers())]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=40)
    options = parser.parse_args()
    names = ("libpatrol, ready", "libpatrol", "onnxruntime", "numpy")
    lines = []
    with tempfile.TemporaryDirectory() as folder:
        for title, (policy, network) in networks(Path(folder)).items():
            for count in ROWS:
                found = measure(policy, network, count, options.rounds)
                ratios = [found["onnxruntime"] / found[way] for way in names[:2]] + [
                    found["numpy"] / found["libpatrol"]
                ]
                told = [f"{found[way]:.1f}" for way in names]
                lines.append([title, f"{count:,}", *told, *(f"{ratio:.2f}" for ratio in ratios)])
            print(f"{title}: done", flush=True)
    head = ["network", "rows", *(f"{way}, µs" for way in names), "onnxruntime / ready", "onnxruntime / libpatrol",
            "numpy / libpatrol"]  # fmt: skip
    told = (
        "Outputs of all rows of a batch, normalization included, on one thread, called from Python: median processor "
        "time in microseconds. *Ready* is the C function with ready arguments, called by ctypes, without the checks of "
        "`Policy.evaluate` and its new array. A ratio above 1 says that libpatrol is faster, below 1 that it is slower."
    )
    slower = [f"{line[0]} at {line[1]} rows" for line in lines if min(float(line[-3]), float(line[-2])) < 1]
    summary = f"Slower than onnxruntime: {'; '.join(slower)}." if slower else "Nowhere slower than onnxruntime."
    text = page(
        "Networks beside onnxruntime and numpy",
        ["onnxruntime", "onnx", "numpy"],
        [told, summary, table(head, lines)],
    )
    (HERE / "results.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
