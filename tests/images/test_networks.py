"""DeepSMOTE, ImageGANOversampler and the small CNN: they learn, stop, and keep their promises."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from sklearn.metrics import roc_auc_score

from skgensample import NumbaBorderlineSMOTE
from skgensample.images import DeepSMOTE, ImageGANOversampler
from skgensample.images._classifier import SmallCNNClassifier
from skgensample.images._deep_smote import AutoencoderStep
from skgensample.images._diff_augment import diff_augment
from skgensample.images._features import fixed_features
from skgensample.images._gan_step import NonSaturatingStep
from skgensample.images._networks import Critic, Decoder, Encoder

SMALL = {"latent_dim": 8, "channels": 4, "batch_size": 16, "random_state": 0}


def bars(n, seed=0, size=16):
    """Images of one bright bar each: upright ones (1) and lying ones (0), one in five upright."""
    rng = np.random.RandomState(seed)
    y = (np.arange(n) % 5 == 0).astype(int)
    X = rng.randint(0, 30, (n, size, size))
    for image, label in zip(X, y):
        at = rng.randint(2, size - 4)
        view = image.T if label else image
        view[at : at + 2] += 200
    return X.astype(np.uint8), y


def uprightness(images):
    """Variance over columns minus that over rows: positive for upright bars."""
    images = images.astype(float)
    return images.mean(axis=1).var(axis=1) - images.mean(axis=2).var(axis=1)


def random_of(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("shape", [(16, 16, 1), (21, 40, 3), (5, 7, 1), (3, 3, 2), (1, 6, 1)])
def test_networks_take_any_shape(shape):
    images = torch.zeros((2, shape[2], *shape[:2]))
    latent = Encoder(shape, 7, 4, random_of())(images)
    assert latent.shape == (2, 7)
    assert Decoder(shape, 7, 4, random_of())(latent).shape == images.shape
    labels = torch.tensor([0, 2])
    assert Decoder(shape, 7, 4, random_of(), 3)(latent, labels).shape == images.shape
    assert Critic(shape, 4, 3, random_of())(images, labels).shape == (2,)


def test_deep_smote_learns_the_class():
    """Reconstruction improves, and new images of the upright class are upright."""
    X, y = bars(150)
    sampler = DeepSMOTE(max_steps=150, permutation_weight=0.0, learning_rate=3e-3, **SMALL)
    X_all, y_all = sampler.fit_resample(X, y)
    losses = sampler.history_["reconstruction_loss"]
    assert losses[-20:].mean() < 0.6 * losses[:5].mean()
    made = X_all[150:]
    assert (y_all[150:] == 1).all() and np.mean(uprightness(made) > 0) > 0.8


def test_any_neighbour_sampler_in_the_latent_space():
    X, y = bars(60)
    plain = DeepSMOTE(max_steps=3, **SMALL).fit_resample(X, y)[0]
    other = DeepSMOTE(max_steps=3, sampler=NumbaBorderlineSMOTE(), **SMALL).fit_resample(X, y)[0]
    assert plain.shape == other.shape and (plain != other).any()


def test_permutation_penalty_is_the_papers():
    """Its loss compares decoded images with those of another order, so it exceeds the other one."""
    X = torch.rand((12, 1, 8, 8), generator=random_of())
    encoder, decoder = Encoder((8, 8, 1), 4, 4, random_of()), Decoder((8, 8, 1), 4, 4, random_of(1))
    parameters = [*encoder.parameters(), *decoder.parameters()]
    from skgensample.generators._training.optim import flat_adam

    step = AutoencoderStep(
        encoder, decoder, lambda random: X, flat_adam((parameters, 3e-3, 0.0)), 0.0, random_of()
    )
    assert step()[1] == 0
    for _ in range(200):
        step()
    step.weight = 1.0
    reconstruction, permutation = step()
    assert permutation > 1.2 * reconstruction


@pytest.mark.parametrize("loss", ["non_saturating", "wasserstein"])
def test_gan_learns_brightness_of_classes(loss):
    """After some steps images of the bright class are brighter than those of the dark one."""
    rng = np.random.RandomState(0)
    y = (np.arange(120) % 4 == 0).astype(int)
    X = (rng.randint(0, 60, (120, 8, 8)) + 150 * y[:, None, None]).astype(np.uint8)
    sampler = ImageGANOversampler(
        max_steps=200, learning_rate=2e-3, loss=loss, augment=False, **SMALL
    ).fit(X, y)
    dark, bright = (sampler.sample(50, label)[0].mean() for label in (0, 1))
    assert bright > dark + 40


def test_generator_makes_grain_from_noise_only_where_it_is_given():
    """Equal latent vectors and classes differ by pixel noise; without noise they do not."""
    net = Decoder((16, 16, 1), 4, 8, random_of(), n_classes=2)
    latent, labels = torch.zeros(2, 4), torch.zeros(2, dtype=torch.long)
    first, second = net(latent, labels, random_of())
    assert not torch.equal(first, second)
    quiet = net(latent, labels)
    assert torch.equal(quiet[0], quiet[1]) and not torch.equal(quiet[0], first)


def test_gan_early_stopping_evaluates_held_out_images():
    X, y = bars(100)
    sampler = ImageGANOversampler(max_steps=200, early_stopping=True, critic_steps=1, **SMALL)
    sampler.fit(X, y)
    criterion = sampler.history_["criterion"]
    assert np.isfinite(criterion).sum() == 1 and 0.5 < criterion[-1] <= 1
    quiet = ImageGANOversampler(max_steps=2, **SMALL).fit(X, y)
    assert np.isnan(quiet.history_["criterion"]).all()


@pytest.mark.parametrize("kind", [DeepSMOTE, ImageGANOversampler])
def test_limits_and_callbacks(kind):
    X, y = bars(60)
    seen = []
    kind(max_steps=120, callbacks=lambda step, *_: seen.append(step) or step == 100, **SMALL).fit(
        X, y
    )
    assert seen == [50, 100]
    short = kind(max_steps=10_000, max_time=0.05, **SMALL).fit(X, y)
    assert len(short.history_["step"]) < 10_000
    with pytest.raises(ValueError, match="cannot be used by torch"):
        kind(max_steps=1, device="nowhere", **SMALL).fit(X, y)


@pytest.mark.parametrize("kind", [DeepSMOTE, ImageGANOversampler])
def test_torchs_global_state_is_left_alone(kind):
    X, y = bars(60)
    before = torch.get_rng_state()
    kind(max_steps=2, **SMALL).fit_resample(X, y)
    SmallCNNClassifier(max_steps=2, random_state=0).fit(X, y)
    assert (torch.get_rng_state() == before).all()


def test_fit_resample_keeps_a_model_of_networks_and_no_image_of_others():
    from skgensample.images import AugmentationOversampler

    X, y = bars(60)
    gan = ImageGANOversampler(max_steps=2, **SMALL)
    gan.fit_resample(X, y)
    assert gan.sample(3, 1)[0].shape == (3, 16, 16)
    plain = AugmentationOversampler(random_state=0)
    plain.fit_resample(X, y)
    assert not hasattr(plain, "model_")


def test_diff_augment_moves_values_and_passes_gradients():
    images = torch.rand((64, 2, 16, 16), generator=random_of())
    images.requires_grad_(True)
    changed = diff_augment(images, random_of(1))
    assert changed.shape == images.shape and (changed != images).float().mean() > 0.9
    cut = (changed == 0).all(dim=1).float().mean(dim=(1, 2))
    assert 0.01 < cut.mean() < 0.3
    changed.sum().backward()
    assert torch.isfinite(images.grad).all() and (images.grad != 0).float().mean() > 0.5


def test_fixed_features_tell_directions():
    """Lying and upright bars differ in the energies of edges; sizes need not divide evenly."""
    X, y = bars(60, size=17)
    features = fixed_features(X[..., None] / 255)
    assert np.isfinite(features).all() and len(features) == 60
    best = max(roc_auc_score(y, column) for column in features.T)
    assert best > 0.95
    assert fixed_features(np.zeros((2, 1, 5, 1))).shape == (2, 5)


def test_small_cnn_learns_and_repeats():
    X, y = bars(200)
    X_test, y_test = bars(100, seed=1)
    model = SmallCNNClassifier(max_steps=60, channels=4, random_state=0).fit(X, y)
    assert roc_auc_score(y_test, model.predict_proba(X_test)[:, 1]) > 0.95
    again = SmallCNNClassifier(max_steps=60, channels=4, random_state=0).fit(X, y)
    assert (again.predict_proba(X_test) == model.predict_proba(X_test)).all()
    assert model.features(X_test[:, :12, :12]).shape == (100, 32)


def gradients(net):
    """Gradients of all parameters as one vector; they are set to 0."""
    found = torch.cat([one.grad.flatten() for one in net.parameters()])
    net.zero_grad()
    return found


def test_gradients_of_the_penalty_are_those_of_the_sum():
    """R1 is taken back through its own graph, and with the other losses through one graph."""
    random = random_of()
    critic = Critic((8, 8, 1), 4, 2, random)
    real, fake = torch.rand((2, 6, 1, 8, 8), generator=random)
    group = torch.arange(6) % 2
    generator = Decoder((8, 8, 1), 4, 4, random, 2)
    step = NonSaturatingStep(generator, critic, None, (), random, steps=1, augment=False)
    loss = step.critic_loss(real, fake, group)
    loss.backward()
    ours = gradients(critic)
    real.requires_grad_(True)
    score = critic(real, group)
    (slope,) = torch.autograd.grad(score.sum(), real, create_graph=True)
    wanted = torch.nn.functional.softplus(-score).mean()
    wanted = wanted + torch.nn.functional.softplus(critic(fake, group)).mean()
    wanted = wanted + 8 * 0.5 / 2 * slope.flatten(1).square().sum(dim=1).mean()
    wanted.backward()
    assert loss.item() == pytest.approx(wanted.item(), rel=1e-5)
    assert torch.allclose(ours, gradients(critic), rtol=1e-4, atol=1e-6)


def test_gradients_of_the_autoencoder_are_those_of_the_sum(monkeypatch):
    from skgensample.images import _deep_smote

    images = torch.rand((6, 1, 8, 8), generator=random_of())
    encoder, decoder = (kind((8, 8, 1), 4, 4, random_of()) for kind in (Encoder, Decoder))
    both = torch.nn.ModuleList([encoder, decoder])
    both.zero_grad(set_to_none=False)
    monkeypatch.setattr(_deep_smote, "clipped_step", lambda loss, _: loss.backward())
    step = AutoencoderStep(encoder, decoder, lambda _: images, None, 0.7, random_of(1))
    losses, ours = step(), gradients(both)
    latent = encoder(images)
    order = torch.randperm(6, generator=random_of(1))
    wanted = [torch.nn.functional.mse_loss(decoder(z), images) for z in (latent, latent[order])]
    (wanted[0] + 0.7 * wanted[1]).backward()
    assert torch.allclose(losses, torch.stack(wanted))
    assert torch.allclose(ours, gradients(both), rtol=1e-4, atol=1e-7)
