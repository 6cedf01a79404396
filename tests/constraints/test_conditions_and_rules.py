"""Conditions and partial rows on tables under rules: both hold, or the error names both."""

import numpy as np
import pandas as pd
import pytest

from conftest import HAS_TORCH, small_nets
from ruled_tables import RULES, broken, ruled_table
from skgensample import (
    AutoregressiveResampler,
    GaussianCopulaResampler,
    SequentialTreesResampler,
    TVAEResampler,
)
from skgensample.constraints import Inequality, Range

RULED = RULES["together"] + RULES["one-hot"] + RULES["chain"]
MODELS = {
    "copula": GaussianCopulaResampler(),
    "trees": SequentialTreesResampler(),
    "autoregressive": AutoregressiveResampler(
        max_steps=20, **small_nets("AutoregressiveResampler")
    ),
    "tvae": TVAEResampler(max_steps=20, **small_nets("TVAEResampler")),
}
DAY = pd.Timestamp("2020-06-01")
_FITTED = {}


@pytest.fixture(params=MODELS)
def model(request):
    name = request.param
    if name in ("autoregressive", "tvae") and not HAS_TORCH:
        pytest.skip("needs torch")
    if name not in _FITTED:
        X, y = ruled_table(800)
        _FITTED[name] = MODELS[name].set_params(constraints=RULED, random_state=0).fit(X, y)
    return _FITTED[name]


def good(rows):
    return not broken(rows) - {"predicate", "range"}


def test_conditions_on_columns_that_rules_replaced(model):
    """On a level of a combination, a flag, a derived date and a sum."""
    wanted = {"country": "FR", "red": 1, "end": (None, DAY), "total": (10, 50)}
    rows, labels = model.sample(60, conditions=wanted)
    assert good(rows) and len(rows) == len(labels) == 60
    assert (rows["country"] == "FR").all() and (rows["red"] == 1).all()
    assert (rows["end"] <= DAY).all() and rows["total"].between(10, 50).all()
    assert rows["city"].nunique() == 2


def test_lists_of_values(model):
    rows, _ = model.sample(40, y=1, conditions={"city": ["Paris", "Bonn"], "middle": (5, 9)})
    assert good(rows) and set(rows["city"]) == {"Paris", "Bonn"}
    assert rows["middle"].between(5, 9).all()


def test_a_difference_follows_from_both_ends(model):
    """Two dates given in one row fix their difference."""
    if isinstance(model, TVAEResampler):  # rejection does not meet a given date
        pytest.skip("generates by rejection")
    partial = pd.DataFrame({"start": [DAY, None], "end": [DAY + pd.Timedelta("9D"), None]})
    partial["country"] = [None, "DE"]
    rows, _ = model.sample(partial=partial)
    assert good(rows) and rows["start"][0] == DAY and rows["end"][0] == DAY + pd.Timedelta("9D")
    assert rows["country"][1] == "DE"


def test_the_last_cell_of_a_sum_follows(model):
    partial = {"total": [30.5, 20.0], "a": [20.25, None], "b": [None, 9.75]}
    if isinstance(model, TVAEResampler):  # rejection does not meet a given number
        pytest.skip("generates by rejection")
    rows, _ = model.sample(partial=partial)
    assert good(rows)
    np.testing.assert_allclose(rows["b"], [10.25, 9.75])
    np.testing.assert_allclose(rows["a"], [20.25, 10.25])


def test_given_values_of_computed_columns(model):
    """A total, or a later date, alone: rows near it are shifted, and follow the model."""
    rows, _ = model.sample(40, conditions={"total": 25.5, "city": "Paris"})
    assert good(rows) and (rows["total"] == 25.5).all() and (rows["city"] == "Paris").all()
    assert rows["a"].nunique() > 10
    rows, _ = model.sample(partial={"end": [DAY, DAY, None], "total": [None, None, 30.25]})
    assert good(rows) and (rows["end"][:2] == DAY).all() and rows["total"][2] == 30.25


@pytest.mark.parametrize(
    "wanted, rule",
    [
        ({"city": "Paris", "country": "DE"}, "FixedCombinations"),
        ({"red": 1, "blue": 1}, "OneHot"),
        ({"start": (DAY, None), "end": (None, DAY - pd.Timedelta("1D"))}, "Inequality"),
        ({"low": 8, "middle": 8}, "Inequality"),
        ({"total": 30.5, "a": 20.25, "b": 20.25}, "LinearSum"),
        ({"total": (None, 20), "a": (15, None), "b": (15, None)}, "LinearSum"),
    ],
)
def test_a_contradiction_names_both(model, wanted, rule):
    with pytest.raises(ValueError, match="contradicts the rule " + rule) as error:
        model.sample(5, conditions=wanted)
    assert all(repr(name) in str(error.value) for name in wanted)


def test_a_contradiction_in_a_partial_row_names_the_row(model):
    partial = {"city": ["Paris", "Paris"], "country": ["FR", "IT"]}
    with pytest.raises(ValueError, match=r"Row 1 of partial.*FixedCombinations"):
        model.sample(partial=partial)


def test_probabilities_of_labels(model):
    found = model.label_probabilities({"end": (None, DAY), "country": "FR"}, random_state=0)
    assert found.shape == (2,) and np.isclose(found.sum(), 1) and (found > 0).all()


def test_conditions_follow_the_model():
    """Conditions on a derived column shift what it is derived from, as in the given rows."""
    X, y = ruled_table(3_000)
    model = SequentialTreesResampler(constraints=RULED, random_state=0).fit(X, y)
    rows, _ = model.sample(1_500, conditions={"end": (DAY, DAY + pd.Timedelta("90D"))})
    given = X[X["end"].between(DAY, DAY + pd.Timedelta("90D"))]
    days = [f["start"].sub(DAY).dt.days for f in (given, rows)]
    assert abs(days[0].mean() - days[1].mean()) < 8
    assert abs(days[0].std() - days[1].std()) < 6


def test_a_fixed_bound_against_a_condition():
    X, y = ruled_table()
    rules = [Range("age", 18, 90), Inequality("x", "<=", 4.0)]
    model = GaussianCopulaResampler(constraints=rules, random_state=0).fit(X, y)
    with pytest.raises(ValueError, match="'x' contradicts the rule Inequality"):
        model.sample(5, conditions={"x": (5.0, None)})


def test_a_condition_that_no_row_meets_ends_in_an_error():
    """Bounded tries: the condition is named, with its acceptance rate."""
    X, y = ruled_table()
    model = GaussianCopulaResampler(constraints=RULED, random_state=0).fit(X, y)
    with pytest.raises(ValueError, match=r"the condition on 'total'.*acceptance rate"):
        model.sample(5, y=1, conditions={"total": (None, 0.5)})
