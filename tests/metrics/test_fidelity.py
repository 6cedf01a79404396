"""Column distances: known answers."""

import numpy as np
import pandas as pd
import pytest

from skgensample.metrics import column_density_error


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
