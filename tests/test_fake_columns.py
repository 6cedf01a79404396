"""Personal columns whose values are invented in new rows, and kept in given ones."""

import pickle

import numpy as np
import pandas as pd
import pytest
from personal_tables import LOCALES, ordinary_table, personal_table
from sklearn.base import clone

from skgensample import (
    FakeColumns,
    GaussianCopulaResampler,
    MissingExtraError,
    NumbaRandomOverSampler,
    NumbaSMOTE,
    SequentialTreesResampler,
    synthesize,
    table_schema,
)
from skgensample.table._invent.given import GivenValues
from skgensample.table._looks import is_card, is_iban

pytest.importorskip("faker")
N = 600


@pytest.fixture(scope="module")
def marketing():
    """The calls of a bank's campaign, all made up, and who bought."""
    rng = np.random.RandomState(0)
    first = np.array("Anna Bert Carla Dieter Emma Franz Greta Hans Ida Jan".split())
    last = np.array("Amsel Bach Ceder Dorn Eiche Falk Gruber Huber Igel Jung".split())
    X = pd.DataFrame(
        {
            "Name": [
                f"{first[i % 10]} {last[i // 10 % 10]}-{last[i // 100 % 10]}" for i in range(N)
            ],
            "age": rng.randint(18, 95, N),
            "Job type": rng.choice(["admin.", "blue-collar", "retired"], N),
            "marital": pd.Categorical(rng.choice(["single", "married", "divorced"], N)),
            "Housing loan": rng.choice(["yes", "no"], N),
            "Contacts during campaign": rng.randint(10**9, 10**10, N),
            "pdays": np.where(rng.rand(N) < 0.9, 999, rng.randint(1, 30, N)),
        }
    )
    return X, pd.Series(np.where(rng.rand(N) < 0.2, "yes", "no"), name="bought")


def check_rows(new, X):
    """Typed rows with invented names and ten-digit numbers, none of them given."""
    assert new.dtypes.equals(X.dtypes) and list(new.columns) == list(X.columns)
    for column in ("Name", "Contacts during campaign"):
        assert not new[column].isin(X[column]).any()
        assert new[column].is_unique == X[column].is_unique
    assert new["Contacts during campaign"].between(10**9, 10**10 - 1).all()
    assert new["Name"].str.fullmatch(r"[^\W\d]+([ '-][^\W\d]+)+").all()
    assert set(new["Job type"]) <= set(X["Job type"])


SAMPLERS = [NumbaSMOTE, NumbaRandomOverSampler, GaussianCopulaResampler, SequentialTreesResampler]


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_given_rows_stay_and_new_ones_are_invented(marketing, sampler):
    X, y = marketing
    model = sampler(personal="fake", random_state=0)
    rows, labels = model.fit_resample(X, y)
    assert rows[:N].equals(X) and (labels[:N] == y).all()
    check_rows(rows[model.is_synthetic_], X)
    again, _ = sampler(personal=FakeColumns(), random_state=0).fit_resample(X, y)
    assert again.equals(rows)
    other, _ = sampler(personal="fake", random_state=1).fit_resample(X, y)
    assert (other["Name"] != rows["Name"])[N:].mean() > 0.9


@pytest.mark.parametrize("sampler", SAMPLERS[2:])
def test_a_synthetic_table_holds_no_person(marketing, sampler):
    X, y = marketing
    model = sampler(personal="fake", random_state=0, output="synthetic")
    rows, labels = model.fit_resample(X, y)
    check_rows(rows, X)
    # a class drawn alone is the one of fit_resample
    drawn, _ = model.sample(int((labels == "no").sum()), y="no")
    assert drawn.equals(rows[(labels == "no").to_numpy()].reset_index(drop=True))


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    ["GANOversampler", "WGANOversampler", "CTGANResampler", "CopulaGANResampler", "TVAEResampler",
     "AutoregressiveResampler"],
)  # fmt: skip
def test_networks_too(marketing, name):
    pytest.importorskip("torch")
    import skgensample
    from conftest import small_nets

    X, y = marketing
    options = {"personal": "fake", "random_state": 0, "max_steps": 5, "batch_size": 50}
    options["sampling_strategy"] = "all"
    model = getattr(skgensample, name)(**options, **small_nets(name)).fit(X, y)
    check_rows(model.sample(N)[0], X)


