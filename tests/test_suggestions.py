"""Errors about names suggest the one that was probably meant."""

import inspect

import numpy as np
import pytest
from sklearn.base import clone

import skgensample
from skgensample import (
    GaussianCopulaResampler,
    NumbaBorderlineSMOTE,
    NumbaNearestNeighbors,
    NumbaSMOTE,
    NumbaSMOTENC,
    SequentialTreesResampler,
    synthesize,
)
from skgensample._suggestions import closest, did_you_mean
from skgensample.model_selection import PrequentialSplit

X = np.random.RandomState(0).randn(60, 3)
Y = np.where(np.arange(60) < 15, "fraud", "genuine")


def table():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(X, columns=["amount", "age", "height"])
    return frame.assign(country=np.resize(["Austria", "Belgium"], 60))


@pytest.mark.parametrize(
    ("name", "known", "found"),
    [
        ("AMOUNT", ["amount", "age"], "amount"),
        ("frud", np.array(["fraud", "genuine"]), "fraud"),
        ("1", [0, 1], 1),
        (1, ["0", "1"], "1"),
        (11, [0, 1], None),
        ("nothing alike", ["amount"], None),
    ],
)
def test_closest(name, known, found):
    assert closest(name, known) == found
    assert ("did you mean" in did_you_mean(name, known)) == (found is not None)


def test_end_of_a_sentence_shows_what_can_be_typed():
    assert did_you_mean("1", [np.int64(0), np.int64(1)]) == ": did you mean 1?"
    assert did_you_mean("zzz", ["a"], otherwise=": see the list.") == ": see the list."


@pytest.mark.parametrize(
    ("kind", "given", "meant"),
    [
        (NumbaSMOTE, "k_neigbors", "k_neighbors"),
        (NumbaBorderlineSMOTE, "kinds", "kind"),
        (GaussianCopulaResampler, "samplng_strategy", "sampling_strategy"),
        (NumbaNearestNeighbors, "n_neighbours", "n_neighbors"),
    ],
)
def test_parameters(kind, given, meant):
    pattern = rf"{kind.__name__}\.__init__\(\) .*{given}.*: did you mean '{meant}'\?"
    with pytest.raises(TypeError, match=pattern):
        kind(**{given: 3})
    with pytest.raises(ValueError, match=rf"Invalid parameter '{given}'.* mean '{meant}'\?"):
        kind().set_params(**{given: 3})
    with pytest.raises(ValueError, match="Invalid parameter 'zzz'") as error:
        kind().set_params(zzz=3)
    assert "mean" not in str(error.value)


def test_nested_parameters_keep_their_own_error():
    sampler = NumbaSMOTE(k_neighbors=NumbaNearestNeighbors())
    with pytest.raises(ValueError, match=r"'radios'.*NumbaNearestNeighbors.* mean 'radius'\?"):
        sampler.set_params(k_neighbors__radios=1.0)
    assert sampler.set_params(k_neighbors__radius=2.0).k_neighbors.radius == 2.0
    with pytest.raises(ValueError, match=r"mean 'k_neighbors'\?"):
        sampler.set_params(k_neighbor__radius=1.0)


def test_an_error_inside_a_constructor_is_not_taken_for_another():
    class Strict(NumbaSMOTE):
        def __init__(self, *, sampling_strategy="auto", random_state=None, k_neighbors=5):
            super().__init__(sampling_strategy=sampling_strategy, random_state=random_state)
            self.k_neighbors = k_neighbors + 0

    with pytest.raises(TypeError, match="can only concatenate"):
        Strict(k_neighbors="five")
    assert "k_neighbors" in inspect.signature(Strict).parameters
    assert clone(Strict(k_neighbors=3)).k_neighbors == 3
    with pytest.raises(TypeError, match=r"Strict\.__init__\(\) .*: did you mean 'k_neighbors'\?"):
        Strict(k_neighbor=3)


@pytest.mark.parametrize(
    ("sampler", "meant"),
    [
        (GaussianCopulaResampler(output="synthetik"), "synthetic"),
        (NumbaBorderlineSMOTE(kind="borderline1"), "borderline-1"),
        (NumbaSMOTE(sampling_strategy="minorty"), "minority"),
    ],
)
def test_words(sampler, meant):
    with pytest.raises(ValueError, match=rf"Did you mean '{meant}'\?"):
        sampler.fit_resample(X, Y)


def test_words_that_resemble_none():
    with pytest.raises(ValueError, match="'output' parameter") as error:
        GaussianCopulaResampler(output="zzz").fit(X, Y)
    assert "mean" not in str(error.value)
    with pytest.raises(ValueError, match=r"Did you mean 'euclidean'\?"):
        NumbaNearestNeighbors(metric="euclid").fit(X)


def test_classes():
    sampler = GaussianCopulaResampler(random_state=0).fit(X, Y)
    with pytest.raises(ValueError, match=r"'genuine'\]: did you mean 'fraud'\?"):
        sampler.sample(3, y="Fraude")
    with pytest.raises(ValueError, match=r"'genuine'\]\.$"):
        sampler.sample(3, y="zzz")
    with pytest.raises(ValueError, match=r"not present in the data: did you mean 'fraud'\?"):
        NumbaSMOTE(sampling_strategy={"frud": 20}).fit(X, Y)
    with pytest.raises(ValueError, match=r"did you mean 1\?"):
        NumbaSMOTE(sampling_strategy={"1": 50}).fit(X, (Y == "fraud").astype(int))


def test_levels_and_columns():
    frame = table()
    sampler = SequentialTreesResampler(random_state=0, n_trees=1).fit(frame, Y)
    with pytest.raises(ValueError, match=r"did you mean 'Austria'\?"):
        sampler.sample(3, conditions={"country": "austria"})
    with pytest.raises(ValueError, match=r"did you mean 'country'\?"):
        sampler.sample(3, conditions={"contry": "Austria"})
    with pytest.raises(ValueError, match=r"did you mean 'country'\?"):
        sampler.set_params(order=["amount", "age", "height", "county"]).fit(frame, Y)
    with pytest.raises(ValueError, match=r"\['contry'\]: did you mean 'country'\?"):
        NumbaSMOTENC(categorical_features=["contry"]).fit(frame, Y)
    with pytest.raises(ValueError, match=r"did you mean 'country'\?"):
        synthesize(frame, "contry")
    with pytest.raises(ValueError, match=r"did you mean 'GaussianCopulaResampler'\?"):
        synthesize(frame, model="GaussianCopula")


def test_columns_of_folds():
    with pytest.raises(ValueError, match=r"no column 'amont': did you mean 'amount'\?"):
        next(PrequentialSplit(time="amont").split(table()))


def test_names_of_the_package():
    with pytest.raises(AttributeError, match=r"did you mean 'NumbaSMOTE'\?"):
        _ = skgensample.NumbaSmote
