"""How the 200 contracts are written down, run and judged (the cases stand in test_contracts_*.py).

A case is a function of a sampler. It feeds one kind of input through `resample`, which raises
`Refused` where the sampler said no and AssertionError where the result is silently wrong.
"""

import pickle
import re
import warnings
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from numbers import Number

import numpy as np
from scipy import sparse
from sklearn.base import clone


class Refused(Exception):
    """The sampler raised a ValueError or TypeError; the text is the sampler's own."""


@dataclass(frozen=True)
class Case:
    """One contract: its verdict ("ok", "error" or "either") and the input that shows it."""

    verdict: str
    title: str
    cause: str
    run: Callable


class Contracts(dict):
    """Code -> Case; `@table("A01", "either", "title", cause="pattern")` adds one."""

    def __call__(self, code, verdict, title, cause="."):
        assert code not in self and verdict in ("ok", "error", "either")

        def register(run):
            self[code] = Case(verdict, title, cause, run)
            return run

        return register


def judge(case, sampler):
    """Fail unless the case ends as its verdict says; an error has to name its cause."""
    try:
        case.run(sampler)
    except Refused as refusal:
        assert case.verdict != "ok", f"{case.title}: refused with {refusal}"
        assert re.search(case.cause, str(refusal), re.IGNORECASE), (
            f"{case.title}: the error should say /{case.cause}/, it says: {refusal}"
        )
    else:
        assert case.verdict != "error", f"{case.title}: accepted without an error"


@contextmanager
def refusals():
    """Tell the sampler's own ValueErrors and TypeErrors from those of a test."""
    try:
        yield
    except (ValueError, TypeError) as error:
        raise Refused(f"{type(error).__name__}: {error}") from error


def repeats_rows(sampler):
    """Whether new rows are given rows, taken whole: missing cells and names come along."""
    return sampler.get_params().get("shrinkage", 0) is None


def wants_both_kinds(sampler):
    """Whether the table has to have numeric and categorical columns."""
    return type(sampler).__name__.endswith("SMOTENC")


def for_table(sampler, X):
    """A clone that looks for categories by itself where the table has words or levels."""
    fresh = clone(sampler)
    if wants_both_kinds(fresh) and hasattr(X, "shape") and any(map(_is_nominal, columns_of(X))):
        fresh.set_params(categorical_features="auto")
    return fresh


def _is_nominal(cells):
    return cells.dtype == object and any(isinstance(cell, (str, bool)) for cell in cells)


def may_copy(sampler):
    """Whether a new row may be a given row: safe-level SMOTE stays at a base beside noise."""
    return repeats_rows(sampler) or type(sampler).__name__ == "SafeLevelSMOTE"


def leaves_range(sampler):
    """Whether new numbers may lie outside their class's range: SVM-SMOTE extrapolates, and noise
    is added by a smoothed bootstrap."""
    params = sampler.get_params()
    return bool(params.get("out_step") or params.get("shrinkage"))


def resample(sampler, X, y, *, counts=None, box=True, **params):
    """Run a fresh clone on (X, y) and return its checked result."""
    fresh = for_table(sampler, X)
    before = fingerprint(X), fingerprint(y)
    with refusals(), warnings.catch_warnings():
        # a documented fallback is allowed here; I18 says when there must be none
        warnings.simplefilter("ignore", UserWarning)
        X_res, y_res = fresh.set_params(**params).fit_resample(X, y)
    assert before == (fingerprint(X), fingerprint(y)), "the input was modified"
    box, finite = box and not leaves_range(fresh), not repeats_rows(fresh)
    check_result(X, y, X_res, y_res, counts=counts, box=box, finite=finite)
    return X_res, y_res


def check_result(X, y, X_res, y_res, counts=None, box=True, finite=True):
    """Raise AssertionError where a result is silently wrong.

    Parameters
    ----------
    counts : dict, optional
        Rows of each class to be found in the result; each class as large as the largest if absent.
    box : bool
        Also ask that new numbers lie inside their class's range.
    finite : bool
        Also ask that new numbers are finite.
    """
    check_same_kind(X, X_res)
    check_same_kind(y, y_res)
    given, made = columns_of(X), columns_of(X_res)
    labels, labels_res = label_list(y), label_list(y_res)
    n = len(labels)
    assert len(given) == len(made), "number of columns changed"
    assert labels_res[:n] == labels, "given labels altered"
    check_counts(labels, labels_res, counts)
    for j, (old, new) in enumerate(zip(given, made)):
        assert len(new) == len(labels_res), f"column {j}: length differs from y's"
        assert same_cells(old, new[:n]), f"column {j}: given rows altered"
        check_new_cells(j, old, new[n:], labels, labels_res[n:], box and finite, finite)


def check_counts(labels, labels_res, counts):
    """Every class has the number of rows asked for."""
    have = {label: labels.count(label) for label in dict.fromkeys(labels)}
    if counts is None:
        counts = dict.fromkeys(have, max(have.values()))
    found = {label: labels_res.count(label) for label in dict.fromkeys(labels_res)}
    assert found == {**have, **counts}, f"asked for {counts}, got {found}"