def test_the_fitted_model_and_messages_hold_no_given_value(marketing):
    X, y = marketing
    X = X.assign(Name=X["Name"].astype("category"))
    model = GaussianCopulaResampler(personal="fake", random_state=0).fit(X, y)
    stored = pickle.dumps(model)
    number = int(X["Contacts during campaign"][0])
    for canary in (b"Amsel", b"Carla", str(number).encode(), number.to_bytes(8, "little")):
        assert canary not in stored
    assert "Amsel" not in repr(model) + str(table_schema(X)) + table_schema(X)._repr_html_()
    new, _ = pickle.loads(stored).sample(50)
    assert new.equals(model.sample(50)[0])
    assert isinstance(new["Name"].dtype, pd.CategoricalDtype)
    assert not set(new["Name"].cat.categories) & set(X["Name"])
    with pytest.raises(ValueError, match=r"'Name'.*personal='fake'") as caught:
        GaussianCopulaResampler().fit(X, y)
    assert "Amsel" not in str(caught.value) and str(number) not in str(caught.value)


def test_draws_follow_the_seed(marketing):
    X, y = marketing
    model = SequentialTreesResampler(personal="fake", random_state=0).fit(X, y)
    assert model.sample(30)[0].equals(model.sample(30)[0])
    other = model.sample(30, random_state=1)[0]
    assert not set(other["Name"]) & set(model.sample(30)[0]["Name"])
    stream = np.random.RandomState(0)
    twice = pd.concat([model.sample(30, random_state=stream)[0] for _ in range(2)])
    assert twice["Contacts during campaign"].is_unique
    again = np.random.RandomState(0)
    assert model.sample(30, random_state=again)[0].equals(twice[:30])


def test_conditions_on_a_personal_column_say_that_it_is_invented(marketing):
    X, y = marketing
    model = GaussianCopulaResampler(personal="fake", random_state=0).fit(X, y)
    for given in ({"conditions": {"Name": "Otto"}}, {"partial": {"Name": ["Otto"]}}):
        with pytest.raises(ValueError, match=r"'Name' is set aside: its values are invented"):
            model.sample(1, **given)
    new, _ = model.sample(20, conditions={"age": (30, 40)})
    assert new["age"].between(30, 40).all() and not new["Name"].isin(X["Name"]).any()
    new, _ = model.sample(partial=pd.DataFrame({"age": [30, 50]}))
    assert new["age"].tolist() == [30, 50] and new["Name"].is_unique


def test_synthesize_is_unique_over_all_classes(marketing):
    X, y = marketing
    frame = X.assign(bought=y, customer=[f"C-{i:05d}" for i in range(N)])
    made = synthesize(frame, "bought", personal="fake", random_state=0)
    assert made["customer"].is_unique and not made["customer"].isin(frame["customer"]).any()
    assert (made.dtypes == frame.dtypes).all()
    schema = table_schema(frame)
    made = synthesize(frame, "bought", personal="fake", schema=schema, random_state=0)
    check_rows(made[X.columns], X)


@pytest.mark.parametrize("locale", LOCALES)
def test_thirty_columns_in_six_languages(locale):
    X = personal_table(locale, 300)
    kinds = table_schema(X)
    assert [name for name, found in kinds.items() if not found.provider] == ["age", "sum"]
    model = GaussianCopulaResampler(personal=FakeColumns(locale=locale), random_state=0).fit(X)
    new, _ = model.sample(300)
    assert new.dtypes.equals(X.dtypes)
    for column in X.columns[:-2]:
        assert not set(new[column]) & set(X[column]), column
        assert new[column].is_unique or not X[column].is_unique, column


