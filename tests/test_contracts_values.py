"""Contracts A (sizes and shapes of classes) and B (values and dtypes)."""

import numpy as np
import pytest

from conftest import ONE_NETWORK, slow_except
from contracts import Contracts, blobs, judge, leaves_range, may_copy, resample, trained

CASES = contract = Contracts()

FEW = "class|row|sample|neighbo"
NOT_FINITE = "NaN|missing|infinit|None"
HUGE = "large|infinit|overflow|range|magnitude|finite|scale"
TEXT = "string|text|categor|number|numeric|float"


@slow_except(ONE_NETWORK)
@pytest.mark.parametrize("code", CASES)
def test_contract(code, sampler):
    judge(CASES[code], sampler)


def minority(y):
    return y == 1


# A: how many rows, and where


@contract("A01", "either", "minority has 1 row", cause=FEW)
def one_row(sampler):
    resample(sampler, *blobs((30, 1)))


@contract("A02", "either", "minority has 2 rows", cause=FEW)
def two_rows(sampler):
    resample(sampler, *blobs((30, 2)))


@contract("A03", "either", "minority has k=5 rows", cause=FEW)
def five_rows(sampler):
    resample(sampler, *blobs((30, 5)))


@contract("A04", "ok", "minority has k+1=6 rows")
def six_rows(sampler):
    resample(sampler, *blobs((30, 6)))


@contract("A05", "either", "all minority rows identical", cause=FEW)
def identical_rows(sampler):
    X, y = blobs()
    X[minority(y)] = X[minority(y)][0]
    resample(sampler, X, y)


@contract("A06", "either", "minority rows duplicate majority rows")
def minority_copies_majority(sampler):
    X, y = blobs()
    X[minority(y)] = X[~minority(y)][:20]
    resample(sampler, X, y)


@contract("A07", "ok", "already balanced")
def balanced(sampler):
    X, y = blobs((20, 20))
    X_res, _ = resample(sampler, X, y)
    assert len(X_res) == 40


@contract("A08", "error", "one class only", cause="class")
def one_class(sampler):
    X, y = blobs((30,))
    resample(sampler, X, y)


@contract("A09", "ok", "30000 : 6 imbalance")
def extreme_imbalance(sampler):
    resample(sampler, *blobs((30_000, 6)))


@contract("A10", "ok", "40 classes of 7 to 46 rows")
def forty_classes(sampler):
    resample(sampler, *blobs(tuple(range(46, 6, -1))))


@contract("A11", "either", "three classes, one with a single row", cause=r"class.*2|2.*class")
def single_row_of_three(sampler):
    resample(sampler, *blobs((30, 15, 1)))


@contract("A12", "ok", "three classes, ordinary")
def three_ordinary(sampler):
    resample(sampler, *blobs((60, 30, 15)))


@contract("A13", "ok", "minority on a line")
def on_a_line(sampler):
    X, y = blobs()
    X[minority(y)] = np.linspace(0, 1, 20)[:, None] * np.array([1.0, 2.0, -1.0, 0.5])
    resample(sampler, X, y)


@contract("A14", "ok", "10 minority rows in 300 features")
def wide(sampler):
    resample(sampler, *blobs((40, 10), d=300))


@contract("A15", "either", "isolated minority points (each amid majority)", cause=FEW)
def isolated(sampler):
    rng = np.random.RandomState(0)
    centres = 100.0 * np.arange(8)[:, None] * np.ones(3)
    around = (centres[:, None] + rng.standard_normal((8, 8, 3))).reshape(-1, 3)
    resample(sampler, np.vstack([around, centres]), np.repeat([0, 1], [64, 8]))


@contract("A16", "either", "perfectly separated classes")
def separated(sampler):
    resample(sampler, *blobs(shift=1000.0))


@contract("A17", "ok", "exact counts when asked (dict target)")
def dict_counts(sampler):
    counts = {0: 61, 1: 43, 2: 15}
    resample(sampler, *blobs((60, 30, 15)), counts=counts, sampling_strategy=counts)


@contract("A18", "ok", "exact counts when balancing")
def balanced_counts(sampler):
    X_res, y_res = resample(sampler, *blobs((61, 17)))
    assert np.bincount(y_res).tolist() == [61, 61] and X_res.shape == (122, 4)


@contract("A19", "ok", "original rows come first, bit for bit")
def given_rows_first(sampler):
    X, y = blobs()
    X[0, 0], X[1, 1] = np.nextafter(1, 2), -0.0
    X_res, y_res = resample(sampler, X, y)
    assert X_res[: len(X)].tobytes() == X.tobytes()
    assert y_res[: len(y)].tobytes() == y.tobytes()