def check_new_cells(j, old, new, labels, new_labels, box, finite=True):
    """New cells of one column are finite, of the given types, and in their class's range.

    They are missing only where the column given has missing cells.
    """
    gap, new_gap = missing(old), missing(new)
    assert gap.any() or not new_gap.any(), f"column {j}: not finite, or missing"
    old, new = old[~gap], new[~new_gap]
    labels = [label for label, out in zip(labels, gap) if not out]
    new_labels = [label for label, out in zip(new_labels, new_gap) if not out]
    if not len(new):
        return
    if old.dtype == object and not all(isinstance(cell, Number) for cell in old):
        assert {type(c) for c in new} <= {type(c) for c in old}, f"column {j}: new types of cell"
        assert set(new) <= set(old), f"column {j}: values never observed"
        return
    if old.dtype.kind not in "biufO":
        assert set(new.tolist()) <= set(old.tolist()), f"column {j}: values never observed"
        return
    if new.dtype.kind == "f" and finite:
        assert np.isfinite(new).all(), f"column {j}: not finite"
    for label in dict.fromkeys(new_labels) if box else ():
        own = old[[other == label for other in labels]]
        fresh = new[[other == label for other in new_labels]]
        # rounding in the sampler's own float64 is no fault where the table is wider
        wide = own.astype(float) if own.dtype == np.longdouble else own
        top = np.abs(wide).max()
        with np.errstate(over="ignore"):  # float64's largest and four steps
            slack = 4 * (top - np.nextafter(top, 0)) if own.dtype.kind == "f" else 0
            inside = (fresh >= own.min() - slack) & (fresh <= own.max() + slack)
        assert inside.all(), f"column {j}: outside the range of class {label!r}"


def missing(cells):
    """Which cells are None, NaN or pandas' NA."""
    return np.array([c is None or type(c).__name__ == "NAType" or c != c for c in cells], bool)


def check_same_kind(given, result):
    """Container, dtypes and names are those of the input."""
    if isinstance(given, np.ndarray):
        assert isinstance(result, np.ndarray), f"an array became {type(result).__name__}"
        assert result.dtype == given.dtype.newbyteorder("="), f"{given.dtype} -> {result.dtype}"
        return
    assert type(result) is type(given), f"{type(given).__name__} -> {type(result).__name__}"
    if sparse.issparse(given):
        assert result.format == given.format and result.dtype == given.dtype
    elif hasattr(given, "dtypes") and hasattr(given, "iloc"):
        assert list(np.ravel(result.dtypes)) == list(np.ravel(given.dtypes)), "dtypes changed"
        assert getattr(result, "name", None) == getattr(given, "name", None)
        if hasattr(given, "columns"):
            assert result.columns.equals(given.columns), "column names changed"
            assert result.columns.names == given.columns.names
    elif hasattr(given, "schema"):
        assert result.schema == given.schema
    elif hasattr(given, "dtype"):
        assert result.dtype == given.dtype and getattr(result, "name", "") == getattr(
            given, "name", ""
        )


def columns_of(X):
    """Cells of each column as a list of 1-D arrays, for any container."""
    if sparse.issparse(X):
        X = X.toarray()
    if hasattr(X, "iloc"):
        return [_cells(X.iloc[:, j]) for j in range(X.shape[1])]
    if hasattr(X, "to_pydict"):
        return [_cells(column.to_numpy()) for column in X.itercolumns()]
    if hasattr(X, "get_columns"):
        return [_cells(column) for column in X.get_columns()]
    return list(np.asarray(X).T)


def _cells(column):
    """One column of a frame as an array of numbers, or of objects."""
    if hasattr(column, "cat") and hasattr(column, "astype"):
        return np.asarray(column.astype(object), dtype=object)
    cells = np.asarray(column)
    return cells if cells.dtype.kind in "biufO" else cells.astype(object)


def label_list(y):
    """Labels as a list of Python values; a row of a one-hot target becomes its position."""
    if hasattr(y, "to_pylist"):
        return y.to_pylist()
    if hasattr(y, "to_list"):
        return y.to_list()
    y = np.asarray(y)
    if y.ndim == 2:
        y = y.argmax(axis=1) if y.shape[1] > 1 else y[:, 0]
    return y.tolist()


def same_cells(a, b):
    """Bit-for-bit equality of two columns; missing equals missing in columns of objects."""
    a, b = np.asarray(a), np.asarray(b)
    if a.dtype != object and b.dtype != object:
        b = b.astype(a.dtype, copy=False)
        return a.shape == b.shape and a.tobytes() == b.tobytes()
    return len(a) == len(b) and all(
        type(p) is type(q) and (p is q or p == q or p != p) for p, q in zip(a, b)
    )


def fingerprint(table):
    """Bytes that change when the table does."""
    if sparse.issparse(table):
        parts = ("data", "indices", "indptr", "rows", "row", "col")
        table = [table.toarray(), *(getattr(table, part, None) for part in parts)]
    elif hasattr(table, "iloc"):
        # a frame's own pickle, and a dtype's, also change with their caches
        wide = table.to_frame() if table.ndim == 1 else table
        table = [wide.index.tolist(), wide.columns.tolist(), wide.dtypes.map(repr).tolist()]
        table += [column.tolist() for column in columns_of(wide)]
    return pickle.dumps(table)


def trained(sampler, steps=400):
    """The sampler, trained long enough to have learnt something where it is trained at all."""
    if "max_steps" in sampler.get_params():
        return clone(sampler).set_params(max_steps=steps)
    return sampler


def blobs(counts=(60, 20), d=4, seed=0, shift=1.0):
    """Gaussian classes 0, 1, ... of the given sizes, `shift` apart, in shuffled order."""
    rng = np.random.RandomState(seed)
    y = np.repeat(np.arange(len(counts)), counts)
    X = rng.standard_normal((len(y), d)) + shift * y[:, None]
    order = rng.permutation(len(y))
    return X[order], y[order]
