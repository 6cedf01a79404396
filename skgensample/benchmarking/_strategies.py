"""What may be done about the scarce class: nothing, tuning, weights, resampling."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec

from imblearn.over_sampling import SMOTE

__all__ = ["DEFAULT_STRATEGIES", "STRATEGIES", "Strategy"]


@dataclass(frozen=True)
class Strategy:
    """One way of treating the training window; the test window is never touched.

    Parameters
    ----------
    label : str
        Name in tables and plots.
    sampler : callable or None, default=None
        ``sampler(ratio, random_state, max_steps)`` returns an unfitted sampler.
    categorical : bool, default=False
        Whether the sampler takes text and categories itself; otherwise they are one-hot encoded
        before it.
    tuned : bool, default=False
        Whether the learner's grid is searched inside the training window.
    weighted : bool, default=False
        Whether rows are weighted so that both classes weigh the same.
    leaky : bool, default=False
        Whether rows are resampled before the split: the planted fault.
    requires : str or None, default=None
        Module without which the strategy is left out.
    """

    label: str
    sampler: Callable | None = None
    categorical: bool = False
    tuned: bool = False
    weighted: bool = False
    leaky: bool = False
    requires: str | None = None

    @property
    def missing(self):
        """The module that the strategy needs and does not find, or None."""
        return self.requires if self.requires and find_spec(self.requires) is None else None

    @property
    def resamples(self):
        """Whether the strategy adds rows to the training window."""
        return self.sampler is not None and not self.leaky


def _smote(ratio, random_state, max_steps):
    return SMOTE(sampling_strategy=ratio, random_state=random_state)


def _numba_smote(ratio, random_state, max_steps):
    from skgensample import NumbaSMOTE

    return NumbaSMOTE(sampling_strategy=ratio, random_state=random_state)


def _gan(ratio, random_state, max_steps):
    from skgensample import GANOversampler

    return GANOversampler(sampling_strategy=ratio, random_state=random_state, max_steps=max_steps)


def _ctgan(ratio, random_state, max_steps):
    from skgensample import CTGANResampler

    return CTGANResampler(sampling_strategy=ratio, random_state=random_state, max_steps=max_steps)


#: Every strategy by the name that `run_benchmark` and the command line take.
STRATEGIES = {
    "none": Strategy("none"),
    "tuned": Strategy("none, tuned", tuned=True),
    "weights": Strategy("class weights", weighted=True),
    "smote": Strategy("SMOTE (imblearn)", _smote),
    "numba-smote": Strategy("NumbaSMOTE", _numba_smote),
    "gan": Strategy("GANOversampler", _gan, categorical=True, requires="torch"),
    "ctgan": Strategy("CTGANResampler", _ctgan, categorical=True, requires="torch"),
    "leak": Strategy("SMOTE, LEAKED", _smote, leaky=True),
}

#: All but the planted leak, which only runs when it is asked for.
DEFAULT_STRATEGIES = tuple(name for name, strategy in STRATEGIES.items() if not strategy.leaky)