@contract("A20", "ok", "synthetic rows are not exact copies")
def no_copies(sampler):
    X, y = blobs()
    X_res, _ = resample(sampler, X, y)
    if may_copy(sampler):
        return
    given = {row.tobytes() for row in X}
    assert not any(row.tobytes() in given for row in X_res[len(X) :])


@contract("A21", "ok", "synthetic values inside class range")
def class_range(sampler):
    X, y = blobs((60, 20), d=3)
    X_res, _ = resample(sampler, X, y)
    own, new = X[minority(y)], X_res[len(X) :]
    # extrapolated or noisy rows: no further than the class is wide
    slack = np.ptp(own, axis=0) if leaves_range(sampler) else 1e-12
    assert (new >= own.min(axis=0) - slack).all() and (new <= own.max(axis=0) + slack).all()


# B: values and dtypes


def _with_cells(value, rows=(3,), dtype=float):
    X, y = blobs()
    X = X.astype(dtype)
    X[list(rows), 2] = value
    return X, y


@contract("B01", "either", "NaN in X", cause=NOT_FINITE)
def nan_cell(sampler):
    resample(sampler, *_with_cells(np.nan))


@contract("B02", "either", "inf in X", cause=NOT_FINITE)
def inf_cell(sampler):
    resample(sampler, *_with_cells(-np.inf))


@contract("B03", "error", "NaN in y", cause="NaN|missing|label type")
def nan_label(sampler):
    X, y = blobs()
    y = y.astype(float)
    y[5] = np.nan
    resample(sampler, X, y)


@contract("B04", "either", "None cells in an object array", cause=NOT_FINITE)
def none_cells(sampler):
    resample(sampler, *_with_cells(None, rows=(2, 9), dtype=object))


@contract("B05", "either", "magnitudes of 1e300", cause=HUGE)
def huge(sampler):
    X, y = blobs()
    resample(sampler, X * 1e300, y)


@contract("B06", "either", "one column 1e300, others O(1)", cause=HUGE)
def one_huge_column(sampler):
    X, y = blobs()
    X[:, 1] *= 1e300
    resample(sampler, X, y)


@contract("B07", "either", "values at +-float64 max", cause=HUGE)
def float_max(sampler):
    X, y = blobs()
    X[:, 1] = np.where(X[:, 1] > np.median(X[:, 1]), 1, -1) * np.finfo(float).max
    resample(sampler, X, y)


@contract("B08", "ok", "denormals")
def denormals(sampler):
    X, y = blobs()
    resample(sampler, np.rint(X * 100) * 5e-324, y)


@contract("B09", "ok", "constant column")
def constant_column(sampler):
    X, y = _with_cells(7.25, rows=range(80))
    X_res, _ = resample(sampler, X, y)
    assert (X_res[:, 2] == 7.25).all()


@contract("B10", "either", "every column constant", cause="constant|identical|same")
def all_constant(sampler):
    X, y = blobs()
    X_res, _ = resample(sampler, np.full_like(X, 3.5), y)
    assert (X_res == 3.5).all()


@contract("B11", "ok", "constant column within the minority only")
def constant_in_minority(sampler):
    X, y = blobs()
    X[minority(y), 1] = -2.5
    X_res, y_res = resample(sampler, X, y)
    assert (X_res[y_res == 1, 1] == -2.5).all()


@contract("B12", "error", "complex X", cause="complex")
def complex_cells(sampler):
    X, y = blobs()
    resample(sampler, X + 1j, y)


@contract(
    "B13", "either", "int64 identifiers above 2**53 kept exact", cause="2\\*\\*53|integer|exact"
)
def big_int64(sampler):
    X, y = blobs()
    resample(sampler, 2**53 + 1 + 2 * np.rint(X * 1000).astype(np.int64), y)


@contract("B14", "either", "uint64 above 2**63 kept exact", cause="2\\*\\*63|integer|exact")
def big_uint64(sampler):
    X, y = blobs()
    X = np.uint64(2**63 + 5_001) + np.rint(np.abs(X) * 1000).astype(np.uint64)
    resample(sampler, X, y)


