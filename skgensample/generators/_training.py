"""The one training loop and the one seed: torch's global state is read and left as it was."""

import threading
from contextlib import contextmanager

import numpy as np
import torch

CHECK_EVERY = 100
AVERAGE_ORDER = 9

_lock = threading.Lock()
_scopes = {"open": 0, "threads": 1}


def resolve_device(device):
    """Turn a device name into a `torch.device`; "auto" is a GPU where there is one.

    Parameters
    ----------
    device : str
        "auto", "cpu", "cuda", "cuda:1", ...

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
        torch.empty(0, device=place)
    except (RuntimeError, AssertionError) as error:
        raise ValueError(
            f"device={device!r} cannot be used by torch here; use device='auto'."
        ) from error
    return place


@contextmanager
def seeded(rng, device):
    """Give a torch generator seeded from `rng`, inside a scope where torch is deterministic.

    Every draw of this library takes that generator, so torch's global random state is never
    touched. Inside the scope torch computes on one thread (sums come out in one order whatever
    the machine's thread count, and a process forked from one that has used torch does not hang);
    gradients are on, whatever mode the caller is in. Thread count and modes are restored, also
    when several Python threads are inside at once.

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
    with _lock:
        # asked in every thread: torch sets a new thread's count at its first question or sum, and
        # a first sum inside the scope would take the count of whoever leaves in that moment
        present = torch.get_num_threads()
        if not _scopes["open"]:
            _scopes["threads"] = present
        _scopes["open"] += 1
        threads = _scopes["threads"]
        torch.set_num_threads(1)
    try:
        with torch.inference_mode(False), torch.enable_grad():
            yield random
    finally:
        with _lock:
            _scopes["open"] -= 1
            torch.set_num_threads(threads)


def default_max_steps(n):
    """Optimiser steps by default for `n` training rows."""
    return int(np.clip(100 * np.sqrt(n), 500, 2_000))


def adam(net, learning_rate, weight_decay=0.0):
    """Adam over all parameters of a network, in one fused kernel, with the betas of WGAN-GP."""
    return torch.optim.Adam(
        net.parameters(),
        lr=learning_rate,
        betas=(0.5, 0.9),
        weight_decay=weight_decay,
        fused=True,
    )


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
        self.net, self.count = net, 0
        self.weights = [weight.detach().clone() for weight in net.parameters()]

    @torch.no_grad()
    def update(self):
        """Take in the network's present weights."""
        self.count += 1
        share = (1 + AVERAGE_ORDER) / (self.count + AVERAGE_ORDER)
        for average, weight in zip(self.weights, self.net.parameters()):
            average.lerp_(weight, share)

    @torch.no_grad()
    def install(self):
        """Give the network the averaged weights."""
        for average, weight in zip(self.weights, self.net.parameters()):
            weight.copy_(average)


def train(step, *, max_steps, show=iter):
    """Call `step` `max_steps` times.

    Parameters
    ----------
    step : callable
        Does one optimiser step of each player and returns a tensor of losses.
    max_steps : int
        Number of calls.
    show : callable, default=iter
        Wraps the numbers of the steps, e.g. in a progress bar.

    Returns
    -------
    losses : ndarray of shape (max_steps, n_losses), float32

    Raises
    ------
    FloatingPointError
        If a loss is not finite, with the step at which this was seen.
    """
    losses = []
    for number in show(range(1, max_steps + 1)):
        losses.append(step())
        if number % CHECK_EVERY == 0 or number == max_steps:
            recent = torch.stack(losses[-CHECK_EVERY:])
            if not torch.isfinite(recent).all():
                raise FloatingPointError(
                    f"Training diverged: a loss is not finite by step {number}. "
                    "Lower learning_rate."
                )
    return torch.stack(losses).cpu().numpy()
