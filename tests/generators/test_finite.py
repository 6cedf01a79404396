"""No row is made of numbers that are not finite, or of memory that nobody wrote."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pd = pytest.importorskip("pandas")

import skgensample
from conftest import GENERATORS, small_nets
from skgensample.generators._sampling.tabular_model import TabularModel

FEW = {"batch_size": 20, "max_steps": 4, "random_state": 0}


def made(n=160):
    """Two numbers, one of them with missing cells, and a word; two classes."""
    rng = np.random.RandomState(0)
    y = np.where(np.arange(n) % 3 == 0, "fraud", "fine")
    age = np.where(rng.rand(n) < 0.3, np.nan, rng.gamma(2, size=n))
    word = rng.choice(["chip", "swipe", "online"], n)
    return pd.DataFrame({"amount": rng.normal(size=n), "age": age, "word": word}), y


def trained(name):
    X, y = made()
    sampler = getattr(skgensample, name)(**small_nets(name), **FEW)
    return sampler.set_params(sampling_strategy="all").fit(X, y)


@pytest.fixture(scope="module", params=GENERATORS)
def fitted(request):
    return trained(request.param)


@pytest.fixture(scope="module", params=[one for one in GENERATORS if one[:4] != "Auto"])
def blockwise(request):
    """A sampler whose network generates all columns at once."""
    return trained(request.param)


def tabular(sampler, label):
    model = sampler.model_
    return model[label] if isinstance(model, dict) else model.tabular


class Spoilt:
    """A network some of whose numbers are not finite."""

    def __init__(self, net, columns, value):
        self.net, self.columns, self.value = net, columns, value

    def __call__(self, *args):
        logits = self.net(*args).clone()
        logits[-1, self.columns] = self.value
        return logits


def outputs_of(model, name):
    """Columns of a network's output that stand for a column of the table."""
    encoder, layout = model.encoder, model.encoder.layout
    j = encoder.names.index(name)
    found = np.flatnonzero(encoder.scalar_columns == j).tolist()
    for unit, start, width in zip(encoder.span_columns, layout.starts, layout.widths):
        found += list(range(start, start + width)) if unit == j else []
    return found


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("name", ["amount", "age", "word"])
def test_a_network_that_returns_no_numbers_is_refused(blockwise, name, value, monkeypatch):
    """Infinity was decoded to a bound of the class, NaN to the first word or a missing cell."""
    model = tabular(blockwise, "fraud")
    assert len(blockwise.sample(9, y="fraud")[0]) == 9
    for column in outputs_of(model, name)[:2]:
        monkeypatch.setattr(model, "net", Spoilt(model.net, [column], value))
        with pytest.raises(FloatingPointError, match=f"class 'fraud' in column '{name}'") as error:
            blockwise.sample(9, y="fraud")
        assert ("no missing cell" in str(error.value)) == (name != "age")
        monkeypatch.undo()


def test_patterns_of_missing_cells_count_too(blockwise, monkeypatch):
    model = tabular(blockwise, "fraud")
    encoder = model.encoder
    (place,) = np.flatnonzero(encoder.span_columns == len(encoder.blocks))
    column = int(encoder.layout.starts[place])
    monkeypatch.setattr(model, "net", Spoilt(model.net, [column], np.nan))
    with pytest.raises(FloatingPointError, match="class 'fraud' in column 'age'"):
        blockwise.sample(9, y="fraud")


def test_nothing_is_calibrated_on_numbers_that_are_not_finite(blockwise):
    model = tabular(blockwise, "fraud")
    copy = TabularModel(model.encoder, model.ranges, model.frequencies, model.quantiles)
    spoilt = Spoilt(model.net, [0], np.nan)
    conditions = getattr(getattr(blockwise.model_, "conditions", None), "sample", None)
    with pytest.raises(FloatingPointError, match="lower learning_rate"):
        copy.install(spoilt, conditions=conditions)


def test_a_network_of_columns_that_returns_no_numbers_is_refused(monkeypatch):
    sampler = trained("AutoregressiveResampler")
    net = sampler.model_.net
    column = net.column
    for place, name in enumerate(("amount", "age", "word"), 1):

        def spoilt(x, at, given=None, place=place):
            logits = column(x, at, given)
            if at == place:
                logits[-1, 0] = np.nan
            return logits

        monkeypatch.setattr(net, "column", spoilt)
        with pytest.raises(FloatingPointError, match=f"class 'fraud' in column '{name}'"):
            sampler.sample(9, y="fraud")
        with pytest.raises(FloatingPointError, match="lower learning_rate"):
            sampler.model_.install(net)
        monkeypatch.undo()


def poison():
    """Have NumPy and torch hand out memory full of NaN, as freed memory may be."""
    for n in np.geomspace(8, 2e6, 40).astype(int).tolist():
        blocks = [(np.full(n, np.nan), torch.full((n,), torch.nan)) for _ in range(3)]
        del blocks


@pytest.mark.parametrize("n", [1, 30, 2_000])
def test_freed_memory_reaches_no_row(fitted, n):
    """Sampled after the allocators were filled with NaN, the rows are the same."""
    for label in ("fraud", "fine"):
        plain, _ = fitted.sample(n, y=label)
        poison()
        again, _ = fitted.sample(n, y=label)
        pd.testing.assert_frame_equal(again, plain)
        assert np.isfinite(again["amount"]).all() and again["word"].notna().all()


@pytest.mark.parametrize("name", GENERATORS)
def test_freed_memory_reaches_no_network_in_training(name):
    X, y = made()
    sampler = getattr(skgensample, name)(**small_nets(name), **FEW)
    plain, _ = sampler.fit_resample(X, y)
    poison()
    pd.testing.assert_frame_equal(sampler.fit_resample(X, y)[0], plain)
