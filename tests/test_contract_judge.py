"""The judge of the contracts sees every kind of silent fault, and no contract is missing."""

import importlib

import numpy as np
import pytest
from sklearn.base import BaseEstimator

from contracts import Case, Refused, blobs, check_result, judge, resample

TABLES = (
    "test_contracts_values",
    "test_contracts_arrays",
    "test_contracts_parameters",
    "test_contracts_frames",
    "test_contracts_frame_types",
    "test_contracts_sparse",
    "test_contracts_objects",
    "test_contracts_processes",
)
CODES = {"A": 21, "B": 31, "C": 13, "D": 45, "E": 11, "F": 11, "G": 16, "H": 26, "I": 26}


class Repeater(BaseEstimator):
    """Balances by repeating minority rows: right in all that the judge looks at."""

    def __init__(self, spoil=None):
        self.spoil = spoil

    def fit_resample(self, X, y):
        rows = np.flatnonzero(y == 1)
        more = np.resize(rows, 2 * np.sum(y == 0) - len(y))
        X_res, y_res = np.concatenate([X, X[more]]), np.concatenate([y, y[more]])
        return (X_res, y_res) if self.spoil is None else self.spoil(X, X_res, y_res)


def set_cell(row, value):
    def spoil(X, X_res, y_res):
        X_res[row, 1] = value
        return X_res, y_res

    return spoil


def touch_input(X, X_res, y_res):
    X[0, 0] += 1
    return X_res, y_res


FAULTS = {
    "given row altered": (set_cell(3, 0.5), "given rows altered"),
    "NaN made": (set_cell(-1, np.nan), "not finite"),
    "infinity made": (set_cell(-1, np.inf), "not finite"),
    "outside the class": (set_cell(-1, 99.0), "outside the range"),
    "unbalanced": (lambda X, X_res, y_res: (X_res[:-1], y_res[:-1]), "asked for"),
    "labels altered": (lambda X, X_res, y_res: (X_res, 1 - y_res), "labels altered"),
    "labels widened": (lambda X, X_res, y_res: (X_res, y_res.astype(float)), "int64"),
    "rows first": (lambda X, X_res, y_res: (X_res[::-1], y_res[::-1]), "altered"),
    "dtype changed": (lambda X, X_res, y_res: (X_res.astype(np.float32), y_res), "float32"),
    "a list": (lambda X, X_res, y_res: (X_res.tolist(), y_res), "list"),
    "column lost": (lambda X, X_res, y_res: (X_res[:, :-1], y_res), "number of columns"),
    "input modified": (touch_input, "input was modified"),
}


def test_a_right_result_passes():
    X, y = blobs()
    resample(Repeater(), X, y)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_silent_fault_is_seen(fault):
    spoil, said = FAULTS[fault]
    with pytest.raises(AssertionError, match=said):
        resample(Repeater(spoil=spoil), *blobs())


def test_frame_faults_are_seen():
    pd = pytest.importorskip("pandas")
    X, y = blobs()
    frame = pd.DataFrame(X, columns=list("abcd")).assign(
        kind=pd.Categorical(["chip", "swipe"] * 40, categories=["swipe", "chip", "mail"])
    )
    more = np.resize(np.flatnonzero(y == 1), 40)
    result = pd.concat([frame, frame.iloc[more]], ignore_index=True)
    labels = np.concatenate([y, y[more]])
    check_result(frame, y, result, labels)
    unseen = result.copy()
    unseen.loc[119, "kind"] = "mail"
    faults = {
        "dtypes": result.astype({"kind": object}),
        "names": result.rename(columns={"a": "A"}),
        "observed": unseen,
        "altered": result.assign(a=result["a"].where(result.index != 2, 0.25)),
    }
    for said, wrong in faults.items():
        with pytest.raises(AssertionError, match=said):
            check_result(frame, y, wrong, labels)


def refuse(sampler):
    raise Refused("ValueError: column 'amount' holds NaN")


@pytest.mark.parametrize(
    "verdict, cause, run, ends_well",
    [
        ("ok", ".", lambda sampler: None, True),
        ("ok", ".", refuse, False),
        ("error", "NaN", refuse, True),
        ("error", "infinity", refuse, False),
        ("error", ".", lambda sampler: None, False),
        ("either", ".", lambda sampler: None, True),
        ("either", "nan", refuse, True),
        ("either", "infinity", refuse, False),
    ],
)
def test_verdicts(verdict, cause, run, ends_well):
    case = Case(verdict, "planted", cause, run)
    if ends_well:
        judge(case, None)
    else:
        with pytest.raises(AssertionError):
            judge(case, None)


def test_all_200_contracts_have_a_case():
    pytest.importorskip("pandas")
    codes = [code for name in TABLES for code in importlib.import_module(name).CASES]
    assert sorted(codes) == [f"{g}{i:02}" for g, n in CODES.items() for i in range(1, n + 1)]
    assert len(codes) == 200
