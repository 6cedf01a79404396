"""`synthesize`: a whole frame in, a synthetic one of the same columns and dtypes out."""

import numpy as np
import pytest

from skgensample import FakeColumns, GaussianCopulaResampler, synthesize
from skgensample._synthesize import _sampler
from skgensample.constraints import Unique

pd = pytest.importorskip("pandas")
COPULA = "GaussianCopulaResampler"


@pytest.fixture
def table(mixed_frame):
    X, y = mixed_frame
    X.insert(2, "fraud", pd.Categorical(np.where(y == 1, "yes", "no")))
    return X


def test_columns_dtypes_and_class_counts_are_those_of_the_table(table):
    made = synthesize(table, "fraud", model=COPULA, random_state=0)
    assert made.columns.tolist() == table.columns.tolist() and len(made) == len(table)
    assert (made.dtypes == table.dtypes).all()
    assert made["fraud"].value_counts().to_dict() == table["fraud"].value_counts().to_dict()
    assert made["fraud"].ne(made["fraud"].shift()).sum() > 5  # classes are mixed
    pd.testing.assert_frame_equal(made, synthesize(table, "fraud", model=COPULA, random_state=0))


def test_other_sizes_and_no_target(table):
    made = synthesize(table, "fraud", n=7, model=COPULA, random_state=0)
    assert made["fraud"].value_counts().to_dict() == {"no": 5, "yes": 2}
    made = synthesize(table, n=300, model=COPULA, random_state=0)
    assert (made.dtypes == table.dtypes).all() and len(made) == 300
    assert made["fraud"].eq("yes").mean() == pytest.approx(0.25, abs=0.08)


def test_conditions_may_name_the_target(table):
    given = {"fraud": "yes", "channel": ["chip", "swipe"]}
    made = synthesize(table, "fraud", n=50, conditions=given, model=COPULA, random_state=0)
    assert (made["fraud"] == "yes").all() and made["channel"].isin(["chip", "swipe"]).all()
    made = synthesize(table, "fraud", conditions={"visits": (3, None)}, model=COPULA)
    assert (made["visits"] >= 3).all() and set(made["fraud"]) == {"yes", "no"}
    assert given == {"fraud": "yes", "channel": ["chip", "swipe"]}


def test_several_labels_under_conditions_have_the_probabilities_of_the_model(rng):
    """They had those of the table, whatever the other conditions said."""
    x = rng.normal(size=3_000)
    frame = pd.DataFrame({"x": x, "y": np.digitize(x + 0.3 * rng.normal(size=3_000), [0, 1])})
    given = {"x": (0.8, None)}
    for wanted in ([0, 2], {0, 2}, np.array([0, 2])):
        made = synthesize(frame, "y", n=400, conditions=given | {"y": wanted}, model=COPULA)
        assert made["y"].isin([0, 2]).all() and (made["y"] == 2).mean() > 0.9
    made = synthesize(frame, "y", n=90, conditions={"y": (1, None)}, model=COPULA)
    assert set(made["y"]) == {1, 2}
    for wanted in ([], (5, None), ("a", "b")):
        with pytest.raises(ValueError, match="admits none of its labels"):
            synthesize(frame, "y", conditions={"y": wanted}, model=COPULA)
    model = GaussianCopulaResampler(random_state=0).fit(frame[["x"]], frame["y"])
    probabilities = model.label_probabilities(given)
    assert (
        probabilities.sum() == pytest.approx(1) and probabilities[2] > 0.6 > 0.05 > probabilities[0]
    )


def test_polars(table):
    pl = pytest.importorskip("polars")
    frame = pl.DataFrame({name: table[name].tolist() for name in table})
    made = synthesize(frame, "fraud", n=40, model=COPULA, random_state=0)
    assert made.schema == frame.schema and made.shape == (40, frame.shape[1])
    assert made["fraud"].to_list().count("yes") == 10


def test_the_automatic_choice_follows_rows_and_columns():
    assert type(_sampler("auto", (300, 10), 0)).__name__ == COPULA
    assert type(_sampler("auto", (400, 10), 0)).__name__ == "SequentialTreesResampler"
    own = GaussianCopulaResampler(random_state=3)
    assert _sampler(own, (1, 1), None).random_state == 3
    assert _sampler(own, (1, 1), 5).random_state == 5 and own.random_state == 3


def test_the_automatic_choice_counts_the_columns_that_a_model_sees():
    n = 100
    frame = pd.DataFrame({"a": np.arange(n) % 7, "b": np.arange(n) % 11})
    frame["Name"] = [f"Ann Lee{chr(97 + i % 26)}{chr(97 + i // 26)}" for i in range(n)]
    frame["order_id"] = range(1000, 1000 + n)
    trees, options = "SequentialTreesResampler", {"n": 5, "random_state": 0, "return_model": True}
    ways = [
        ({"personal": "fake"}, trees),
        ({"personal": FakeColumns(columns={"a": "identifier"})}, trees),
        ({"personal": "fake", "schema": {"Name": "category", "order_id": "integer"}}, COPULA),
    ]
    for given, name in ways:
        assert type(synthesize(frame, **given, **options)[1]).__name__ == name
    frame = frame.drop(columns="Name")
    rules = [Unique("order_id")]  # else three columns are learned, if they are let pass
    assert type(synthesize(frame, constraints=rules, **options)[1]).__name__ == trees


def test_other_names_of_keywords_are_understood(table):
    for name, meant in (("num_rows", "n"), ("modle", "model")):
        with pytest.raises(TypeError, match=f"did you mean '{meant}'"):
            synthesize(table, "fraud", **{name: 3})


@pytest.mark.parametrize("name", ["GANOversampler", "WGANOversampler"])
def test_all_classes_are_learnt(name, table):
    pytest.importorskip("torch")
    made = synthesize(table, "fraud", n=8, model=name, random_state=0)
    assert made["fraud"].value_counts().to_dict() == {"no": 6, "yes": 2}


def test_misuse_is_refused(table):
    with pytest.raises(TypeError, match="Table, got ndarray"):
        synthesize(np.zeros((5, 2)))
    with pytest.raises(ValueError, match="give a column's name"):
        synthesize(table, table["fraud"])
    for kwargs, cause in (
        ({"target": "froud"}, "not a column"),
        ({"n": 0}, "positive integer"),
        ({"model": "CTGAN"}, "generator: give 'auto'"),
        ({"target": "fraud", "conditions": {"fraud": "maybe"}}, "not a class seen by fit"),
        ({"target": "fraud", "conditions": {"chanel": "chip"}}, "did you mean 'channel'"),
    ):
        with pytest.raises(ValueError, match=cause):
            synthesize(table, **{"model": COPULA, **kwargs})
    with pytest.raises(ValueError, match="no column but the target"):
        synthesize(table[["fraud"]], "fraud", model=COPULA)
    with pytest.raises(ValueError, match="Unknown label type"):
        synthesize(table, "amount", model=COPULA)
