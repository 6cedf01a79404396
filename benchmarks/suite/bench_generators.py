"""Seconds of training and drawing of the learned generators."""

import numpy as np

from skgensample import CTGANResampler, GANOversampler


class Generators:
    """A hundred optimiser steps on a table of numbers and flags, and draws from the model."""

    params = ["GANOversampler", "CTGANResampler"]
    param_names = ("sampler",)
    timeout = 300

    def setup(self, sampler):
        """Make the data."""
        rng = np.random.default_rng(0)
        kinds = {"GANOversampler": GANOversampler, "CTGANResampler": CTGANResampler}
        self.sampler = kinds[sampler](random_state=0, max_steps=100)
        self.X = np.column_stack([rng.normal(size=(5_000, 12)), rng.integers(0, 2, (5_000, 3))])
        self.y = (np.arange(5_000) % 10 == 0).astype(int)

    def time_fit_resample(self, sampler):
        """Seconds to train and to balance the classes."""
        self.sampler.fit_resample(self.X, self.y)

    def peakmem_fit_resample(self, sampler):
        """Peak memory of the process."""
        self.sampler.fit_resample(self.X, self.y)
