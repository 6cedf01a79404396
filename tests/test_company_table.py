"""Personal columns, constraints, dates and conditions in one table, through every container."""

import zipfile

import numpy as np
import pytest

import skgensample
from skgensample.constraints import (
    FixedCombinations,
    Inequality,
    LinearSum,
    Predicate,
    Range,
    Unique,
)

pd = pytest.importorskip("pandas")
pytest.importorskip("faker")

N = 300
RULES = [Inequality("start", "<=", "end"), LinearSum("total", ["a", "b"]), Range("age", 18, 100)]
SAMPLERS = {
    "NumbaSMOTE": {},
    "NumbaRandomOverSampler": {},
    "SequentialTreesResampler": {"output": "synthetic"},
    "GaussianCopulaResampler": {"output": "synthetic"},
    "TVAEResampler": {"output": "synthetic", "max_steps": 20},
    "GANOversampler": {"max_steps": 20},
}


@pytest.fixture(scope="module")
def clients():
    rng = np.random.default_rng(0)
    first = rng.choice(["Ann", "Bob", "Carl", "Dora", "Eve", "Finn"], N)
    last = [f"Smith{chr(97 + i % 26)}{chr(97 + i // 26)}" for i in range(N)]
    start = pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 300, N), "D")
    frame = pd.DataFrame(
        {
            "Name": [f"{one} {two}" for one, two in zip(first, last)],
            "Contacts during campaign": rng.integers(6_000_000_000, 9_999_999_999, N),
            "age": rng.integers(18, 90, N),
            "a": rng.integers(0, 50, N) * 100,
            "b": rng.gamma(2, 30, N).round(2),
            "start": start,
            "job": rng.choice(["clerk", "farmer", "driver"], N),
            "end": start + pd.to_timedelta(rng.integers(0, 40, N), "D"),
        }
    )
    frame["total"] = frame["a"] + frame["b"]
    return frame, pd.Series(np.where(rng.random(N) < 0.2, "yes", "no"), name="y")


def _contained(frame, container):
    if container == "pandas":
        return frame
    if container == "polars":
        return pytest.importorskip("polars").from_pandas(frame)
    pa = pytest.importorskip("pyarrow")
    levels = frame.assign(job=frame["job"].astype("category"))
    return pa.Table.from_pandas(levels, preserve_index=False)


def _checked(made, clients):
    """Made rows as a pandas frame; no rule is broken and nobody is in them."""
    made = made if isinstance(made, pd.DataFrame) else made.to_pandas()
    given = clients[0]
    assert (made["start"] <= made["end"]).all()
    np.testing.assert_allclose(made["total"], made["a"] + made["b"], atol=1e-9)
    assert made["age"].between(18, 100).all()
    assert (made["a"] % 100 == 0).all()
    for name in ("Name", "Contacts during campaign"):
        assert not set(made[name]) & set(given[name]), name
    assert made["Contacts during campaign"].between(10**9, 10**10 - 1).all()
    return made


@pytest.mark.parametrize("container", ["pandas", "polars", "pyarrow"])
@pytest.mark.parametrize("name", SAMPLERS)
def test_every_sampler_and_container(clients, name, container):
    options = SAMPLERS[name]
    if "max_steps" in options:
        pytest.importorskip("torch")
    X, y = _contained(clients[0], container), clients[1]
    sampler = getattr(skgensample, name)(
        random_state=0, personal="fake", constraints=RULES, **options
    )
    made, _ = sampler.fit_resample(X, y)
    assert type(made) is type(X)
    n_given = 0 if options.get("output") else N
    _checked(made[n_given:] if container != "pyarrow" else made.slice(n_given), clients)
    if hasattr(sampler, "sample"):
        rows, labels = sampler.sample(30, y="yes", conditions={"age": (30, 40)})
        assert _checked(rows, clients)["age"].between(30, 40).all()
        assert (np.asarray(labels) == "yes").all()


def test_a_rule_on_a_personal_column_is_refused(clients):
    sampler = skgensample.NumbaSMOTE(
        personal="fake", constraints=[Inequality("Contacts during campaign", ">", "age")]
    )
    with pytest.raises(ValueError, match="'Contacts during campaign' is set aside"):
        sampler.fit_resample(*clients)


def test_clones_and_grid_search_over_both(clients):
    from imblearn.pipeline import Pipeline
    from sklearn.compose import ColumnTransformer
    from sklearn.model_selection import GridSearchCV
    from sklearn.preprocessing import StandardScaler
    from sklearn.tree import DecisionTreeClassifier

    numbers = ColumnTransformer([("n", StandardScaler(), ["age", "a", "b", "total"])])
    pipeline = Pipeline(
        [
            ("sampler", skgensample.NumbaSMOTE(personal="fake", random_state=0)),
            ("numbers", numbers),
            ("tree", DecisionTreeClassifier(max_depth=2, random_state=0)),
        ]
    )
    grid = {"sampler__constraints": [None, RULES], "sampler__personal": ["fake"]}
    search = GridSearchCV(pipeline, grid, cv=2, error_score="raise").fit(*clients)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()


@pytest.mark.parametrize("container", ["pandas", "polars", "pyarrow"])
@pytest.mark.parametrize("name", ["SequentialTreesResampler", "GaussianCopulaResampler"])
def test_a_saved_model_makes_the_same_rows_and_holds_nobody(clients, name, container, tmp_path):
    frame = clients[0].assign(
        id=range(7000, 7000 + N),
        place=np.where(clients[0]["job"] == "clerk", "Rome", "Oslo"),
        iban=[f"DE{i % 97:02}{i:018}" for i in range(N)],
    )
    rules = [*RULES, Unique("id"), FixedCombinations(["place", "job"])]
    personal = skgensample.FakeColumns("de_DE")
    sampler = getattr(skgensample, name)(random_state=0, personal=personal, constraints=rules)
    sampler.fit(_contained(frame, container), clients[1])
    path = tmp_path / "model.skg"
    sampler.save(path)
    made, _ = sampler.sample(40)
    assert skgensample.load(path).sample(40)[0].equals(made)
    with zipfile.ZipFile(path) as file:
        content = b"".join(file.read(part) for part in file.namelist())
    for column in ("Name", "Contacts during campaign", "iban"):
        assert not [text for text in map(str, frame[column]) if text.encode() in content]


def test_a_function_is_not_saved(clients, tmp_path):
    rules = [Predicate(lambda rows: rows["age"] > 0)]
    sampler = skgensample.GaussianCopulaResampler(
        random_state=0, personal="fake", constraints=rules
    )
    sampler.fit(*clients)
    with pytest.raises(TypeError, match="Predicate"):
        sampler.save(tmp_path / "model.skg")