@contract("B15", "either", "int8 at the ends of its range", cause="int8|range")
def int8_ends(sampler):
    """A difference of 200 wraps round in int8, and would leave the class's range."""
    X, y = blobs((60, 16), d=3)
    X = np.clip(np.rint(X * 60), -128, 127).astype(np.int8)
    corners = np.array(np.meshgrid([-100, 100], [-100, 100], [-128, 127])).reshape(3, -1).T
    X[minority(y)] = np.vstack([corners, corners // 2])
    resample(sampler, X, y)


@contract("B16", "either", "uint8 minority differences go negative", cause="uint8|range")
def uint8_differences(sampler):
    X, y = blobs()
    resample(sampler, np.clip(np.rint(100 + 30 * X), 0, 255).astype(np.uint8), y)


@contract("B17", "ok", "float32")
def float32(sampler):
    X, y = blobs()
    resample(sampler, X.astype(np.float32), y)


@contract("B18", "either", "float16", cause="float16|dtype")
def float16(sampler):
    X, y = blobs()
    resample(sampler, X.astype(np.float16), y)


@contract("B19", "ok", "int64")
def int64(sampler):
    X, y = blobs()
    resample(sampler, np.rint(X * 10).astype(np.int64), y)


@contract("B20", "either", "bool matrix", cause="bool")
def bool_matrix(sampler):
    rng = np.random.RandomState(0)
    _, y = blobs((200, 60), d=1)
    X = rng.rand(260, 5) < np.array([0.1, 0.3, 0.5, 0.7, 0.9])
    X_res, _ = resample(sampler, X, y)
    assert not X_res[260:].all() and X_res[260:].any()


@contract("B21", "either", "longdouble", cause="longdouble|float128|dtype")
def longdouble(sampler):
    X, y = blobs()
    resample(sampler, X.astype(np.longdouble) / 3, y)


@contract("B22", "either", "big-endian float64", cause="endian|byte|dtype")
def big_endian(sampler):
    X, y = blobs()
    X_res, _ = resample(sampler, X.astype(">f8"), y)
    plain, _ = resample(sampler, X, y)
    assert np.array_equal(X_res, plain)


@contract("B23", "error", "masked array with masked cells", cause="mask|missing")
def masked(sampler):
    X, y = blobs()
    mask = np.zeros(X.shape, bool)
    mask[4, 1] = True
    resample(sampler, np.ma.array(X, mask=mask), y)


@contract("B24", "either", "numeric strings in object array", cause=TEXT)
def numeric_strings(sampler):
    X, y = blobs()
    X = X.astype(object)
    X[:, 1] = [f"{value:.0f}" for value in X[:, 1]]
    resample(sampler, X, y)


@contract("B25", "either", "string cells in object array", cause=TEXT)
def string_cells(sampler):
    X, y = blobs()
    X = X.astype(object)
    X[:, 1] = np.random.RandomState(0).choice(["chip", "online", "swipe"], len(X))
    resample(sampler, X, y)


@contract("B26", "error", "structured array", cause="structured|field|dtype|1D|2D|dimension")
def structured(sampler):
    X, y = blobs(d=2)
    rows = np.array([tuple(row) for row in X], dtype=[("amount", float), ("age", float)])
    resample(sampler, rows, y)


@contract("B27", "ok", "negative zero and signs kept")
def negative_zero(sampler):
    X, y = _with_cells(-0.0, rows=(1, 5, 8))
    X_res, _ = resample(sampler, X, y)
    assert np.signbit(X_res[[1, 5, 8], 2]).all()


@contract("B28", "ok", "extreme outlier in the minority")
def outlier(sampler):
    X, y = blobs()
    X[np.flatnonzero(minority(y))[0]] = 1e8
    resample(sampler, X, y)


@contract("B29", "ok", "column scales 1e-9 to 1e9")
def scales(sampler):
    X, y = blobs()
    X_res, _ = resample(sampler, X * np.array([1e-9, 1e-3, 1e3, 1e9]), y)
    assert (np.ptp(X_res[len(X) :], axis=0) > 0).all()


@contract("B30", "either", "0/1 integer flag column keeps its share", cause="integer|flag|binary")
def flag_share(sampler):
    rng = np.random.RandomState(0)
    X, y = blobs((500, 100))
    X = np.rint(X * 100).astype(np.int64)
    X[:, 3] = rng.rand(600) < np.where(minority(y), 0.4, 0.05)
    X_res, _ = resample(trained(sampler), X, y)
    share, new = X[minority(y), 3].mean(), X_res[600:, 3].mean()
    assert abs(share - new) < 0.15, f"share {share} became {new}"


@contract("B31", "either", "integer column: rounding not biased", cause="integer")
def rounding(sampler):
    """Truncation toward zero would lower every column's mean by a half."""
    X, y = blobs((1_000, 200))
    digits = np.clip(np.rint(4.5 + 2 * (X - minority(y)[:, None])), 0, 9)
    as_int, _ = resample(sampler, digits.astype(np.int64), y)
    as_float, _ = resample(sampler, digits, y)
    bias = as_int[1_200:].mean() - as_float[1_200:].mean()
    assert abs(bias) < 0.2, f"mean moved by {bias}"
