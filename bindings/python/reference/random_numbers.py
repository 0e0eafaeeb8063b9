"""The library's random numbers in Python, so that a test can draw what the library draws.

Source: xoshiro256++, filled by splitmix64 (Blackman & Vigna 2021); integers below a bound by Lemire 2019. Checks: the
trainer's draws, in `tests/test_training.py` and `tests/test_training_gradients.py`.
"""

_MASK = (1 << 64) - 1


def _rotated(x: int, k: int) -> int:
    return (x << k | x >> (64 - k)) & _MASK


class RandomNumbers:
    """One stream of a seed."""

    def __init__(self, seed: int, stream: int = 0) -> None:
        mixer = (seed + stream * 0xD1B54A32D192ED03) & _MASK
        self.state = []
        for _ in range(4):
            mixer = (mixer + 0x9E3779B97F4A7C15) & _MASK
            z = ((mixer ^ mixer >> 30) * 0xBF58476D1CE4E5B9) & _MASK
            z = ((z ^ z >> 27) * 0x94D049BB133111EB) & _MASK
            self.state.append(z ^ z >> 31)

    def next(self) -> int:
        """Return 64 random bits."""
        s = self.state
        result = (_rotated((s[0] + s[3]) & _MASK, 23) + s[0]) & _MASK
        shifted = s[1] << 17 & _MASK
        s[2] ^= s[0]
        s[3] ^= s[1]
        s[1] ^= s[2]
        s[0] ^= s[3]
        s[2] ^= shifted
        s[3] = _rotated(s[3], 45)
        return result

    def below(self, bound: int) -> int:
        """Return one of 0 ... bound - 1 (Lemire's multiply-shift)."""
        return self.next() * bound >> 64
