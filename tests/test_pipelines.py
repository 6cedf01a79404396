"""The samplers in imbalanced-learn's Pipeline: searched over, cross-validated, copied."""

import pickle

import numpy as np
import pytest
from imblearn.pipeline import Pipeline, make_pipeline
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GridSearchCV, StratifiedKFold, cross_val_score
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.tree import DecisionTreeClassifier

from conftest import HAS_TORCH, ONE_NETWORK, REPRESENTATIVES, SAMPLERS, slow_except
from contracts import blobs
from skgensample import NumbaSMOTE
from skgensample.datasets import card_transaction_features, make_card_transactions
from skgensample.model_selection import PrequentialSplit

pytestmark = slow_except(ONE_NETWORK)
TREE = DecisionTreeClassifier(max_depth=3, random_state=0)


@pytest.mark.skipif(not HAS_TORCH, reason="torch is not installed")
@pytest.mark.parametrize(
    "names",
    [REPRESENTATIVES, pytest.param([*SAMPLERS], marks=pytest.mark.slow)],
    ids=["few", "all"],
)
def test_grid_search_over_samplers(names):
    """One search over doing nothing and over each sampler; two workers find what one finds."""
    X, y = blobs((300, 40))
    model = Pipeline([("sampler", "passthrough"), ("tree", TREE)])
    grid = {"sampler": ["passthrough", *(SAMPLERS[name]() for name in names)]}
    searches = [
        GridSearchCV(
            model, grid, scoring="average_precision", cv=3, n_jobs=n_jobs, error_score="raise"
        ).fit(X, y)
        for n_jobs in (1, 2)
    ]
    scores = [search.cv_results_["mean_test_score"] for search in searches]
    assert np.array_equal(*scores)
    assert len(scores[0]) == 1 + len(names) and len(set(scores[0])) > 1
    assert searches[1].best_estimator_.predict_proba(X).shape == (340, 2)


def test_sampler_parameters_in_a_search(sampler):
    """Only training folds are resampled, with the ratio of each candidate."""
    X, y = blobs((120, 30))
    model = Pipeline([("sampler", sampler), ("tree", TREE)])
    search = GridSearchCV(model, {"sampler__sampling_strategy": [0.5, 1.0]}, cv=2).fit(X, y)
    folds = list(StratifiedKFold(2).split(X, y))
    for column, ratio in enumerate([0.5, 1.0]):
        for number, (train, test) in enumerate(folds):
            fresh = clone(sampler).set_params(sampling_strategy=ratio)
            tree = clone(TREE).fit(*fresh.fit_resample(X[train], y[train]))
            score = search.cv_results_[f"split{number}_test_score"][column]
            assert score == tree.score(X[test], y[test])


@pytest.fixture(scope="module")
def stream():
    """Fifty days of a small bank and the features of its transactions."""
    pytest.importorskip("pandas")
    stream = make_card_transactions(n_customers=400, n_terminals=2_000, n_days=50, random_state=0)
    return stream, card_transaction_features(stream).to_numpy()


def test_prequential_folds(sampler, stream):
    """cross_val_score resamples the training week of each fold and scores an untouched week."""
    transactions, X = stream
    y, card = (transactions[name].to_numpy() for name in ("TX_FRAUD", "CUSTOMER_ID"))
    cv = PrequentialSplit(n_splits=2, time=transactions["TX_DATETIME"].to_numpy(), card=card)
    model = make_pipeline(StandardScaler(), clone(sampler).set_params(sampling_strategy=0.5), TREE)
    scores = cross_val_score(model, X, y, cv=cv, scoring="roc_auc", error_score="raise")
    for (train, test), score in zip(cv.split(X, y), scores):
        risk = clone(model).fit(X[train], y[train]).predict_proba(X[test])[:, 1]
        assert roc_auc_score(y[test], risk) == score
    assert len(scores) == 2


def test_clone_and_pickle(sampler):
    """A fitted pipeline and its copies predict alike; a clone learns the same again."""
    X, y = blobs((120, 30))
    model = make_pipeline(StandardScaler(), sampler, TREE).fit(X, y)
    risk = model.predict_proba(X)
    assert np.array_equal(pickle.loads(pickle.dumps(model)).predict_proba(X), risk)
    assert np.array_equal(clone(model).fit(X, y).predict_proba(X), risk)


def test_mixed_frame(sampler, mixed_frame):
    """Frames with text: encoded first for samplers of numbers, after it for those that take it."""
    X, y = mixed_frame
    text = ["channel", "country"]
    encode = ColumnTransformer(
        [("text", OneHotEncoder(sparse_output=False), text)], remainder="passthrough"
    )
    steps = [encode, sampler] if isinstance(sampler, NumbaSMOTE) else [sampler, encode]
    model = make_pipeline(*steps, TREE).fit(X, y)
    assert set(model.predict(X)) <= {0, 1}
