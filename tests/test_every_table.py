"""Real tables of every kind through samplers and a search over pipelines: kinds, dtypes, gaps."""

import csv

import numpy as np
import pytest
from imblearn.pipeline import Pipeline
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.model_selection import GridSearchCV, StratifiedKFold
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder

from contracts import label_list
from skgensample import NumbaSMOTE, SequentialTreesResampler

pd = pytest.importorskip("pandas")
pl = pytest.importorskip("polars")
pa = pytest.importorskip("pyarrow")

ROWS = 1_500
SAMPLERS = {
    "SMOTE": NumbaSMOTE(random_state=0),
    "quantile": NumbaSMOTE(random_state=0, scale="quantile", category_rule="nearest"),
    "trees": SequentialTreesResampler(random_state=0),
}


def hypothyroid(shared_data):
    """Numbers with gaps and flags; gaps of a laboratory value where it was not measured."""
    lines = shared_data("hypothyroid/hypothyroid.arff").read_text().splitlines()
    names = [line.split("'")[1] for line in lines if line.lower().startswith("@attribute")]
    rows = list(csv.reader(line for line in lines if line and line[0] not in "@%"))
    table = pd.DataFrame(rows, columns=names).replace("?", None)
    table = table.sample(frac=1, random_state=0).reset_index(drop=True)
    numeric = ["age", "TSH", "T3", "TT4", "T4U", "FTI"]
    table[numeric] = table[numeric].astype("Float64")
    y = np.where(table.pop("Class").str.strip() == "negative", "healthy", "ill")
    return table.drop(columns="TBG"), pd.Series(y, dtype="string")


def credit(shared_data):
    """Amounts with gaps, as nullable integers, and categories with gaps."""
    table = pd.read_csv(shared_data("modeldata-credit-data/credit_data.csv"))
    table = table.sample(frac=1, random_state=0).reset_index(drop=True)
    y = table.pop("Status")
    numeric = table.select_dtypes("number").columns
    table = table.astype(dict.fromkeys(numeric, "Int64"))
    return table.astype({"Marital": "category", "Records": "string[pyarrow]"}), y


def adult(shared_data):
    """A polars frame with categories and gaps, and its labels as a Series."""
    columns = [f"c{j}" for j in range(15)]
    table = pl.read_csv(
        shared_data("adult/adult-train.csv"), has_header=False, new_columns=columns, n_rows=ROWS
    )
    table = table.with_columns(pl.col(pl.String).str.strip_chars().replace("?", None))
    numeric, codes = pl.col("c2", "c4", "c10", "c11", "c12"), pl.col("c13", "c6")
    table = table.with_columns(numeric.cast(pl.Int32), codes.cast(pl.Categorical))
    return table.drop("c14"), table["c14"]


def cards(shared_data):
    """Card payments as a pyarrow Table with their timestamps, half of them fraudulent."""
    path = shared_data("fraud-handbook-simulated/transactions.parquet")
    table = pytest.importorskip("pyarrow.parquet").read_table(path)
    fraud = np.flatnonzero(table["TX_FRAUD"].to_numpy() == 1)[:300]
    rows = np.sort(np.r_[fraud, np.arange(0, table.num_rows, table.num_rows // ROWS)])
    table = table.take(np.unique(rows))
    day = table["TX_DATETIME"].cast("date32")
    X = table.select(["TX_DATETIME", "TX_AMOUNT", "TERMINAL_ID"]).append_column("day", day)
    return X, table["TX_FRAUD"]


def german(shared_data):
    """Categories, and integers of 64 bits."""
    table = pd.read_csv(shared_data("german-credit/german.csv"), header=None).add_prefix("c")
    y = table.pop("c20")
    text = table.select_dtypes(exclude="number").columns
    return table.astype(dict.fromkeys(text, "category")), y


TABLES = {
    "hypothyroid": hypothyroid, "credit": credit, "adult": adult, "cards": cards, "german": german
}  # fmt: skip


@pytest.fixture(scope="module", params=TABLES)
def table(request, shared_data):
    X, y = TABLES[request.param](shared_data)
    return X[:ROWS], y[:ROWS]


def as_pandas(X):
    return X.copy() if isinstance(X, pd.DataFrame) else X.to_pandas()


def kinds(X):
    """Container, names and types."""
    return type(X), getattr(X, "schema", None) or X.dtypes.to_dict()


@pytest.mark.parametrize(
    "name", ["SMOTE", "quantile", pytest.param("trees", marks=pytest.mark.slow)]
)
def test_kinds_and_gaps_come_back(table, name):
    X, y = table
    sampler = SAMPLERS[name]
    X_all, y_all = sampler.fit_resample(X, y)
    assert kinds(X_all) == kinds(X) and type(y_all) is type(y)
    given, made = as_pandas(X), as_pandas(X_all)
    pd.testing.assert_frame_equal(made[: len(X)], given, check_categorical=False)
    assert made.iloc[len(X) :].dtypes.astype(str).equals(given.dtypes.astype(str))
    labels, labels_all = label_list(y), label_list(y_all)
    labels, labels_all = np.array(labels), np.array(labels_all)
    levels, counts = np.unique(labels_all, return_counts=True)
    assert len(set(counts.tolist())) == 1
    for label, extra in zip(levels, counts - [np.sum(labels == level) for level in levels]):
        if not extra:
            continue
        own = given[labels == label].isna().mean().to_numpy()
        new = made[len(X) :][labels_all[len(X) :] == label].isna().mean().to_numpy()
        wide = 5 * np.sqrt(0.25 * (1 / (labels == label).sum() + 1 / extra))
        np.testing.assert_allclose(new, own, atol=wide)


@pytest.mark.slow
def test_a_search_over_pipelines(table):
    X, y = table
    to_numbers = make_column_transformer(
        (
            OneHotEncoder(handle_unknown="ignore", sparse_output=False),
            make_column_selector(dtype_exclude=["number", "datetime"]),
        ),
        (FunctionTransformer(_as_floats), make_column_selector(dtype_include="number")),
    )
    steps = [
        ("sampler", NumbaSMOTE(random_state=0)),
        ("pandas", FunctionTransformer(as_pandas)),
        ("numbers", to_numbers),
        ("trees", HistGradientBoostingClassifier(max_iter=5, random_state=0)),
    ]
    search = GridSearchCV(
        Pipeline(steps),
        {"sampler__category_rule": ["vote", "nearest"], "sampler__scale": [None, "quantile"]},
        cv=StratifiedKFold(2),
        scoring="balanced_accuracy",
        error_score="raise",
    )
    labels = np.array(label_list(y))
    search.fit(X, labels)
    assert search.best_score_ > 0.5


def _as_floats(X):
    return X.astype("Float64").astype(float)
