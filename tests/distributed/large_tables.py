"""Tables and samplers of the tests of large data."""

import numpy as np
import pandas as pd
from packaging.version import Version

import skgensample as sg


def cards(n=1200, seed=0):
    """A mixed table of three classes, labels in column Class."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(rng.normal(size=(n, 3)), columns=["V1", "V2", "amount"])
    y = rng.choice(3, n, p=[0.88, 0.07, 0.05])
    frame["V1"] += y == 1
    frame["Class"] = y
    frame["hour"] = rng.integers(-3, 24, n)
    frame["kind"] = rng.choice(["chip", "swipe", "online"], n)
    frame["shop"] = pd.Categorical(rng.choice(list("pqrs"), n))
    frame["flag"] = rng.random(n) < 0.3
    return frame


#: Samplers that read few rows, or all; with the columns they are tried on.
SAMPLERS = {
    "smote": sg.NumbaSMOTE(random_state=0),
    "smotenc": sg.NumbaSMOTENC(random_state=1),
    "smoten": sg.NumbaSMOTEN(random_state=0),
    "borderline-1": sg.NumbaBorderlineSMOTE(random_state=0),
    "borderline-2": sg.NumbaBorderlineSMOTE(random_state=0, kind="borderline-2"),
    "adasyn": sg.NumbaADASYN(random_state=1),
    "safe-level": sg.SafeLevelSMOTE(random_state=2),
    "svm": sg.NumbaSVMSMOTE(random_state=0, svm_neighbors=10),
    "random": sg.NumbaRandomOverSampler(random_state=0),
    "rose": sg.NumbaRandomOverSampler(random_state=0, shrinkage=0.5),
    "kmeans": sg.NumbaKMeansSMOTE(random_state=0, cluster_balance_threshold=0.01),
    "copula": sg.GaussianCopulaResampler(random_state=0),
}
CATEGORIES = ["Class", "hour", "kind", "shop", "flag"]


def table_for(name):
    """The table that a sampler is tried on."""
    frame = cards()
    return frame[CATEGORIES] if name == "smoten" else frame


def read_csv(path, **options):
    """A CSV file as a frame; pandas 2 reads decimals to the last digit only if asked to."""
    if Version(pd.__version__) < Version("3"):
        options["float_precision"] = "round_trip"
    return pd.read_csv(path, **options)


def in_memory(sampler, frame):
    """Given and new rows of the sampler itself, labels in their column."""
    X, y = sampler.fit_resample(frame.drop(columns="Class"), frame["Class"])
    X.insert(list(frame.columns).index("Class"), "Class", y)
    return X
