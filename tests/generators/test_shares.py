"""Codes come in the shares of each class, and keep what they know of each other."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from skgensample import CTGANResampler
from skgensample.generators._encoding.class_statistics import class_frequencies
from skgensample.generators._encoding.layout import Layout
from skgensample.generators._networks.head import Head
from skgensample.generators._sampling.calibration import logit_offsets

LAYOUT = Layout(1, (2, 3), False)


def test_shares_of_each_class_with_one_row_of_the_whole_table():
    codes = np.array([[0, 0], [1, 0], [1, 2], [1, 0]])
    shares = class_frequencies(codes, np.array([0, 0, 0, 1]), LAYOUT)
    overall = np.array([1 / 4, 3 / 4, 3 / 4, 0, 1 / 4])
    np.testing.assert_allclose(shares[0], (np.array([1, 2, 2, 0, 1]) + overall) / 4)
    np.testing.assert_allclose(shares[1], (np.array([0, 1, 1, 0, 0]) + overall) / 2)
    np.testing.assert_allclose(shares[:, :2].sum(axis=1), 1)
    np.testing.assert_allclose(shares[:, 2:].sum(axis=1), 1)


def test_shifted_logits_have_the_shares_wanted():
    logits = torch.randn((5_000, 6), generator=torch.Generator().manual_seed(0)).double() * 3
    wanted = torch.tensor([0.02, 0.98, 0.5, 0.3, 0.2], dtype=torch.float64)
    head = Head(LAYOUT)
    shifts = logit_offsets(head, logits, wanted)
    torch.testing.assert_close(head.mean_probabilities(logits, shifts), wanted, atol=2e-3, rtol=0)
    # nothing to do: no shift between the levels of a span
    again = logit_offsets(head, logits, head.mean_probabilities(logits, torch.zeros(5).double()))
    assert again.abs().max() < 1e-9


def test_a_level_that_the_network_forgot_comes_back():
    logits = torch.zeros((100, 6))
    logits[:, 1] = -40.0
    wanted = torch.tensor([0.3, 0.7, 0.2, 0.3, 0.5])
    shares = Head(LAYOUT).mean_probabilities(logits, logit_offsets(Head(LAYOUT), logits, wanted))
    torch.testing.assert_close(shares, wanted, atol=1e-3, rtol=0)


def test_an_untrained_network_has_the_shares_of_each_class():
    rng = np.random.RandomState(0)
    y = np.repeat([0, 1], [600, 200])
    flag = rng.uniform(size=800) < np.where(y == 1, 0.9, 0.3)
    kind = np.where(y == 1, rng.choice(4, 800, p=[0.7, 0.1, 0.1, 0.1]), rng.choice(4, 800))
    X = np.column_stack([rng.normal(size=800), flag, kind])
    model = CTGANResampler(random_state=0, max_steps=1, generator_dim=(16,), batch_size=100)
    model.fit(X, y)
    for label in (0, 1):
        new, own = model.sample(5_000, y=label)[0], X[y == label]
        assert abs(new[:, 1].mean() - own[:, 1].mean()) < 0.03
        for level in range(4):
            assert abs(np.mean(new[:, 2] == level) - np.mean(own[:, 2] == level)) < 0.03
