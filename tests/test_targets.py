"""Targets of several columns: one 1 in each row, or an error that names the row."""

import numpy as np
import pytest
from scipy import sparse

from skgensample import NumbaSMOTE
from skgensample.table import Target

N_CLASSES = 3
DENSE = ("array", "bool", "float", "object", "list", "frame", "Int64", "polars")
KINDS = (*DENSE, "csr", "csc", "coo")


@pytest.fixture
def labels():
    """30 + 20 + 10 rows."""
    return np.repeat([0, 1, 2], [30, 20, 10])


def indicators(labels):
    """One column for each class."""
    return np.eye(N_CLASSES, dtype=int)[labels]


def as_kind(rows, kind):
    """An indicator target in one of the containers."""
    if kind in ("csr", "csc", "coo"):
        return getattr(sparse, f"{kind}_matrix")(rows)
    if kind in ("frame", "Int64"):
        frame = pytest.importorskip("pandas").DataFrame(rows)
        return frame.astype("Int64") if kind == "Int64" else frame
    if kind == "polars":
        names = [f"class_{j}" for j in range(rows.shape[1])]
        return pytest.importorskip("polars").DataFrame(rows, schema=names)
    made = {"list": rows.tolist(), "array": rows}
    return made[kind] if kind in made else rows.astype(kind)


def resampled(y):
    """New labels of a target, the table being noise."""
    X = np.random.RandomState(0).normal(size=(60, 3))
    return NumbaSMOTE(random_state=0).fit_resample(X, y)[1]


@pytest.mark.parametrize("kind", KINDS)
def test_each_row_has_one_1(labels, kind):
    rows = indicators(labels)
    longer = resampled(as_kind(rows, kind))
    dense = longer.toarray() if sparse.issparse(longer) else np.asarray(longer).astype(int)
    assert np.array_equal(dense[:60], rows) and (dense.sum(axis=1) == 1).all()
    assert dense.sum(axis=0).tolist() == [30, 30, 30]


@pytest.mark.parametrize("kind", ["csr", "csc", "coo"])
def test_sparse_targets_stay_sparse(labels, kind):
    y = as_kind(indicators(labels), kind)
    longer = resampled(y)
    assert type(longer) is type(y) and longer.dtype == y.dtype
    blank = Target(y).empty().extended(np.array([2, 0]))
    assert type(blank) is type(y) and blank.toarray().tolist() == [[0, 0, 1], [1, 0, 0]]


def test_objects_get_numbers_too(labels):
    longer = resampled(as_kind(indicators(labels), "object"))
    assert {type(cell) for cell in longer.ravel().tolist()} == {int}


@pytest.mark.parametrize("kind", KINDS)
def test_rows_without_a_1_are_named(labels, kind):
    rows = indicators(labels)
    rows[41] = 0
    with pytest.raises(ValueError, match=r"row 41 has none: .*drop_first"):
        resampled(as_kind(rows, kind))


@pytest.mark.parametrize("kind", KINDS)
def test_dummies_with_drop_first_are_refused(labels, kind):
    with pytest.raises(ValueError, match=r"of 2 columns .* row 0 has none: .*drop_first"):
        resampled(as_kind(indicators(labels)[:, 1:], kind))


@pytest.mark.parametrize("kind", KINDS)
def test_rows_with_several_1_are_named(labels, kind):
    rows = indicators(labels)
    rows[7] = [1, 1, 0]
    with pytest.raises(ValueError, match=r"row 7 has several .*multilabel.*one class"):
        resampled(as_kind(rows, kind))


@pytest.mark.parametrize("cells", [(-1, 1), (0, 2), (1, 2)])
def test_other_values_than_0_and_1_are_refused(labels, cells):
    y = np.where(indicators(labels) == 1, cells[1], cells[0])
    with pytest.raises(ValueError, match=r"row 0 holds another value.*one column"):
        resampled(y)


def test_a_missing_cell_names_its_row(labels):
    rows = indicators(labels).astype(float)
    rows[5, 2] = np.nan
    for y in (rows, np.ma.masked_invalid(rows)):
        with pytest.raises(ValueError, match="missing label at row 5"):
            resampled(y)
