"""`table_schema`: what columns are taken for; and what samplers make of a corrected schema."""

import copy
import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

from skgensample import (
    FakeColumns,
    GaussianCopulaResampler,
    NumbaRandomOverSampler,
    NumbaSMOTE,
    NumbaSMOTENC,
    SequentialTreesResampler,
    TableSchema,
    table_schema,
)
from skgensample.constraints import Unique

N = 400


@pytest.fixture(scope="module")
def table():
    rng = np.random.RandomState(0)
    words = "the a client called about loan terms again and wants lower rates soon".split()
    return pd.DataFrame(
        {
            "customer_id": [f"C{i:05d}" for i in range(N)],
            "First name": [f"An{chr(97 + i % 26)}{chr(97 + i // 26)}a" for i in range(N)],
            "age": rng.randint(18, 90, N),
            "code": rng.choice([10, 20, 30], N),
            "married": rng.rand(N) < 0.5,
            "balance": rng.lognormal(7, 1, N).round(2),
            "score": rng.rand(N),
            "visits": np.where(rng.rand(N) < 0.1, np.nan, rng.randint(0, 30, N)),
            "city": rng.choice(["Lyon", "Oslo", "Bari"], N),
            "since": pd.date_range("2020-01-01", periods=N, unit="s"),
            "wait": pd.to_timedelta(rng.randint(0, 900, N), unit="min"),
            "comment": [" ".join(rng.choice(words, 6)) + f" {words[i % 13]}" for i in range(N)],
        }
    )


KINDS = {
    "customer_id": "identifier", "First name": "personal", "age": "integer", "code": "integer",
    "married": "flag", "balance": "money", "score": "number", "visits": "integer",
    "city": "category", "since": "date", "wait": "duration", "comment": "text",
}  # fmt: skip


def test_kinds_and_how_they_are_shown(table):
    schema = table_schema(table, np.arange(N) % 3)
    assert {name: found.kind for name, found in schema.items()} == KINDS
    assert schema["First name"].provider == "first_name" and "name" in schema["First name"].why
    assert schema.target.kind == "category" and "3 labels" in repr(schema)
    lines = repr(schema).splitlines()
    assert len(lines) == len(KINDS) + 1 and lines[2].split() == ["age", "integer"]
    assert schema._repr_html_().count("<tr>") == len(KINDS) + 2
    assert "C00001" not in repr(schema) and b"C00001" not in pickle.dumps(schema)


def test_kinds_of_polars_and_arrays(table):
    polars = pytest.importorskip("polars")
    frame = polars.from_pandas(table)
    assert {name: found.kind for name, found in table_schema(frame).items()} == KINDS
    objects = table.drop(columns=["since", "wait"]).to_numpy(dtype=object)
    kinds = [kind for name, kind in KINDS.items() if name not in ("since", "wait")]
    # names of people and amounts of money are known by the names of their columns
    kinds[1], kinds[5] = "identifier", "number"
    assert [found.kind for found in table_schema(objects).values()] == kinds
    numbers = np.column_stack([np.arange(N), np.arange(N) % 7, np.arange(N) % 2])
    assert [found.kind for found in table_schema(numbers).values()] == [
        "identifier", "integer", "flag"
    ]  # fmt: skip
    assert list(table_schema(numbers)) == [0, 1, 2]


def test_correcting_a_schema(table):
    schema = table_schema(table)
    other = schema.replace({"First name": "category"}, age="number")
    assert schema["age"].kind == "integer" and other["age"].kind == "number"
    other["city"] = "city"
    assert (other["city"].kind, other["city"].provider) == ("personal", "city")
    assert list(other) == list(schema) and len(copy.deepcopy(other)) == len(KINDS)
    with pytest.raises(KeyError, match="did you mean 'city'"):
        schema["City"] = "category"
    with pytest.raises(ValueError, match="'age': 'categorie' is no kind of column: did you mean"):
        schema["age"] = "categorie"
    with pytest.raises(ValueError, match="2D array"):
        table_schema(np.arange(3))


