"""Steps along clipped gradients: Adam over weights that lie side by side in memory."""

from contextlib import contextmanager
from functools import partial

import torch
from torch.optim.adam import adam

from ._adam import moving
from ._beside import beside, finish, later_gradients
from ._products import narrowest

LARGEST_GRADIENT = 100.0
EPSILON = 1e-8

#: Weights from which a step is made in two halves, of which the helper may take one.
MANY = 200_000


class Adam:
    """Adam (Kingma and Ba, ICLR 2015), each group of weights as one tensor in one fused kernel.

    Gradients are used up by a step: they are 0 after it.

    Parameters
    ----------
    *groups : tuple (weights, learning_rate, weight_decay)
        Weights, which become parts of one tensor, as do their gradients; see `as_one`.
    betas : tuple of float, default=(0.5, 0.9)
        Decay of the moments; the default is WGAN-GP's.
    copies : bool, default=False
        Whether each weight has a copy, ``weight.thin``, which follows it, in a narrower width where
        the processor has products for it; products with the weight are then computed in it.
    """

    def __init__(self, *groups, betas=(0.5, 0.9), copies=False):
        self.betas, self.param_groups, self.pieces = betas, [], []
        for weights, rate, decay in groups:
            one = as_one(weights, copies)
            group = {"params": [one], "lr": rate, "weight_decay": decay}
            self.param_groups.append(group)
            n = one.numel()
            half = n // 32 * 16 if n >= MANY else n
            for part in (slice(half), slice(half, n)):
                if part.start != n:
                    self.pieces.append(self._piece(one, part, group))

    @staticmethod
    def _piece(one, part, group):
        thin = getattr(one, "thin", None)
        weight, grad = one.detach()[part], one.grad[part]
        moments = torch.zeros_like(weight), torch.zeros_like(weight), weight.new_zeros(())
        return {
            "group": group,
            "half": len(weight) < one.numel(),
            "weight": weight,
            "grad": grad,
            "thin": None if thin is None else thin[part],
            "mean": moments[0],
            "square": moments[1],
            "count": moments[2],
            "move": moving(weight, grad, *moments) if weight.is_cpu else None,
        }

    def step(self):
        """Move all weights, and forget their gradients."""
        # a job of its own costs more than a few weights do
        jobs = [beside(partial(self._move, p)) for p in self.pieces if p["half"]]
        for piece in self.pieces:
            if not piece["half"]:
                self._move(piece)
        finish(jobs)

    def _move(self, piece):
        rates = {
            "lr": piece["group"]["lr"],
            "weight_decay": piece["group"]["weight_decay"],
            "beta1": self.betas[0],
            "beta2": self.betas[1],
            "eps": EPSILON,
        }
        if piece["move"]:
            piece["move"](**rates)
        else:
            lists = [[piece[name]] for name in ("weight", "grad", "mean", "square")]
            adam(*lists, [], [piece["count"]], fused=True, amsgrad=False, maximize=False, **rates)
            piece["grad"].zero_()
        self._follow(piece)

    @staticmethod
    def _follow(piece):
        """Have the copy of the weights follow them."""
        if piece["thin"] is not None:
            piece["thin"].copy_(piece["weight"])

    def state_dict(self):
        """Rates and moments; these are not copies."""
        return {
            "rates": [group["lr"] for group in self.param_groups],
            "moments": [[p["mean"], p["square"], p["count"]] for p in self.pieces],
        }

    @torch.no_grad()
    def load_state_dict(self, state):
        """Take over rates and moments of the same weights, after these."""
        for group, rate in zip(self.param_groups, state["rates"]):
            group["lr"] = rate
        for piece, moments in zip(self.pieces, state["moments"]):
            for name, moment in zip(("mean", "square", "count"), moments):
                piece[name].copy_(moment)
            self._follow(piece)


@torch.no_grad()
def as_one(weights, copies=False):
    """One weight of which the given ones, and their gradients, become parts; see `Adam`."""
    weights = list(weights)
    # every part begins on a line of the cache
    sizes = [-(-weight.numel() // 16) * 16 for weight in weights]
    one = torch.nn.Parameter(weights[0].new_zeros(sum(sizes)))
    one.grad = torch.zeros_like(one)
    for weight, *parts in zip(weights, one.split(sizes), one.grad.split(sizes)):
        part, grad = (part[: weight.numel()].view_as(weight) for part in parts)
        weight.data, weight.grad = part.copy_(weight), grad
    kind = narrowest(one)
    if copies and kind != one.dtype:
        one.thin = one.detach().to(kind)
        for weight, part in zip(weights, one.thin.split(sizes)):
            weight.thin = part[: weight.numel()].view_as(weight)
    return one


@contextmanager
def copied_as(like, net):
    """Give the weights of `net` narrow copies inside, where those of `like` have some."""
    thin = [getattr(weight, "thin", None) for weight in like.parameters()]
    pairs = [(w, t) for w, t in zip(net.parameters(), thin) if t is not None]
    for weight, other in pairs:
        weight.thin = weight.detach().to(other.dtype)
    try:
        yield
    finally:
        for weight, _ in pairs:
            del weight.thin


def descend(loss, optimizer):
    """One optimiser step on clipped gradients; returns the loss without its graph."""
    with later_gradients():
        loss.backward()
    advance(optimizer)
    return loss.detach()


def advance(optimizer, squares=None):
    """One optimiser step on the gradients that are there, clipped.

    squares : float or None, sum of their squares to three digits, where it is known.
    """
    if squares is None or not squares < 0.99 * LARGEST_GRADIENT**2:
        gradients = [group["params"][0].grad for group in optimizer.param_groups]
        share = LARGEST_GRADIENT / (sum(torch.dot(g, g) for g in gradients).sqrt() + 1e-6)
        if share.device.type != "cpu" or share < 1:  # elsewhere asking would mean waiting
            share.clamp_(max=1)
            for gradient in gradients:
                gradient.mul_(share)
    optimizer.step()
