"""Device and random generator of a training run."""

from contextlib import contextmanager

import numpy as np
import torch

from .single_thread import single_threaded_torch


def resolve_device(device):
    """Resolve a device name to a `torch.device` on which torch can compute.

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

    All random numbers of this package come from that generator, so torch's global random state is
    never touched. See `single_threaded_torch` for the scope.

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
    with single_threaded_torch():
        yield random
