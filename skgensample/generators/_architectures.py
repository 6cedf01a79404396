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
from ._training.memory import adversarial_size, autoencoder_size
from ._training.optim import flat_adam

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
    def size(sampler, n_scalars, width, n_conditions):
        """Numbers that the training needs.

        Parameters
        ----------
        sampler : NeuralSampler
            Sampler that holds the parameters.
        n_scalars, width : int
            Continuous columns, and width of an encoded row.
        n_conditions : int
            Number of condition indices.

        Returns
        -------
        TrainingSize
        """
        hidden = sampler.generator_dim, sampler.discriminator_dim
        return adversarial_size(sampler.embedding_dim, *hidden, width, n_conditions, sampler.pac)


@dataclass(frozen=True)
class VariationalAutoencoder:
    """An encoder and a decoder trained on the evidence lower bound."""

    widths = ("compress_dims", "decompress_dims")
    #: A step costs a third of an adversarial one, and more steps do not harm an ELBO.
    default_steps_factor = 2

    def step(self, sampler, encoder, batches, n_conditions, random):
        """Untrained networks and the step that trains them; see `AdversarialNetworks.step`."""
        layout = encoder.layout
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
    def size(sampler, n_scalars, width, n_conditions):
        """Numbers that the training needs; see `AdversarialNetworks.size`."""
        hidden = sampler.compress_dims, sampler.decompress_dims
        layout = n_scalars, width
        return autoencoder_size(sampler.embedding_dim, *hidden, layout, n_conditions)