def fit(X, model=GaussianCopulaResampler, **given):
    return model(random_state=0, **given).fit(X)


def test_a_schema_that_is_handed_back_changes_nothing(table):
    pytest.importorskip("faker")
    schema = table_schema(table)
    new, _ = fit(table, personal="fake", schema=schema).sample(50)
    same, _ = fit(table, personal="fake").sample(50)
    assert new.equals(same) and new.dtypes.equals(table.dtypes)
    copied = clone(GaussianCopulaResampler(schema=schema, personal="fake", random_state=0))
    assert copied.fit(table).sample(50)[0].equals(new)


def test_personal_columns_of_a_schema(table):
    pytest.importorskip("faker")
    X = table[["age", "code", "city", "score"]]
    schema = {"city": "city", "code": "identifier"}
    with pytest.raises(ValueError, match=r"schema calls 'city', 'code' personal.*personal='fake'"):
        fit(X, schema=schema)
    new, _ = fit(X, schema=schema, personal="fake").sample(100)
    assert not set(new["city"]) & set(X["city"]) and not set(new["code"]) & {10, 20, 30}
    assert new["code"].dtype == X["code"].dtype and new["code"].nunique() == 3


@pytest.mark.parametrize("model", [GaussianCopulaResampler, SequentialTreesResampler])
def test_declared_categories_pass_and_are_drawn(table, model):
    X = table[["First name", "code", "age"]]
    with pytest.raises(ValueError, match="'First name'"):
        fit(X, model)
    new, _ = fit(X, model, schema={"First name": "category", "code": "category"}).sample(200)
    assert set(new["First name"]) <= set(X["First name"]) and set(new["code"]) <= {10, 20, 30}
    kinds = {
        c.name: c.kind
        for c in fit(
            X, model, schema=dict(code="category", **{"First name": "category"})
        ).codec_.columns
    }
    assert kinds == {"First name": "categorical", "code": "categorical", "age": "integer"}


def test_neighbours_vote_over_declared_categories(table):
    X, y = table[["age", "code", "score"]], np.repeat([0, 1], [300, 100])
    rows, _ = NumbaSMOTE(random_state=0).fit_resample(X, y)
    assert not set(rows["code"]) <= {10, 20, 30}
    rows, _ = NumbaSMOTE(random_state=0, schema={"code": "category"}).fit_resample(X, y)
    assert set(rows["code"]) <= {10, 20, 30}
    rows, _ = NumbaSMOTE(random_state=0, schema={"score": "money"}).fit_resample(X, y)
    assert rows["score"][N:].round(2).equals(rows["score"][N:]) and rows[:N].equals(X)
    rows, _ = NumbaSMOTE(random_state=0, schema={1: "category"}).fit_resample(X.to_numpy(), y)
    assert set(rows[:, 1]) <= {10, 20, 30}


def test_numbers_that_look_like_identifiers(table):
    X = pd.DataFrame({"ref": np.arange(N) * 7 + 10**9, "x": table["score"]})
    with pytest.raises(ValueError, match="'ref'"):
        fit(X)
    new, _ = fit(X, schema={"ref": "number"}).sample(300)
    assert new["ref"].between(10**9, 10**9 + 7 * N).all() and not new["ref"].is_unique


def test_free_text(table):
    pytest.importorskip("faker")
    X = table[["comment", "age"]]
    new, _ = fit(X, schema={"comment": "text"}).sample(100)
    assert not set(new["comment"]) & set(X["comment"])
    assert new["comment"].str.split().str.len().between(5, 9).all()
    short = X.assign(comment=X["comment"].str[:5])
    new, _ = fit(short, schema={"comment": "text"}).sample(100)
    assert set(new["comment"]) <= set(short["comment"])


