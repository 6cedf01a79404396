"""The one training loop, the one seed, and work in several threads."""

import copy
import time
from contextlib import contextmanager

import numpy as np
import torch

from ..threads import each
from ._scope import one_thread

CHECK_EVERY = 50
AVERAGE_ORDER = 9


def resolve_device(device):
    """Turn a device name into a `torch.device` on which torch can draw and compute.

    Parameters
    ----------
    device : str
        "auto", "cpu", "cuda", "cuda:1", "mps", ...; "auto" is CUDA where there is one, else the
        CPU.

    Returns
    -------
    torch.device

    Raises
    ------
    ValueError
        If torch does not know the device or it is not there.
    """
    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    try:
        place = torch.device(device)
        torch.empty(1, device=place).uniform_(generator=torch.Generator(place)).item()
    except (RuntimeError, AssertionError, ImportError) as error:
        raise ValueError(
            f"device={device!r} cannot be used by torch here; use device='auto'."
        ) from error
    return place


@contextmanager
def seeded(rng, device):
    """Give a torch generator seeded from `rng`, inside a scope where torch is deterministic.

    Every draw of this library takes that generator, so torch's global random state is never
    touched. See `one_thread` for the scope.

    Parameters
    ----------
    rng : RandomState
        Source of the seed; one draw is taken.
    device : torch.device
        Device of the generator.

    Yields
    ------
    torch.Generator
    """
    random = torch.Generator(device)
    random.manual_seed(int(rng.randint(np.iinfo(np.int32).max)))
    with one_thread():
        yield random


def in_threads(work, *jobs):
    """Call `work` for each job, on as many Python threads as torch computes on outside.

    Each of them computes alone, so results do not depend on their number; none outlives the call.
    """

    def alone(job):
        torch.get_num_threads()  # a new thread takes its count of threads at the first question
        work(*job)

    with one_thread() as threads:
        each(alone, list(zip(*jobs)), most=threads, join=True)


def default_max_steps(n):
    """Optimiser steps by default for `n` training rows."""
    return int(np.clip(100 * np.sqrt(n), 500, 2_000))


class WeightAverage:
    """Running average of a network's weights over about the last tenth of the steps so far.

    The last iterate of a two-player game circles around a good point; the average is near it
    (Yazici et al. 2019). Weights decay polynomially (Shamir and Zhang 2013), so the average is
    right whenever training stops.

    Parameters
    ----------
    net : Module
        Network to follow.
    """

    def __init__(self, net):
        self.count, self.live, self.means, self.weights = 0, [], [], []
        shared = {}
        for weight in net.parameters():
            shared.setdefault(weight.untyped_storage().data_ptr(), []).append(weight)
        places = {}
        for weights in shared.values():  # what lies side by side is averaged in one go
            first = min(weight.storage_offset() for weight in weights)
            end = max(weight.storage_offset() + weight.numel() for weight in weights)
            self.live.append(weights[0].detach().as_strided((end - first,), (1,), first))
            self.means.append(self.live[-1].clone())
            for weight in weights:
                start = weight.storage_offset() - first
                part = self.means[-1][start : start + weight.numel()]
                places[weight] = part.view_as(weight)
        self.weights = [places[weight] for weight in net.parameters()]

    @torch.no_grad()
    def update(self):
        """Take in the network's present weights."""
        self.count += 1
        share = (1 + AVERAGE_ORDER) / (self.count + AVERAGE_ORDER)
        torch._foreach_lerp_(self.means, self.live, share)

    @torch.no_grad()
    def install(self, net):
        """Give a copy of the network the averaged weights."""
        for average, weight in zip(self.weights, net.parameters()):
            weight.copy_(average)


class Clock:
    """Numbers of the steps, until their limit or the time is reached.

    Parameters
    ----------
    max_steps : int
        Number of the last step.
    max_time : float, default=None
        Seconds after which no further step is begun.
    start : int, default=0
        Steps done before.
    show : callable, default=iter
        Wraps the numbers, e.g. in a progress bar.
    """

    def __init__(self, max_steps, *, max_time=None, start=0, show=iter):
        self.max_steps, self.max_time = max_steps, max_time
        self.start, self.show = start, show

    def __iter__(self):
        self.begin, self.ended = time.monotonic(), False
        for number in self.show(range(self.start + 1, self.max_steps + 1)):
            yield number
            if self.ended:
                break

    def over(self, number):
        """Whether step `number` was the last; to be asked once a step."""
        late = self.max_time is not None and time.monotonic() - self.begin >= self.max_time
        self.ended = late and number < self.max_steps
        return late or number >= self.max_steps


