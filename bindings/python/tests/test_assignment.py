"""The assignment solver against scipy's, on thousands of random instances."""

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment

from libpatrol import PatrolError, Status, assignment

Values = np.ndarray


def uniform(rng: np.random.Generator, shape: tuple[int, int]) -> Values:
    return rng.normal(size=shape)


def ties(rng: np.random.Generator, shape: tuple[int, int]) -> Values:
    return rng.integers(-2, 3, shape).astype(float)


def negative(rng: np.random.Generator, shape: tuple[int, int]) -> Values:
    return -rng.exponential(100, shape)


def huge_ranges(rng: np.random.Generator, shape: tuple[int, int]) -> Values:
    return rng.choice([-1, 1], shape) * 10 ** rng.uniform(-6, 9, shape)


def forbidden(rng: np.random.Generator, shape: tuple[int, int]) -> Values:
    return np.where(rng.random(shape) < rng.uniform(0, 1), -np.inf, rng.normal(size=shape))


KINDS = [uniform, ties, negative, huge_ranges, forbidden]


def best_total(values: Values) -> float:
    """Scipy's optimum where rows and columns may stay unassigned: a column of value 0 for each row."""
    rows, columns = values.shape
    padded = np.zeros((rows, columns + rows))
    padded[:, :columns] = np.where(np.isinf(values), -1e18, values)
    chosen = linear_sum_assignment(padded, maximize=True)
    return float(padded[chosen].sum())


def check(values: Values, columns: np.ndarray, objective: float) -> None:
    """Columns are distinct, nothing forbidden is chosen, and the objective is the chosen values' sum."""
    rows = np.flatnonzero(columns >= 0)
    assert len(set(columns[rows])) == len(rows)
    chosen = values[rows, columns[rows]]
    assert np.isfinite(chosen).all()
    np.testing.assert_allclose(objective, chosen.sum(), rtol=1e-12, atol=1e-9)


@pytest.mark.parametrize("kind", KINDS)
def test_the_optimum_is_scipy_s(kind: object, rng: np.random.Generator) -> None:
    for _ in range(1000):
        values = kind(rng, tuple(rng.integers(1, 15, 2)))
        columns, objective = assignment(values)
        check(values, columns, objective)
        np.testing.assert_allclose(objective, best_total(values), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("kind", [uniform, ties, negative, huge_ranges])
def test_complete_assignments(kind: object, rng: np.random.Generator) -> None:
    for _ in range(500):
        values = kind(rng, tuple(rng.integers(1, 15, 2)))
        columns, objective = assignment(values, complete=True)
        check(values, columns, objective)
        assert (columns >= 0).sum() == min(values.shape)
        np.testing.assert_allclose(
            objective, values[linear_sum_assignment(values, maximize=True)].sum(), rtol=1e-9, atol=1e-9
        )


def test_complete_assignments_with_forbidden_pairs(rng: np.random.Generator) -> None:
    for _ in range(500):
        values = forbidden(rng, tuple(rng.integers(1, 10, 2)))
        try:
            expected = values[linear_sum_assignment(values, maximize=True)].sum()
        except ValueError:  # infeasible
            expected = -np.inf
        if np.isinf(expected):
            with pytest.raises(PatrolError) as caught:
                assignment(values, complete=True)
            assert caught.value.status is Status.MISMATCH
            continue
        columns, objective = assignment(values, complete=True)
        check(values, columns, objective)
        np.testing.assert_allclose(objective, expected, rtol=1e-9, atol=1e-9)


def test_large_instances(rng: np.random.Generator) -> None:
    for shape in ((300, 40), (40, 300), (200, 200)):
        values = -rng.exponential(600, shape) + 500
        columns, objective = assignment(values)
        check(values, columns, objective)
        np.testing.assert_allclose(objective, best_total(values), rtol=1e-9)


def test_large_instances_with_ties(rng: np.random.Generator) -> None:
    for shape, most in (((300, 300), 20), ((300, 300), 150), ((300, 300), 1000), ((60, 300), 5), ((300, 60), 40)):
        values = -rng.integers(0, most, shape).astype(float)
        columns, objective = assignment(values, complete=True)
        check(values, columns, objective)
        assert objective == values[linear_sum_assignment(values, maximize=True)].sum()


def test_nothing_to_assign() -> None:
    columns, objective = assignment(np.empty((0, 3)))
    assert len(columns) == 0 and objective == 0
    columns, objective = assignment(np.full((2, 2), -np.inf))
    assert columns.tolist() == [-1, -1] and objective == 0


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_numbers_that_are_none(bad: float) -> None:
    with pytest.raises(PatrolError) as caught:
        assignment([[1.0, bad]])
    assert caught.value.status is Status.INVALID_NUMBER
