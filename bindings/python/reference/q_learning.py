"""Learning patrol in numpy: double deep Q-learning with semi-Markov discount and advantage learning.

Huber's loss, Adam, Polyak averages; for networks of one output that see a row of features for each candidate move.

Source: van Hasselt, Guez & Silver 2016; Bellemare et al. 2016, arXiv 1512.04860, for advantage learning; Huber 1964;
Kingma & Ba 2015. Checks the trainer's gradient step, which JAX checks too, in `tests/test_training_gradients.py`.
"""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


class Stack:
    """Shape of a dense ReLU network; its parameters are one vector: weights [out, in] and bias [out] layer by layer."""

    def __init__(self, widths: tuple[int, ...]) -> None:
        self.widths = widths
        self.count = sum((before + 1) * after for before, after in pairwise(widths))

    def layers(self, parameters: Floats) -> list[tuple[Floats, Floats]]:
        """Return views of each layer's weights and bias."""
        layers, place = [], 0
        for before, after in pairwise(self.widths):
            middle = place + before * after
            layers.append((parameters[place:middle].reshape(after, before), parameters[middle : middle + after]))
            place = middle + after
        return layers

    def initial(self, rng: np.random.Generator) -> Floats:
        """Return parameters with the variances of He et al. 2015, 1 / inputs in the last layer."""
        parameters = np.zeros(self.count, np.float32)
        layers = self.layers(parameters)
        for k, (weight, _) in enumerate(layers):
            bound = np.sqrt(3 * (2 if k + 1 < len(layers) else 1) / weight.shape[1])
            weight[:] = rng.uniform(-bound, bound, weight.shape)
        return parameters

    def forward(self, parameters: Floats, rows: Floats) -> list[Floats]:
        """Return the inputs of each layer and the outputs, [rows, width] each."""
        passed, layers = [rows], self.layers(parameters)
        for k, (weight, bias) in enumerate(layers):
            outputs = passed[-1] @ weight.T
            outputs += bias
            if k + 1 < len(layers):
                np.maximum(outputs, 0, out=outputs)
            passed.append(outputs)
        return passed

    def values(self, parameters: Floats, rows: Floats) -> Floats:
        """Return the value of each row."""
        return self.forward(parameters, rows)[-1][:, 0]

    def backward(self, parameters: Floats, passed: list[Floats], slopes: Floats) -> Floats:
        """Return the gradient of a loss; `slopes` are its derivatives in the outputs, [rows]."""
        gradient = np.empty_like(parameters)
        flow = slopes[:, None]
        into, layers = self.layers(gradient), self.layers(parameters)
        for k in reversed(range(len(layers))):
            np.matmul(flow.T, passed[k], out=into[k][0])
            flow.sum(0, out=into[k][1])
            if k > 0:
                flow = (flow @ layers[k][0]) * (passed[k] > 0)
        return gradient


class Memory:
    """The last transitions; the oldest are replaced.

    Attributes
    ----------
    rows, following : float32 [capacity, candidates, features]
        Of a decision, and of the next one.
    candidates, following_candidates : int [capacity]
        Their numbers.
    chosen : int [capacity]
        The candidate that was.
    rewards, discounts : float32 [capacity]
        Until the next decision; of what comes then.
    """

    def __init__(self, capacity: int, candidates: int, features: int) -> None:
        self.rows, self.following = (np.zeros((capacity, candidates, features), np.float32) for _ in range(2))
        self.candidates, self.following_candidates, self.chosen = (np.zeros(capacity, np.int64) for _ in range(3))
        self.rewards, self.discounts = (np.zeros(capacity, np.float32) for _ in range(2))
        self.count = self.next = 0

    def append(self, rewards: Floats, **parts: Floats | NDArray[np.int64]) -> None:
        """Keep some transitions: the other attributes, [transitions, ...] each."""
        count, capacity = len(rewards), len(self.rewards)
        places = (self.next + np.arange(count)) % capacity
        for name, part in {"rewards": rewards, **parts}.items():
            kept = getattr(self, name)
            if kept.ndim == 3:
                kept[places, : part.shape[1], : part.shape[2]] = part
            else:
                kept[places] = part
        self.next = (self.next + count) % capacity
        self.count = min(self.count + count, capacity)


class Learner:
    """θ in training, θ⁻ which follows it and acts, and Adam (Kingma & Ba 2015)."""

    def __init__(self, stack: Stack, online: Floats, target: Floats) -> None:
        self.stack = stack
        self.online, self.target = online.copy(), target.copy()
        self.first, self.second = np.zeros_like(online), np.zeros_like(online)
        self.steps = 0
        self.mean = np.zeros(stack.widths[0], np.float32)
        self.scale = np.ones(stack.widths[0], np.float32)
        self.huber_threshold, self.target_share, self.gap_share = np.float32(1), np.float32(0.005), np.float32(0.9)

    def normalized(self, rows: Floats) -> Floats:
        """Return rows as the network sees them."""
        return (rows - self.mean) * self.scale

    def evaluated(self, parameters: Floats, rows: Floats, candidates: NDArray[np.int64]) -> Floats:
        """Return the values of decisions' candidates, [decisions, candidates]; -inf beyond them."""
        there = np.arange(rows.shape[1]) < candidates[:, None]
        values = np.full(there.shape, -np.inf, np.float32)
        values[there] = self.stack.values(parameters, self.normalized(rows[there]))
        return values

    def targets(self, memory: Memory, drawn: NDArray[np.intp]) -> Floats:
        """Return r + e^(-β Δt) Q(s', argmax_a Q(s', a; θ); θ⁻) - 0.9 (max_a Q(s, a; θ⁻) - Q(s, chosen; θ⁻))."""
        following, candidates = memory.following[drawn], memory.following_candidates[drawn]
        each = np.arange(len(drawn))
        best = self.evaluated(self.online, following, candidates).argmax(1)
        future = self.evaluated(self.target, following, candidates)[each, best]
        present = self.evaluated(self.target, memory.rows[drawn], memory.candidates[drawn])
        gap = present.max(1) - present[each, memory.chosen[drawn]]
        return memory.rewards[drawn] + memory.discounts[drawn] * future - self.gap_share * gap

    def gradient(self, memory: Memory, drawn: NDArray[np.intp]) -> Floats:
        """Return the gradient of the mean Huber loss (1964) of some transitions in θ."""
        chosen = memory.rows[drawn, memory.chosen[drawn]]
        passed = self.stack.forward(self.online, self.normalized(chosen))
        errors = passed[-1][:, 0] - self.targets(memory, drawn)
        slopes = np.clip(errors, -self.huber_threshold, self.huber_threshold) / np.float32(len(drawn))
        return self.stack.backward(self.online, passed, slopes)

    def step(self, memory: Memory, drawn: NDArray[np.intp], rate: float) -> None:
        """Step θ against its loss, and move θ⁻ towards θ."""
        gradient = self.gradient(memory, drawn)
        self.steps += 1
        self.first += np.float32(0.1) * (gradient - self.first)
        self.second += np.float32(0.001) * (gradient * gradient - self.second)
        first = self.first / np.float32(1 - 0.9**self.steps)
        second = self.second / np.float32(1 - 0.999**self.steps)
        self.online -= np.float32(rate) * first / (np.sqrt(second) + np.float32(1e-8))
        self.target += self.target_share * (self.online - self.target)
