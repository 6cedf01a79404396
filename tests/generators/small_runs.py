"""Small networks that train for few steps, and a table for them."""

import numpy as np

import skgensample
from conftest import small_nets


def tiny(name="CTGANResampler", **changes):
    settings = {**small_nets(name), "batch_size": 40, "max_steps": 10, "random_state": 0}
    return getattr(skgensample, name)(**settings | changes)


def small_table():
    rng = np.random.RandomState(0)
    y = np.repeat([0, 1], [150, 50])
    X = np.column_stack([rng.normal(size=200) + 3 * y, rng.gamma(2, size=200), rng.rand(200) < 0.3])
    return X, y
