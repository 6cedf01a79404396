"""GANOversampler: what it learns, and what it must not do."""

import pickle
import sys

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import roc_auc_score

torch = pytest.importorskip("torch")

import skgensample
from conftest import GENERATORS, small_nets
from skgensample import GANOversampler, MissingExtraError, SmallClassWarning


def tiny(**changes):
    settings = {"embedding_dim": 8, "generator_dim": (16,), "discriminator_dim": (16,)}
    settings |= {"batch_size": 32, "max_steps": 20, "random_state": 0}
    return GANOversampler(**settings | changes)


@pytest.fixture
def data():
    rng = np.random.RandomState(0)
    return rng.normal(size=(150, 3)), np.repeat([0, 1, 2], [90, 30, 30])


def test_learns_margins_and_correlation_of_the_class():
    rng = np.random.RandomState(0)
    noise = rng.normal(size=(400, 3))
    scarce = np.column_stack(
        [5 + noise[:, 0], np.exp(noise[:, 0] + 0.3 * noise[:, 1]), noise[:, 2] ** 3]
    )
    X = np.r_[rng.normal(size=(1_400, 3)) * 10 - 30, scarce]
    y = np.repeat([0, 1], [1_400, 400])
    X_new = GANOversampler(max_steps=1_200, random_state=0).fit_resample(X, y)[0][1_800:]
    for j in range(3):
        assert stats.ks_2samp(X_new[:, j], scarce[:, j]).statistic < 0.15
    rank, made = stats.spearmanr(scarce)[0], stats.spearmanr(X_new)[0]
    assert rank[0, 1] > 0.9
    np.testing.assert_allclose(made, rank, atol=0.25)


def test_flags_and_spikes_keep_their_shares():
    rng = np.random.RandomState(0)
    n = 300
    flag = rng.uniform(size=n) < 0.8
    amount = np.where(rng.uniform(size=n) < 0.5, 0.0, rng.gamma(2, size=n))
    scarce = np.column_stack([flag, amount, rng.normal(size=n) + 2 * flag])
    X, y = np.r_[np.zeros((1_300, 3)), scarce], np.repeat([0, 1], [1_300, n])
    made = GANOversampler(max_steps=300, random_state=0).fit_resample(X, y)[0][1_600:]
    assert set(made[:, 0]) == {0.0, 1.0}
    assert abs(made[:, 0].mean() - flag.mean()) < 0.12
    assert abs(np.mean(made[:, 1] == 0) - np.mean(amount == 0)) < 0.12
    assert roc_auc_score(made[:, 0], made[:, 2]) > 0.75


def test_two_classes_of_equal_rows_get_different_draws(data):
    X, y = data
    X[60:90], X[90:120], X[120:] = X[:30], X[:30] + 0.0, X[:30]
    X_new = tiny().fit_resample(X, y)[0][150:]
    first, second = X_new[:60], X_new[60:]
    assert not np.isclose(first, second).any()


def test_majority_rows_play_no_part(data):
    X, y = data
    other = X.copy()
    other[y == 0] = other[y == 0][::-1] * 7
    a, b = (tiny().fit_resample(table, y)[0][150:] for table in (X, other))
    np.testing.assert_array_equal(a, b)


def test_same_rows_on_any_number_of_threads(data):
    before, results = torch.get_num_threads(), []
    try:
        for threads in (1, 2):
            torch.set_num_threads(threads)
            results.append(tiny().fit_resample(*data)[0])
    finally:
        torch.set_num_threads(before)
    np.testing.assert_array_equal(*results)


@pytest.mark.parametrize("name", GENERATORS)
def test_works_whatever_default_dtype_and_modes_the_caller_has(data, name):
    sampler = getattr(skgensample, name)(max_steps=3, random_state=0, **small_nets(name))
    wanted = sampler.fit_resample(*data)[0]
    try:
        torch.set_default_dtype(torch.float64)
        torch.set_float32_matmul_precision("medium")
        with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16):
            made = sampler.fit_resample(*data)[0]
        assert torch.get_float32_matmul_precision() == "medium"
    finally:
        torch.set_default_dtype(torch.float32)
        torch.set_float32_matmul_precision("highest")
    np.testing.assert_array_equal(made, wanted)


