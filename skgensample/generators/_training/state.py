"""State of a training run: snapshot and restore, running average of weights, divergence guard."""

import copy

import torch

AVERAGE_ORDER = 9


class WeightAverage:
    """Polynomial-decay average of a network's weights: about the last tenth of the steps so far.

    The last iterate of adversarial training circles around a good point; the average is near it
    (Yazici et al. 2019). Polynomial decay (Shamir and Zhang 2013) suits any number of steps.

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
        for weights in shared.values():  # views of one flat buffer are averaged at once
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


class DivergenceGuard:
    """On the first divergence restore the last finite weights and halve the learning rate.

    Parameters
    ----------
    step : object
        With `state`, `load` and `halve_learning_rate`.
    """

    def __init__(self, step):
        self.step, self.good, self.halved = step, step.state(), False

    def accept(self, losses, number):
        """Snapshot finite weights, or restore the last ones; a second divergence is an error."""
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
            self.step.halve_learning_rate()
        return good


class TrainingState:
    """Weights, optimiser moments, weight average and random state of a run, as one.

    They can be snapshot, restored, and given a lower learning rate. A mixin: `nets`, `optimizers`,
    `average`, `random`, `seed` and `losses` are attributes of the subclass.
    """

    def state(self):
        """Snapshot of the weights, the optimisers' moments and the weight average."""
        nets = [net.state_dict().items() for net in self.nets]
        moments = [optimizer.state_dict() for optimizer in self.optimizers]
        return {
            "nets": [{name: value.clone() for name, value in net} for net in nets],
            "optimizers": copy.deepcopy(moments),
            "average": copy.deepcopy((self.average.count, self.average.means)),
        }

    def load(self, state):
        """Restore a snapshot."""
        state = copy.deepcopy(state)
        for net, weights in zip(self.nets, state["nets"]):
            net.load_state_dict(weights)
        for optimizer, moments in zip(self.optimizers, state["optimizers"]):
            optimizer.load_state_dict(moments)
        self.average.count, means = state["average"]
        torch._foreach_copy_(self.average.means, means)

    def save(self):
        """Checkpoint: everything that continuing needs, the random state included."""
        return self.state() | {"random": self.random.get_state(), "seed": self.seed}

    def resume(self, saved):
        """Continue from a checkpoint of `save`."""
        self.load(saved)
        self.random.set_state(saved["random"])
        self.seed = saved["seed"]

    def halve_learning_rate(self):
        """Halve the learning rates."""
        for optimizer in self.optimizers:
            for group in optimizer.param_groups:
                group["lr"] /= 2

    @torch.no_grad()
    def is_finite(self):
        """Whether all weights are finite numbers."""
        sums = [weight.sum() for net in self.nets for weight in net.parameters()]
        return bool(torch.isfinite(torch.stack(sums)).all())