@pytest.mark.slow
@pytest.mark.parametrize("locale", LOCALES)
def test_thirty_columns_of_ten_thousand_rows(locale):
    X = personal_table(locale, 10_000)
    model = GaussianCopulaResampler(personal=FakeColumns(locale=locale), random_state=0).fit(X)
    new, _ = model.sample(10_000)
    real = {c: len(set(new[c]) & set(X[c])) for c in X.columns[:-2]}
    assert set(real.values()) == {0}, real


def test_columns_that_identify_nobody_are_not_taken():
    table = ordinary_table(600)
    assert table.shape[1] == 40
    taken = {name: kind for name, kind in table_schema(table).items() if kind.provider}
    assert not taken
    GaussianCopulaResampler().fit(table)


def person_rows(n=400, seed=0):
    """Formats whose details are looked at."""
    rng = np.random.RandomState(seed)
    from skgensample.table._invent.checksums import with_luhn, with_mod97

    digits = rng.randint(10**8, 10**9, n)
    return pd.DataFrame(
        {
            "card": [
                with_luhn(f"4000 {d % 10**4:04d} {d // 10**4 % 10**4:04d} 0000") for d in digits
            ],
            "IBAN": [with_mod97(f"DE00{d}{d}") for d in digits],
            "email": [f"user{d}@bank.example" for d in digits],
            "customer": np.array([f"CUST-{i:06d}" for i in range(n)]),
            "born": pd.date_range("1950-01-01", periods=n, freq="40D", unit="s"),
            "phone": pd.array(np.where(digits % 4 == 0, None, digits + 10**9), dtype="Int64"),
            "long": digits.astype(float) * np.where(digits % 5 == 0, np.nan, 1.0),
            "x": rng.rand(n),
        }
    ).rename(columns={"born": "date of birth", "long": "Phone No."})


def test_formats_dtypes_and_gaps_are_kept():
    X = person_rows()
    new, _ = GaussianCopulaResampler(personal="fake", random_state=0).fit(X).sample(800)
    assert new.dtypes.equals(X.dtypes)
    assert new["card"].str.fullmatch(r"4000( \d{4}){3}").all() and all(map(is_card, new["card"]))
    assert new["IBAN"].str.fullmatch(r"DE\d{20}").all() and all(map(is_iban, new["IBAN"]))
    assert new["email"].str.fullmatch(r"[a-z0-9.]+@example\.(com|org|net)").all()
    assert new["customer"].str.fullmatch(r"CUST-\d{6}").all()
    assert new["date of birth"].dt.year.between(1949, 1994).all()
    assert new["phone"].dropna().between(10**9, 10**10).all()
    for column in ("phone", "Phone No."):
        assert abs(new[column].isna().mean() - X[column].isna().mean()) < 0.06
    assert (new["Phone No."].dropna() % 1 == 0).all()
    for column in X.columns[:-1]:
        assert not new[column].dropna().isin(X[column]).any(), column
        assert not X[column].dropna().is_unique or new[column].dropna().is_unique, column


def test_dates_of_birth_of_any_spelling():
    days = pd.date_range("1950-01-01", periods=400, freq="37D")
    spelled = {
        "text": days.strftime("%d.%m.%Y"), "whole": days.strftime("%Y%m%d").astype(int),
        "objects": days.date, "zoned": days.tz_localize("Europe/Berlin"),
    }  # fmt: skip
    X = pd.DataFrame({**spelled, "x": np.random.RandomState(0).rand(400)})
    personal = FakeColumns(columns=dict.fromkeys(spelled, "date_of_birth"))
    new, _ = GaussianCopulaResampler(personal=personal, random_state=0).fit(X).sample(400)
    assert new.dtypes.equals(X.dtypes)
    for column in spelled:
        assert not new[column].isin(X[column]).any() and new[column].is_unique
    years = [
        pd.to_datetime(new["text"], format="%d.%m.%Y").dt.year, new["whole"] // 10_000,
        pd.to_datetime(new["objects"]).dt.year, new["zoned"].dt.year,
    ]  # fmt: skip
    assert all(year.between(1948, 1991).all() for year in years)
    with pytest.raises(ValueError, match="'zoned' holds dates, and 'name' makes text"):
        GaussianCopulaResampler(personal=FakeColumns(columns={"zoned": "name"})).fit(X)


