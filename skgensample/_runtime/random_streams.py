"""Random streams of one call to `fit_resample`."""

import numpy as np
from sklearn.utils import check_random_state

__all__ = ["Streams"]


class Streams:
    """Independent random streams of one call: one for training, one for each class.

    With an int seed the first class uses ``RandomState(seed)`` itself, as in imbalanced-learn, and
    every other class a derived stream; a RandomState instance serves all of them in turn; None
    draws fresh entropy. No global state is used.
    """

    def __init__(self, random_state):
        self._shared = random_state if isinstance(random_state, np.random.RandomState) else None
        self._seed = random_state
        if random_state is None:
            self._seed = int(np.random.SeedSequence().generate_state(1)[0])
        self._drawn = 0

    def _derived(self, *path):
        bits = np.random.MT19937(np.random.SeedSequence([int(self._seed), *path]))
        return np.random.RandomState(bits)

    def training(self):
        """Stream for training a generator."""
        return self._shared or self._derived(0)

    def invented(self, place=0):
        """Stream of invented values, for rows of the class at a given position (from 1)."""
        return self._shared or self._derived(2, place)

    def next(self, place=None):
        """Stream of the next class, or of the class at a given position (from 1)."""
        self._drawn = self._drawn + 1 if place is None else place
        if self._shared is not None:
            return self._shared
        if self._drawn == 1:
            return check_random_state(self._seed)
        return self._derived(1, self._drawn)