class Guard:
    """Goes back to the last good weights, at half the rate, the first time training diverges.

    Parameters
    ----------
    step : object
        With `state`, `load` and `slow_down`.
    """

    def __init__(self, step):
        self.step, self.good, self.halved = step, step.state(), False

    def accept(self, losses, number):
        """Take note of good weights, or return to them; a second time is an error."""
        good = bool(torch.isfinite(losses).all()) and self.step.is_finite()
        if good:
            self.good = self.step.state()
        elif self.halved:
            raise FloatingPointError(
                f"Training diverged twice, at last by step {number}: a loss or a weight is not "
                "finite, though the learning rate had been halved. Lower learning_rate."
            )
        else:
            self.halved = True
            self.step.load(self.good)
            self.step.slow_down()
        return good


class Weights:
    """What a step of training moves, to be copied, put back and slowed down as one.

    A mixin: `nets`, `optimizers`, `average`, `random`, `seed` and `losses` are the subclass's.
    """

    def state(self):
        """Copy of all weights, of the optimisers' moments and of the average."""
        nets = [net.state_dict().items() for net in self.nets]
        return copy.deepcopy(
            {
                "nets": [{name: value.clone() for name, value in net} for net in nets],
                "optimizers": [optimizer.state_dict() for optimizer in self.optimizers],
                "average": (self.average.count, self.average.means),
            }
        )

    def load(self, state):
        """Put a copy of `state` back."""
        state = copy.deepcopy(state)
        for net, weights in zip(self.nets, state["nets"]):
            net.load_state_dict(weights)
        for optimizer, moments in zip(self.optimizers, state["optimizers"]):
            optimizer.load_state_dict(moments)
        self.average.count, means = state["average"]
        torch._foreach_copy_(self.average.means, means)

    def save(self):
        """Everything that a later training needs to go on as if it had not been interrupted."""
        return self.state() | {"random": self.random.get_state(), "seed": self.seed}

    def resume(self, saved):
        """Go on from what `save` returned."""
        self.load(saved)
        self.random.set_state(saved["random"])
        self.seed = saved["seed"]

    def slow_down(self):
        """Halve the learning rates."""
        for optimizer in self.optimizers:
            for group in optimizer.param_groups:
                group["lr"] /= 2

    @torch.no_grad()
    def is_finite(self):
        """Whether all weights are finite numbers."""
        sums = [weight.sum() for net in self.nets for weight in net.parameters()]
        return bool(torch.isfinite(torch.stack(sums)).all())


def train(step, clock, *, monitor=None, callbacks=()):
    """Call `step` until the clock, the monitor or a callback ends it.

    Every 50 steps, and after the last one, losses and weights are checked, the monitor is asked
    whether it is its turn, and the callbacks are called.

    Parameters
    ----------
    step : Weights
        Does one optimiser step of each player and returns a tensor of losses; `step.losses` are
        their names.
    clock : Clock
        Limits of steps and time.
    monitor : Monitor, default=None
        Judges the model from time to time.
    callbacks : sequence of callable, default=()
        Called as ``callback(step, losses, criterion)``; training stops if one returns True.

    Returns
    -------
    history : dict of str to ndarray of shape (n_steps,)
        "step", the losses by name, and "criterion", NaN where it was not measured.

    Raises
    ------
    FloatingPointError
        If a loss or a weight is not finite for the second time.
    """
    with one_thread():
        return _train(step, clock, monitor, callbacks)


def _train(step, clock, monitor, callbacks):
    guard, losses, criteria, last_ones = Guard(step), [], [], []
    for number in clock:
        last_ones.append(step())
        criteria.append(float("nan"))
        last = clock.over(number)
        if last or number % CHECK_EVERY == 0:
            recent, last_ones = torch.stack(last_ones).cpu(), []
            losses.append(recent)
            if guard.accept(recent, number) and monitor:
                criteria[-1] = monitor.value_at(number, last)
            means = tuple(recent.mean(dim=0).tolist())
            said = [callback(number, means, criteria[-1]) for callback in callbacks]
            stops = any(isinstance(one, (bool, np.bool_)) and one for one in said)
            if stops or (monitor and monitor.is_done):
                break
    table = torch.cat(losses).numpy().T
    numbers = np.arange(clock.start + 1, clock.start + 1 + len(criteria))
    return {"step": numbers, **dict(zip(step.losses, table)), "criterion": np.array(criteria)}
