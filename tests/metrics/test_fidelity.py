"""Column and pair errors, two-sample test: known answers and reference implementations."""

import numpy as np
import pandas as pd
import pytest

import naive
from skgensample.metrics import c2st_auroc, column_density_error, pair_error


def test_equal_tables_are_at_zero(mixed_frame):
    frame, _ = mixed_frame
    assert column_density_error(frame, frame) == 0


def test_known_distances():
    real = pd.DataFrame({"x": [1.0, 2, 3, 4], "c": list("aabb"), "far": [0.0] * 4})
    made = pd.DataFrame({"x": [3.0, 4, 5, 6], "c": list("abbb"), "far": [9.0] * 4})
    np.testing.assert_allclose(column_density_error(real, made, average=False), [0.5, 0.25, 1])
    assert column_density_error(real, made) == pytest.approx(1.75 / 3)


def test_sizes_may_differ(rng):
    X = rng.standard_normal((4000, 3))
    assert column_density_error(X, rng.standard_normal((1000, 3))) < 0.06
    assert column_density_error(X, rng.standard_normal((1000, 3)) + 1) > 0.3


def test_other_columns_are_refused():
    with pytest.raises(ValueError, match="different columns"):
        column_density_error(np.eye(3), np.eye(4))


def mixed_table(rng, n):
    """Two dependent numbers and a category that goes with them."""
    x = rng.standard_normal(n)
    level = np.searchsorted([-0.5, 0.8], x + 0.3 * rng.standard_normal(n))
    return pd.DataFrame(
        {"x": x, "z": x**3 + rng.standard_normal(n), "c": np.array(list("abc"))[level]}
    )


def shuffled(table, rng):
    return table.apply(lambda column: column.to_numpy()[rng.permutation(len(table))])


def test_pair_error_known_answers():
    x = np.arange(12.0)
    assert pair_error(np.column_stack([x, x]), np.column_stack([x, x])) == 0
    assert pair_error(np.column_stack([x, x]), np.column_stack([x, -x])) == pytest.approx(1)
    flat = np.column_stack([x, np.zeros(12)])
    assert pair_error(np.column_stack([x, x]), flat) == pytest.approx(0.5)
    real = pd.DataFrame({"a": list("xxyy"), "b": list("uvuv")})
    made = pd.DataFrame({"a": list("xxyy"), "b": list("uuvv")})
    assert column_density_error(real, made) == 0 and pair_error(real, made) == 0.5
    errors = pair_error(real, made, average=False)
    np.testing.assert_array_equal(errors, [[0, 0.5], [0.5, 0]])


def test_pair_error_as_its_naive_twin(rng):
    real, made = mixed_table(rng, 97), shuffled(mixed_table(rng, 60), rng)
    codes = [t.assign(c=t["c"].map(ord)).to_numpy(dtype=float) for t in (real, made)]
    assert pair_error(real, made) == pytest.approx(naive.pair_error(*codes, [True, True, False]))


def test_pair_error_sees_what_columns_do_not(rng):
    real = mixed_table(rng, 2_000)
    apart = shuffled(real, rng)
    assert column_density_error(real, apart) == 0
    assert pair_error(real, apart) > 0.3 > 0.05 > pair_error(real, mixed_table(rng, 2_000))


def test_c2st_of_equal_and_of_shuffled_tables(rng):
    real = mixed_table(rng, 1_500)
    assert abs(c2st_auroc(real, mixed_table(rng, 900), random_state=0) - 0.5) < 0.06
    assert c2st_auroc(real, shuffled(real, rng), random_state=0) > 0.8
    again = [
        c2st_auroc(real, shuffled(real, np.random.RandomState(3)), random_state=1) for _ in "ab"
    ]
    assert again[0] == again[1]


def test_c2st_draws_as_many_rows_of_each(rng):
    """A larger table is no easier to tell from a smaller one."""
    X = rng.standard_normal((3_000, 2))
    assert abs(c2st_auroc(X[:500], X[500:], max_rows=400, random_state=0) - 0.5) < 0.08


@pytest.mark.parametrize("measure", [pair_error, c2st_auroc, column_density_error])
def test_tables_that_do_not_fit_are_refused(measure):
    with pytest.raises(ValueError, match="different columns"):
        measure(np.eye(6), np.eye(7))
    with pytest.raises(ValueError, match="no row"):
        measure(np.eye(6), np.empty((0, 6)))


def test_too_few_rows_or_columns_are_refused():
    with pytest.raises(ValueError, match="two columns"):
        pair_error(np.ones((3, 1)), np.ones((3, 1)))
    with pytest.raises(ValueError, match="5 folds"):
        c2st_auroc(np.eye(4), np.eye(4))


def test_missing_cells_are_one_more_value():
    real = pd.DataFrame({"x": [1.0, 2, 3, np.nan], "c": ["a", "a", "b", None], "z": [1, 2, 3, 4]})
    made = pd.DataFrame({"x": [1.0, 2, 3, 4], "c": ["a", "a", "b", "b"], "z": [1, 2, 3, 4]})
    errors = column_density_error(real, made, average=False)
    np.testing.assert_allclose(errors, [0.25, 0.25, 0])
    assert pair_error(real, real) == 0 < pair_error(real, made)
    assert c2st_auroc(real, made, n_splits=2, random_state=0) >= 0
