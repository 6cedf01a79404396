"""Counts against imbalanced-learn's."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from imblearn.utils import check_sampling_strategy

from skgensample._sampling_strategy import class_counts, rows_wanted

LABELS = {
    "int": np.int64,
    "uint8": np.uint8,
    "float": float,
    "text": "U2",
    "object": lambda values: values.astype("U2").astype(object),
    "large": lambda values: values * 2**50,
    "negative": lambda values: values - 3,
}


def _cast(values, kind):
    cast = LABELS[kind]
    return cast(values) if callable(cast) and not isinstance(cast, type) else values.astype(cast)


@settings(max_examples=80, derandomize=True, deadline=None)
@given(
    st.lists(st.integers(0, 4), min_size=2, max_size=40).filter(lambda v: len(set(v)) > 1),
    st.sampled_from(sorted(LABELS)),
    st.sampled_from(["auto", "all", "minority", "not minority", "not majority", "double"]),
)
def test_equals_imbalanced_learn(values, kind, strategy):
    y = _cast(np.array(values), kind)
    counts = class_counts(y)
    assert [*counts] == np.unique(y).tolist() and sum(counts.values()) == len(y)
    if strategy == "double":
        strategy = {label: 2 * count for label, count in counts.items()}
    expected = check_sampling_strategy(strategy, y, "over-sampling")
    wanted = rows_wanted(strategy, y, counts)
    assert list(wanted.items()) == list(expected.items())
    assert {type(label) for label in wanted} <= {type(label) for label in expected}


def test_class_order_decides_ties():
    y = np.array(["b", "b", "a", "a"])
    assert rows_wanted("auto", y, class_counts(y)) == check_sampling_strategy(
        "auto", y, "over-sampling"
    )


@pytest.mark.parametrize("ratio", [0.3, 0.55, 1.0])
def test_ratio(ratio):
    y = np.repeat([0, 1], [101, 13])
    expected = check_sampling_strategy(ratio, y, "over-sampling")
    assert rows_wanted(ratio, y, class_counts(y)) == expected


@pytest.mark.parametrize(
    ("strategy", "text"),
    [
        (0.1, "remove samples"),
        ({0: 5, 1: 3}, "greater or equal"),
        ({2: 5}, "not present"),
        ({1: -1}, "negative"),
        ({1: 20.5}, "integer"),
        (lambda y: [1], "dict"),
    ],
)
def test_refusals(strategy, text):
    y = np.repeat([0, 1], [30, 10])
    with pytest.raises(ValueError, match=text):
        rows_wanted(strategy, y, class_counts(y))


def test_one_class():
    with pytest.raises(ValueError, match=r"more than 1 class\. Got 1 class"):
        rows_wanted("auto", np.ones(3), class_counts(np.ones(3)))


def test_ratio_needs_two_classes():
    with pytest.raises(ValueError, match="binary"):
        rows_wanted(0.5, np.arange(3), class_counts(np.arange(3)))