def test_repeated_customers_repeat():
    rng = np.random.RandomState(0)
    people = np.repeat(np.arange(200), rng.randint(1, 6, 200))
    X = pd.DataFrame(
        {"customer_id": [f"K{p * 37:05d}" for p in people], "x": rng.rand(len(people))}
    )
    new, _ = GaussianCopulaResampler(personal="fake", random_state=0).fit(X).sample(len(X))
    given = np.sort(X["customer_id"].value_counts().to_numpy())
    assert (np.sort(new["customer_id"].value_counts().to_numpy()) == given).all()
    more, _ = GaussianCopulaResampler(personal="fake", random_state=0).fit(X).sample(3 * len(X))
    assert more["customer_id"].value_counts().max() == given.max()


def test_running_numbers_go_on():
    X = pd.DataFrame({"id": np.arange(1, 501, dtype=np.int32), "x": np.random.rand(500)})
    new, _ = GaussianCopulaResampler(personal="fake", random_state=0).fit(X).sample(2_000)
    assert new["id"].dtype == np.int32 and new["id"].is_unique
    assert new["id"].min() > 500 and new["id"].max() < 3_000
    narrow = X[:200].astype({"id": np.uint8})
    with pytest.raises(ValueError, match=r"'id'.*wider dtype"):
        GaussianCopulaResampler(personal="fake", random_state=0).fit(narrow).sample(9_000)


@pytest.mark.parametrize("sampler", [NumbaSMOTE, NumbaRandomOverSampler, GaussianCopulaResampler])
def test_arrays(sampler):
    rng = np.random.RandomState(0)
    y = np.repeat([0, 1], [300, 100])
    numbers = np.column_stack([rng.randint(0, 9, 400), rng.randint(10**9, 10**10, 400)])
    numbers = np.column_stack([numbers, rng.randint(0, 99, 400)])
    objects = numbers.astype(object)
    objects[:, 1] = [f"user{i}@mail.example" for i in range(400)]
    for X in (numbers, objects, numbers.astype(float)):
        # whole numbers that are floats are not found out in an array
        personal = FakeColumns(columns={1: "identifier"}) if X.dtype == float else "fake"
        rows, _ = sampler(personal=personal, random_state=0).fit_resample(X, y)
        assert rows.dtype == X.dtype and rows.shape == (600, 3)
        assert (rows[:400] == X).all()
        assert not set(rows[400:, 1]) & set(X[:, 1]) and len(set(rows[400:, 1])) == 200
        assert ((rows[400:, 0] >= 0) & (rows[400:, 0] < 9)).all()
        if X is numbers:
            assert (np.log10(rows[400:, 1]).astype(int) == 9).all()


def test_polars(marketing):
    polars = pytest.importorskip("polars")
    X, y = marketing
    born = polars.Series("date of birth", person_rows(N)["date of birth"].dt.date.tolist())
    frame = polars.from_pandas(X.astype({"marital": str})).with_columns(
        born, polars.col("Name").cast(polars.Categorical)
    )
    for model in (SequentialTreesResampler, NumbaSMOTE):
        given = frame.drop("date of birth") if model is NumbaSMOTE else frame
        rows, _ = model(personal="fake", random_state=0).fit_resample(given, y)
        assert rows.schema == given.schema
        as_text = polars.col("Name").cast(polars.String)
        assert rows[:N].with_columns(as_text).equals(given.with_columns(as_text))
        for column in set(given.columns) & {"Name", "Contacts during campaign", "date of birth"}:
            assert not set(rows[column][N:].to_list()) & set(given[column].to_list())