def test_a_schema_of_another_table(table):
    with pytest.raises(ValueError, match=r"schema names 'Age'.*did you mean 'age'"):
        fit(table[["age", "score"]], schema={"Age": "number"})
    with pytest.raises(ValueError, match="schema names 'customer_id'"):
        fit(table[["age", "score"]], schema=table_schema(table))
    with pytest.raises(ValueError, match="'city' a number, and it holds text"):
        fit(table[["age", "city"]], schema={"city": "number"})
    with pytest.raises(ValueError, match="'age': 'nothing' is no kind"):
        fit(table[["age", "city"]], schema={"age": "nothing"})


def test_positions_of_categories_count_in_the_whole_table(table):
    pytest.importorskip("faker")
    X = table[["First name", "age", "city", "score"]]
    y = np.repeat([0, 1], [300, 100])
    for chosen in ([2], ["city"], [False, False, True, False], [-2]):
        model = NumbaSMOTENC(categorical_features=chosen, personal="fake", random_state=0)
        rows, _ = model.fit_resample(X, y)
        assert set(rows["city"]) == {"Lyon", "Oslo", "Bari"}
        assert model.categorical_features_.tolist() == [2]
        assert model.continuous_features_.tolist() == [1, 3]
    broken = X.to_numpy(dtype=object)
    broken[5, 3] = np.inf
    with pytest.raises(ValueError, match="column 3"):
        NumbaSMOTE(personal="fake").fit_resample(broken, y)


def unique(column, X, model=GaussianCopulaResampler, n=500):
    return model(random_state=0, constraints=[Unique(column)]).fit(X).sample(n)[0][column]


def test_unique_values_go_on(table):
    X = table[["age", "score"]].assign(
        order=np.arange(N) + 1_000, sku=[f"S-{i:04d}-{'AB'[i % 2]}" for i in range(N)]
    )
    with pytest.raises(ValueError, match=r"'order'.*'sku'"):
        fit(X)
    both = [Unique("order"), Unique("sku")]
    new, _ = fit(X, constraints=both).sample(500)
    assert new["order"].is_unique and new["order"].between(1_400, 9_999).all()
    assert new["sku"].is_unique and new["sku"].str.fullmatch(r"S-\d{4}-[AB]").all()
    assert not new["sku"].isin(X["sku"]).any() and new.dtypes.equals(X.dtypes)
    y = np.repeat([0, 1], [300, 100])
    for model in (NumbaSMOTE, NumbaRandomOverSampler):
        rows, _ = model(random_state=0, constraints=both).fit_resample(X, y)
        assert rows["order"].is_unique and rows["sku"].is_unique and rows[:N].equals(X)


def test_unique_of_an_array_and_with_gaps(table):
    X = np.column_stack([np.arange(N) + 1_000, table["age"]])
    new = fit(X, constraints=[Unique(0)]).sample(500)[0]
    assert len(set(new[:, 0])) == 500 and new[:, 0].min() >= 1_400
    gaps = table[["age"]].assign(key=np.where(np.arange(N) % 4, np.arange(N) + 500.0, np.nan))
    made = unique("key", gaps)
    assert made.dropna().is_unique and 0.15 < made.isna().mean() < 0.35
    assert not made.dropna().isin(gaps["key"]).any()


def test_unique_is_checked_first(table):
    X = table[["age", "score"]].assign(key=np.r_[np.arange(N - 2), 5, 6])
    with pytest.raises(ValueError, match=r"Unique\('key'\).*row 398 repeats.*2 of 400 rows"):
        unique("key", X)
    with pytest.raises(ValueError, match=r"Unique names 'Key'.*did you mean 'key'"):
        unique("Key", X)
    assert Unique("key") == Unique("key") and repr(Unique("a")) == "Unique('a')"


def test_nothing_is_wrapped_by_default():
    X, y = np.random.default_rng(0).normal(size=(20, 2)), np.arange(20) % 4 == 0

    def codec(sampler):
        return type(sampler._encode(X, y)[2]).__name__

    assert codec(NumbaSMOTE()) == "TableCodec"
    assert codec(NumbaRandomOverSampler()) == "RowCodec"
    assert codec(NumbaSMOTE(personal=FakeColumns())) == "SetAsideCodec"
    assert isinstance(TableSchema({"a": "number"})["a"].kind, str)
