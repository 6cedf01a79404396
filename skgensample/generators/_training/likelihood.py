"""One training step on the log-likelihood of an autoregressive network."""

import copy

import torch

from .optim import clipped_step
from .state import TrainingState, WeightAverage

#: Rows at a time when the log-likelihood of many is computed.
CHUNK_ROWS = 1_024
#: Random orders over which the log-likelihood of a row is averaged, for a network of any order.
N_ORDERS = 4


class LikelihoodStep(TrainingState):
    """One step on the mean negative log-likelihood per row, in nats.

    Parameters
    ----------
    net : MaskedNetwork
        The network.
    inputs, outputs : tensor of shape (n, d) of int
        Codes of the training rows.
    weights : tensor of shape (n,)
        Sampling weight of each row.
    batch_size : int
        Rows of a batch, drawn with replacement.
    optimizer : Optimizer
        Optimiser of the weights.
    random : torch.Generator
        Source of all draws.
    """

    losses = ("negative_log_likelihood",)

    def __init__(self, net, inputs, outputs, weights, batch_size, optimizer, random):
        self.net, self.inputs, self.outputs = net, inputs, outputs
        self.cumulated = weights.double().cumsum(0)
        self.batch_size, self.random = batch_size, random
        self.nets, self.optimizers = (net,), (optimizer,)
        self.average = WeightAverage(net)
        self.seed = random.initial_seed()

    def __call__(self):
        """Take one step; returns the loss."""
        rows = torch.empty(self.batch_size, dtype=torch.float64, device=self.random.device)
        rows.uniform_(generator=self.random)
        rows = torch.searchsorted(self.cumulated, rows * self.cumulated[-1], right=True)
        rows = rows.clamp_(max=len(self.cumulated) - 1)
        inputs, outputs = self.inputs[rows], self.outputs[rows]
        if self.net.any_order:
            given, weights = random_orders(len(rows), self.net.d, self.random)
            losses = self.net.losses(inputs, outputs, given, self.random) * weights
        else:
            losses = self.net.losses(inputs, outputs, None, self.random)
        loss = losses.sum(0).mean()
        clipped_step(loss, self.optimizers[0])
        self.average.update()
        return loss.detach()[None]

    @torch.no_grad()
    def candidate(self):
        """Copy of the network with averaged weights, on the CPU."""
        net = copy.deepcopy(self.net)
        self.average.install(net)
        return net.requires_grad_(False).eval().cpu()


def random_orders(n, d, random):
    """Columns that are given at a random place of a random order, and weights of the others.

    The weighted sum of losses is an unbiased estimate of the mean negative log-likelihood over all
    orders in which the class, column 0, comes first (Uria, Murray, Larochelle, ICML 2014).

    Returns
    -------
    given : tensor of shape (n, d) of bool
    weights : tensor of shape (d, n)
    """
    rank = torch.rand(n, d, generator=random, device=random.device, dtype=torch.float32)
    rank[:, 0] = -1.0
    rank = rank.argsort(1).argsort(1)
    first = min(1, d - 1)
    count = torch.randint(first, d, (n, 1), generator=random, device=random.device)
    given = rank < count
    weights = (~given) * (d - first) / (d - count)
    return given, weights.t()


class HeldOutLikelihood:
    """Criterion of early stopping: negative log-likelihood of held-out rows, nats per row.

    Parameters
    ----------
    inputs, outputs : ndarray of shape (n, d) of int
        Codes of the held-out rows.

    Attributes
    ----------
    standard_error : float
        0: no network that is worse by the likelihood is preferred for its longer training.
    """

    standard_error = 0.0

    def __init__(self, inputs, outputs):
        self.inputs, self.outputs = torch.as_tensor(inputs), torch.as_tensor(outputs)

    def __call__(self, net):
        """Evaluate one network."""
        return float(row_losses(net, self.inputs, self.outputs).sum(0).mean())


@torch.no_grad()
def chain_losses(net, inputs, outputs):
    """Negative log-likelihood of each column of each row given those before it, (d, n)."""
    if not net.any_order:
        return row_losses(net, inputs, outputs)
    parts = []
    for start in range(0, len(inputs), CHUNK_ROWS):
        part = slice(start, start + CHUNK_ROWS)
        columns = []
        for place in range(net.d):
            given = torch.arange(net.d) < place
            given = given.expand(len(inputs[part]), net.d)
            columns.append(net.losses(inputs[part], outputs[part], given)[place])
        parts.append(torch.stack(columns))
    return torch.cat(parts, dim=1)


@torch.no_grad()
def row_losses(net, inputs, outputs):
    """Negative log-likelihood of each column of each row, of shape (d, n), without dropout.

    For a network of any order, the mean over a few random orders, the same in every call.
    """
    parts = []
    for start in range(0, len(inputs), CHUNK_ROWS):
        part = slice(start, start + CHUNK_ROWS)
        if not net.any_order:
            parts.append(net.losses(inputs[part], outputs[part]))
            continue
        random = torch.Generator().manual_seed(start)
        total = 0.0
        for _ in range(N_ORDERS):
            given, weights = random_orders(len(inputs[part]), net.d, random)
            total = total + net.losses(inputs[part], outputs[part], given) * weights
        parts.append(total / N_ORDERS)
    return torch.cat(parts, dim=1)
