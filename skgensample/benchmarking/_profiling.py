"""Seconds and memory of a fit, and a memory for steps that several learners share."""

import ctypes
import gc
import os
from time import perf_counter

__all__ = ["Meter", "StepMemory"]

_STATUS = "/proc/self/status"
_RESET = "/proc/self/clear_refs"
_KB_IN_MB = 1024


class Meter:
    """Seconds since it was started, and growth of the process's peak memory.

    The peak is Linux's high-water mark of the resident set (``VmHWM``), set back at the start;
    growth is counted from the resident set at the start, after freed memory was given back.
    Elsewhere than on Linux it is NaN.
    """

    def __init__(self):
        _give_back_freed()
        self._resident = _reset_peak()
        self._start = perf_counter()

    def read(self):
        """Seconds and peak growth in MB (2**20 bytes) so far.

        Returns
        -------
        seconds, peak_mb : tuple of float
            Cost since the start.
        """
        seconds = perf_counter() - self._start
        growth = (_status("VmHWM") - self._resident) / _KB_IN_MB
        return seconds, 0.0 if growth < 0 else growth


class StepMemory:
    """``memory`` of a Pipeline that runs a step once where several learners share it.

    A sampler sees the same training window whatever the learner behind it, so it runs for the
    first learner and is remembered for the others, whose cost counts it all the same. Steps are
    told apart by their class and by the table that they are given: keep one memory for each fold,
    strategy and ratio.
    """

    def __init__(self):
        gc.collect()
        self._results = {}
        self._reused = []

    def cache(self, function):
        """Wrap one of the pipeline's step functions.

        Parameters
        ----------
        function : callable
            Fits one step on the data of the step before.

        Returns
        -------
        remembered : callable
            The same, run once for each step and table.
        """

        def remembered(step, X, *args, **kwargs):
            key = function.__name__, type(step), id(X)
            if key in self._results:
                *_, result, cost = self._results[key]
                self._reused.append(cost)
                return result
            start = perf_counter()
            result = function(step, X, *args, **kwargs)
            cost = perf_counter() - start, self.meter.read()[1]
            # X stays alive with its result, or another table might get its id.
            self._results[key] = X, result, cost
            return result

        return remembered

    def fit(self, pipeline, X, y, **fit_params):
        """Fit a pipeline and tell what it would have cost alone.

        Parameters
        ----------
        pipeline : estimator
            Pipeline that has this object as its ``memory``, or any other estimator.
        X : {array-like, frame} of shape (n_samples, n_features)
            Training rows.
        y : array-like of shape (n_samples,)
            Labels.
        **fit_params : dict
            Handed to ``fit``.

        Returns
        -------
        seconds, peak_mb : tuple of float
            Remembered steps included.
        """
        self._reused.clear()
        self.meter = Meter()
        pipeline.fit(X, y, **fit_params)
        seconds, peak = self.meter.read()
        saved = sum(cost[0] for cost in self._reused)
        return seconds + saved, max([peak] + [cost[1] for cost in self._reused])


def _give_back_freed():
    """Return freed memory to the system, or a fit that reuses it would seem to need none."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if os.name == "posix" else None
    if trim is not None:
        trim(0)


def _reset_peak():
    """Set the high-water mark back; resident kilobytes, NaN where the system has no such mark."""
    try:
        with open(_RESET, "w") as file:
            file.write("5")
        return _status("VmRSS")
    except OSError:
        return float("nan")


def _status(field):
    """One number, in kilobytes, of the process's status file."""
    try:
        with open(_STATUS) as file:
            lines = file.read().splitlines()
    except OSError:
        return float("nan")
    return next(float(line.split()[1]) for line in lines if line.startswith(field))
