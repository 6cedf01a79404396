"""The training loop, with its limits on steps and time."""

import time

import numpy as np
import torch

from .single_thread import single_threaded_torch
from .state import DivergenceGuard

#: Steps between checks for divergence, evaluations and callbacks.
CHECK_EVERY = 50


def default_max_steps(n):
    """Optimiser steps by default for `n` training rows."""
    return int(np.clip(100 * np.sqrt(n), 500, 2_000))


class StepBudget:
    """Iterates over step numbers until the limit of steps or of time is reached.

    Parameters
    ----------
    max_steps : int
        Number of the last step.
    max_time : float, default=None
        Seconds after which no further step starts.
    start : int, default=0
        Steps done before.
    show : callable, default=iter
        Wraps the numbers, e.g. in a progress bar.
    began : float, default=None
        Start of the time limit, by `time.monotonic`; None for the first step.
    """

    def __init__(self, max_steps, *, max_time=None, start=0, show=iter, began=None):
        self.max_steps, self.max_time = max_steps, max_time
        self.start, self.show, self.began = start, show, began

    def __iter__(self):
        self.ended = False
        self.began = time.monotonic() if self.began is None else self.began
        for number in self.show(range(self.start + 1, self.max_steps + 1)):
            yield number
            if self.ended:
                break

    def over(self, number):
        """Whether step `number` was the last; to be called once per step."""
        late = self.max_time is not None and time.monotonic() - self.began >= self.max_time
        self.ended = late and number < self.max_steps
        return late or number >= self.max_steps


def train(step, budget, *, early_stopping=None, callbacks=(), begin=None):
    """Call `step` until the budget, early stopping or a callback ends it.

    Every 50 steps, and after the last one, losses and weights are checked for divergence, early
    stopping evaluates if it is due, and the callbacks are called.

    Parameters
    ----------
    step : TrainingState
        Takes one optimiser step of each network and returns a tensor of losses; `step.losses` are
        their names.
    budget : StepBudget
        Limits of steps and time.
    early_stopping : EarlyStopping, default=None
        Evaluates the model every 200 steps.
    callbacks : sequence of callable, default=()
        Called as ``callback(step, losses, criterion)``; training stops if one returns True.

    begin : callable, default=None
        Called without arguments before the first of the steps after which callbacks are called.

    Returns
    -------
    history : dict of str to ndarray of shape (n_steps,)
        "step", the losses by name, and "criterion", NaN where it was not evaluated.

    Raises
    ------
    FloatingPointError
        If a loss or a weight is not finite for the second time.
    """
    with single_threaded_torch():
        return _train(step, budget, early_stopping, callbacks, begin)


def _train(step, budget, early_stopping, callbacks, begin):
    guard, losses, criteria, last_ones = DivergenceGuard(step), [], [], []
    for number in budget:
        if begin and not last_ones:
            begin()
        last_ones.append(step())
        criteria.append(float("nan"))
        last = budget.over(number)
        if last or number % CHECK_EVERY == 0:
            recent, last_ones = torch.stack(last_ones).cpu(), []
            losses.append(recent)
            if guard.accept(recent, number) and early_stopping:
                criteria[-1] = early_stopping.value_at(number, last)
            means = tuple(recent.mean(dim=0).tolist())
            said = [callback(number, means, criteria[-1]) for callback in callbacks]
            stops = any(isinstance(one, (bool, np.bool_)) and one for one in said)
            if stops or (early_stopping and early_stopping.is_done):
                break
    table = torch.cat(losses).numpy().T
    numbers = np.arange(budget.start + 1, budget.start + 1 + len(criteria))
    return {"step": numbers, **dict(zip(step.losses, table)), "criterion": np.array(criteria)}
