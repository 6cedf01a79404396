"""What a neural sampler trains: the networks, their loss and optimisers, as data.

An architecture is a frozen choice. It names the parameters of the sampler that hold the widths of
hidden layers, and makes a training step from the sampler's parameters.
"""

from dataclasses import dataclass

from ._networks.critic import Critic
from ._networks.generator import Generator
from ._networks.head import Head
from ._networks.vae import DecoderNetwork, EncoderNetwork
from ._training.adversarial import AdversarialStep, Wasserstein
from ._training.elbo import ElboStep
from ._training.optim import flat_adam

#: Networks that need more memory than this are refused.
BYTES_LIMIT = 2 * 2**30

#: L2 penalty of the generator's weights, as in CTGAN.
GENERATOR_DECAY = 1e-6

#: Rows from which a class has standard deviations of its own in the decoder. With their own, 84 %
#: of the rows generated from 40 training rows were closer to those 40 than to held-out rows (69 %
#: with the shared ones).
OWN_SCALE_ROWS = 100

#: Learning rate of the log standard deviations, in units of that of the weights: Adam moves a
#: parameter by about the learning rate per step, too slowly for a scale that weights the loss.
SCALE_RATE = 10


@dataclass(frozen=True)
class AdversarialNetworks:
    """A generator trained against a critic.

    Parameters
    ----------
    objective : BinaryCrossEntropy or Wasserstein
        Losses of both.
    critic_dropout : float
        Dropout of the critic's hidden layers.
    """

    objective: object = Wasserstein()
    critic_dropout: float = 0.5

    widths = ("generator_dim", "discriminator_dim")
    default_steps_factor = 1

    def step(self, sampler, encoder, batches, n_conditions, random):
        """Untrained networks and the step that trains them.

        Parameters
        ----------
        sampler : NeuralSampler
            Sampler that holds the parameters.
        encoder : BlockEncoder
            How rows are encoded.
        batches : UniformSampling or TrainingBySampling
            Source of training batches.
        n_conditions : int
            Number of condition indices.
        random : torch.Generator
            Source of initial weights and of all random numbers of training.

        Returns
        -------
        AdversarialStep
        """
        width, latent = encoder.layout.width, sampler.embedding_dim
        self._check_memory(sampler, encoder, n_conditions)
        generator = Generator(latent, sampler.generator_dim, width, n_conditions, random)
        critic = Critic(
            width,
            sampler.discriminator_dim,
            n_conditions,
            sampler.pac,
            random,
            dropout=self.critic_dropout,
        )
        head = Head(encoder.layout, random.device)
        generator.init_code_bias(head.frequencies(batches.codes))
        optimizers = (
            flat_adam((critic.parameters(), sampler.learning_rate, 0.0)),
            flat_adam((generator.parameters(), sampler.learning_rate, GENERATOR_DECAY)),
        )
        objective = self.objective
        return AdversarialStep(generator, critic, head, objective, batches, optimizers, random)

    @staticmethod
    def _check_memory(sampler, encoder, n_conditions):
        """Refuse networks too large."""
        width, inner = encoder.layout.width, sampler.embedding_dim
        weights = (width + n_conditions) * sampler.pac * sampler.discriminator_dim[0]
        for dim in sampler.generator_dim:
            weights += (inner + n_conditions) * dim
            inner += dim
        weights += (inner + n_conditions) * width
        refuse_large(encoder, weights, sampler.batch_size * (width + inner))


@dataclass(frozen=True)
class VariationalAutoencoder:
    """An encoder and a decoder trained on the evidence lower bound."""

    widths = ("compress_dims", "decompress_dims")
    #: A step costs a third of an adversarial one, and more steps do not harm an ELBO.
    default_steps_factor = 2

    def step(self, sampler, encoder, batches, n_conditions, random):
        """Untrained networks and the step that trains them; see `AdversarialNetworks.step`."""
        layout = encoder.layout
        self._check_memory(sampler, encoder, n_conditions)
        sizes = (sampler.embedding_dim, layout, n_conditions, random)
        recognition = EncoderNetwork(sampler.compress_dims, *sizes)
        own = batches.class_counts(n_conditions) >= OWN_SCALE_ROWS
        decoder = DecoderNetwork(sampler.decompress_dims, *sizes, own=own)
        weights = [*recognition.parameters(), *decoder.weights()]
        optimizer = flat_adam(
            (weights, sampler.learning_rate, sampler.l2scale),
            (decoder.scales(), SCALE_RATE * sampler.learning_rate, 0.0),
            betas=(0.9, 0.999),
        )
        head = Head(layout, random.device)
        return ElboStep(recognition, decoder, head, batches, optimizer, random)

    @staticmethod
    def _check_memory(sampler, encoder, n_conditions):
        """Refuse networks too large."""
        width, widest = encoder.layout.width, max(*sampler.compress_dims, *sampler.decompress_dims)
        weights = (width + n_conditions) * (sampler.compress_dims[0] + sampler.decompress_dims[-1])
        weights += (sampler.embedding_dim + n_conditions + widest) * widest
        refuse_large(encoder, weights, sampler.batch_size * (width + widest))


def refuse_large(encoder, weights, batch):
    """Refuse networks too large for the memory of a usual machine.

    Parameters
    ----------
    encoder : BlockEncoder
        Whose widest column the error names.
    weights : int
        Number of weights; gradients, averages and Adam's moments take four times as many more.
    batch : int
        Activations of one batch.
    """
    needed = 4 * (5 * weights + 6 * batch)
    if needed > BYTES_LIMIT:
        name, span = encoder.widest()
        raise ValueError(
            f"Training would need about {needed:,} bytes, and the limit is {BYTES_LIMIT:,}: "
            f"the encoded table is {encoder.layout.width:,} wide, {span:,} of it for column "
            f"{name!r}. Leave out or group such columns."
        )
