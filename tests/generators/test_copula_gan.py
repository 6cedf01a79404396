"""CopulaGANResampler: margins through ranks, dependence from the networks."""

import numpy as np
import pytest
from scipy import stats

pytest.importorskip("torch")

from skgensample import CopulaGANResampler
from skgensample.generators._encoding.blocks import ClassQuantileBlock


@pytest.fixture
def data():
    """A rare class of another level; heavy tails, a spike at zero, and a flag."""
    rng = np.random.RandomState(0)
    y = np.repeat([0, 1], [1_000, 200])
    u = rng.normal(size=1_200)
    amount = np.exp(2 * u + y) * (rng.rand(1_200) > 0.3)
    flag = (rng.rand(1_200) < np.where(y == 1, 0.7, 0.1)).astype(float)
    return np.column_stack([amount, rng.standard_cauchy(1_200) + y, u + 0.5 * flag, flag]), y


def test_learns_margins_and_dependence_of_each_class(data):
    X, y = data
    small = {"embedding_dim": 16, "generator_dim": (64, 64), "discriminator_dim": (64, 64)}
    small |= {"batch_size": 200, "learning_rate": 1e-3, "early_stopping": False}
    model = CopulaGANResampler(max_steps=600, random_state=0, **small).fit(X, y)
    for label in (0, 1):
        given, (made, _) = X[y == label], model.sample(1_000, y=label)
        for j in range(3):
            assert stats.ks_2samp(made[:, j], given[:, j]).statistic < 0.12
        assert abs(np.mean(made[:, 0] == 0) - np.mean(given[:, 0] == 0)) < 0.15
        assert abs(made[:, 3].mean() - given[:, 3].mean()) < 0.12
        rank = stats.spearmanr(given[:, 0], given[:, 2])[0]
        assert abs(stats.spearmanr(made[:, 0], made[:, 2])[0] - rank) < 0.2


def test_numbers_go_through_their_ranks(data):
    X, y = data
    model = CopulaGANResampler(
        max_steps=1, generator_dim=(8,), discriminator_dim=(8,), random_state=0
    ).fit(X, y)
    blocks = model.model_.tabular.encoder.blocks
    assert [isinstance(block, ClassQuantileBlock) for block in blocks] == [True] * 3 + [False]
    assert set(np.unique(model.model_.conditions.span)) == set(
        model.model_.tabular.encoder.discrete_spans
    )
    stretched = np.column_stack([np.sign(X[:, 0]) * X[:, 0] ** 2, X[:, 1:]])
    other = CopulaGANResampler(
        max_steps=1, generator_dim=(8,), discriminator_dim=(8,), random_state=0
    ).fit(stretched, y)
    a, b = model.sample(200, y=0)[0], other.sample(200, y=0)[0]
    assert stats.spearmanr(a[:, 0], b[:, 0])[0] > 0.999


def test_a_class_that_was_not_learnt_is_refused(data):
    model = CopulaGANResampler(
        max_steps=1, train_on="sampled", generator_dim=(8,), discriminator_dim=(8,), random_state=0
    ).fit(*data)
    assert len(model.sample(5, y=1)[0]) == 5
    with pytest.raises(ValueError, match="Class 0 was not to be sampled"):
        model.sample(5, y=0)