def test_named_columns_and_errors(marketing):
    X, y = marketing
    phones = FakeColumns(columns={"Contacts during campaign": "phone_number", "Job type": "city"})
    new, _ = GaussianCopulaResampler(personal=phones, random_state=0).fit(X, y).sample(30)
    assert not new["Job type"].isin(X["Job type"]).any()

    def fit(X=X, **given):
        personal = FakeColumns(**given) if given else "fake"
        return GaussianCopulaResampler(personal=personal, random_state=0).fit(X, y)

    with pytest.raises(ValueError, match=r"'name'.*did you mean 'Name'"):
        fit(columns={"name": "name"})
    with pytest.raises(ValueError, match="'Name': 'nome' is no provider"):
        fit(columns={"Name": "nome"})
    with pytest.raises(ValueError, match="locale='xx_XX' is not known"):
        fit(locale="xx_XX")
    with pytest.raises(ValueError, match="'age' holds integers"):
        fit(columns={"age": "name"})
    with pytest.raises(ValueError, match="takes one locale"):
        fit(locale=["de_DE", "en_US"])
    with pytest.raises(ValueError, match="got list"):
        fit(columns=["Name"])
    with pytest.raises(ValueError, match="All columns"):
        fit(X[["Name"]])
    with pytest.raises(ValueError, match="personal"):
        NumbaSMOTE(personal="hide").fit_resample(X, y)


def test_without_faker(marketing, monkeypatch):
    import sys

    from skgensample.table._invent.pools import faker_of, pool

    X, y = marketing
    for cached in (faker_of, pool):
        cached.cache_clear()
    monkeypatch.setitem(sys.modules, "faker", None)
    with pytest.raises(MissingExtraError, match=r"skgensample\[fake\]"):
        NumbaSMOTE(personal="fake").fit_resample(X, y)
    rows, _ = NumbaSMOTE(personal="fake").fit_resample(X.drop(columns="Name"), y)
    assert not rows["Contacts during campaign"][N:].isin(X["Contacts during campaign"]).any()


def test_clone_parameters_and_grid_search(marketing):
    from imblearn.pipeline import make_pipeline
    from sklearn.compose import make_column_selector, make_column_transformer
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GridSearchCV

    X, y = marketing
    model = NumbaSMOTE(personal=FakeColumns(locale="de_DE"), random_state=0)
    copy = clone(model)
    assert copy.personal.locale == "de_DE" and copy.personal is not model.personal
    assert "FakeColumns(locale='de_DE')" in repr(model)
    assert model.get_params()["personal__locale"] == "de_DE"
    assert model.set_params(personal="fake").personal == "fake"
    numbers = make_column_transformer(("passthrough", make_column_selector(pattern="age|pdays")))
    pipe = make_pipeline(NumbaSMOTE(random_state=0), numbers, LogisticRegression(max_iter=500))
    grid = {"numbasmote__personal": ["fake", FakeColumns(locale="fr_FR")]}
    search = GridSearchCV(pipe, grid, cv=2, error_score="raise").fit(X, y)
    assert search.cv_results_["mean_test_score"].shape == (2,)


def test_hashes_find_all_given_values_and_few_others():
    given = GivenValues([f"{i:010d}" for i in range(0, 30_000, 3)])
    found = given.finder()
    assert all(found(f"{i:010d}") for i in range(0, 30_000, 3))
    # whoever tries other numbers finds some of them, too
    wrong = np.mean([found(f"{i:010d}") for i in range(1, 30_000, 3)])
    assert 0.004 < wrong < 0.03