def test_batch_statistics_are_those_of_training(data, monkeypatch):
    """A row does not depend on how many are drawn with it: no batch norm in train mode."""
    from skgensample.generators._networks.generator import Generator

    modes = []
    original = Generator.forward

    def forward(self, n, condition, random):
        modes.append((torch.is_grad_enabled(), self.training))
        return original(self, n, condition, random)

    monkeypatch.setattr(Generator, "forward", forward)
    tiny(sampling_strategy="minority", max_steps=3).fit_resample(data[0][:120], data[1][:120])
    assert modes[0][1] and modes[-1] == (False, False)


def test_max_steps_counts_optimiser_steps(data):
    sampler = tiny(max_steps=13)
    sampler.fit_resample(*data)
    assert set(sampler.history_) == {1, 2}
    for history in sampler.history_.values():
        assert len(history["critic_loss"]) == 13
        assert np.isfinite(history["generator_loss"]).all()


def test_power_of_two_scale_changes_nothing_else(data):
    X, y = data
    a, b = (tiny().fit_resample(X * scale, y)[0] for scale in (1, 2.0**-40))
    np.testing.assert_array_equal(a, b * 2.0**40)


def test_few_rows_warn_and_still_work(data):
    X, y = data
    keep = np.r_[:90, 90:93]
    with pytest.warns(SmallClassWarning, match="Class 1 has 3 rows"):
        X_new = tiny().fit_resample(X[keep], y[keep])[0]
    low, high = X[90:93].min(axis=0), X[90:93].max(axis=0)
    assert len(X_new) == 180
    assert (X_new[93:] >= low).all() and (X_new[93:] <= high).all()


def test_identical_rows_are_repeated_without_training(data):
    X, y = data
    X[y == 1] = [1.0, 2.0, 3.0]
    sampler = tiny(sampling_strategy={1: 50})
    made = sampler.fit_resample(X, y)[0][150:]
    np.testing.assert_array_equal(made, np.tile([1.0, 2.0, 3.0], (20, 1)))
    assert sampler.history_[1] == {}


def test_fitted_sampler_holds_its_networks_and_no_row(data):
    sampler = tiny()
    sampler.fit_resample(*data)
    text = pickle.dumps(sampler)
    assert not any(row.tobytes() in text for row in data[0])
    assert len(text) < 60_000


def test_verbose_shows_progress_and_silence_is_the_default(data, capfd):
    pytest.importorskip("tqdm")
    for verbose in (False, True):
        tiny(max_steps=3, verbose=verbose).fit_resample(*data)
        assert ("3/3" in capfd.readouterr().err) == verbose


def test_verbose_without_tqdm_names_the_remedy(data, monkeypatch):
    monkeypatch.setitem(sys.modules, "tqdm", None)
    with pytest.raises(MissingExtraError, match="pip install tqdm"):
        tiny(verbose=True).fit_resample(*data)


@pytest.mark.parametrize("name", ["generator_dim", "discriminator_dim"])
@pytest.mark.parametrize("dims", [(), (16, 0), (16, 2.5)])
def test_widths_of_layers_are_checked(data, name, dims):
    with pytest.raises(ValueError, match=name):
        tiny(**{name: dims}).fit_resample(*data)


def test_oversized_networks_are_refused_with_the_bytes(data):
    with pytest.raises(ValueError, match=r"about [\d,]+ bytes.*generator_dim"):
        tiny(generator_dim=(500_000, 500_000)).fit_resample(*data)


def test_real_frauds(shared_data):
    """All 492 frauds of the card set: margins and correlations about as far as held-out ones."""
    path = shared_data("creditcard-ulb-partial/ulb_allfraud_randomlegit.csv")
    table = np.loadtxt(path, delimiter=",", skiprows=1)
    X, y = table[:, :-1], table[:, -1]
    fraud = X[y == 1]
    made = GANOversampler(max_steps=600, random_state=0).fit_resample(X, y)[0][len(X) :]
    far = [stats.ks_2samp(made[:, j], fraud[:, j]).statistic for j in range(30)]
    assert np.mean(far) < 0.12
    spread = stats.iqr(made, axis=0) / stats.iqr(fraud, axis=0)
    assert 0.5 < spread.min() and spread.max() < 2
    upper = np.triu_indices(30, 1)
    error = np.abs(stats.spearmanr(made)[0] - stats.spearmanr(fraud)[0])[upper].mean()
    shuffled = np.abs(stats.spearmanr(fraud)[0])[upper].mean()
    assert error < 0.6 * shuffled
