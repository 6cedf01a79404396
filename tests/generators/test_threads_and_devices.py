"""Rows do not depend on threads; devices that are missing are refused."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from small_runs import small_table, tiny

from skgensample.generators._sampling import tabular_model
from skgensample.generators._sampling.calibration import ROWS
from skgensample.generators._sampling.tabular_model import CHUNK_ROWS, _even_parts
from skgensample.generators._training.single_thread import in_threads, single_threaded_torch

RESAMPLERS = ("CTGANResampler", "CopulaGANResampler", "TVAEResampler")


@pytest.fixture
def data():
    return small_table()


@pytest.mark.parametrize("name", ["CTGANResampler", "TVAEResampler"])
def test_margins_are_fitted_on_more_rows_of_a_network_that_stays(name, data, monkeypatch):
    found = tiny(name).fit(*data).model_
    counts, network = [], found.tabular.net.forward

    def counted(n, *others):
        counts.append(n)
        return network(n, *others)

    monkeypatch.setattr(found.tabular.net, "forward", counted)
    found.install(found.tabular.net, [1])
    assert counts == [ROWS]
    for numbers, rows in ((2**24, 4 * ROWS), (20_000, 10_000), (0, ROWS)):
        width = found.tabular.encoder.layout.width
        monkeypatch.setattr(tabular_model, "CALIBRATION_NUMBERS", numbers * width)
        counts.clear()
        found.install(found.tabular.net)
        assert sum(counts) == 2 * rows and max(counts) == ROWS  # two classes, a part at a time


@pytest.mark.parametrize("n", [0, 1, CHUNK_ROWS, CHUNK_ROWS + 1, 2 * CHUNK_ROWS + 1, 100_001])
def test_rows_are_drawn_in_an_even_number_of_equal_parts(n):
    parts = _even_parts(n)
    sizes = [part.stop - part.start for part in parts]
    assert [i for part in parts for i in range(part.start, part.stop)] == list(range(n))
    assert len(parts) == (n > 0) if n <= CHUNK_ROWS else len(parts) % 2 == 0
    assert not parts or max(sizes) <= min(CHUNK_ROWS, min(sizes) + 1)


@pytest.mark.parametrize("name", RESAMPLERS)
def test_drawing_does_not_depend_on_threads(name, data):
    model, before, drawn = tiny(name, max_steps=2).fit(*data), torch.get_num_threads(), []
    try:
        for threads in (1, 3):
            torch.set_num_threads(threads)
            drawn.append(model.sample(20_000)[0])
            assert torch.get_num_threads() == threads
    finally:
        torch.set_num_threads(before)
    np.testing.assert_array_equal(*drawn)
    assert len(np.unique(drawn[0][:, 0])) > 10_000


@pytest.mark.parametrize("name", ["GANOversampler", "CTGANResampler", "TVAEResampler"])
def test_training_does_not_depend_on_threads(name, data):
    """Whatever torch's number of threads, and with several trainings at once."""
    before = torch.get_num_threads()

    def resampled(_=None):
        return tiny(name, max_steps=20).fit_resample(*data)[0]

    try:
        torch.set_num_threads(1)
        alone = resampled()
        torch.set_num_threads(2)
        with ThreadPoolExecutor(4) as pool:
            several = [resampled(), *pool.map(resampled, range(4))]
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)
    assert all(np.array_equal(alone, rows) for rows in several)


def test_in_threads_does_every_job_on_one_torch_thread_and_raises():
    seen, before = [], torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        in_threads(lambda job: seen.append((job, torch.get_num_threads())), range(20))
        with pytest.raises(ZeroDivisionError):
            in_threads(lambda job: 1 / job, [1, 0, 2])
        with single_threaded_torch() as outside:
            assert outside == 2
    finally:
        torch.set_num_threads(before)
    assert sorted(seen) == [(job, 1) for job in range(20)]


@pytest.mark.parametrize("device", ["cuda:99", "mps", "hpu", "meta", "abacus"])
@pytest.mark.skipif(torch.cuda.is_available(), reason="a GPU is here")
def test_a_missing_device_is_refused(device, data):
    with pytest.raises(ValueError, match=f"device='{device}' cannot be used"):
        tiny(device=device).fit(*data)


@pytest.mark.skipif(torch.cuda.is_available(), reason="a GPU is here")
def test_the_device_is_recorded_and_auto_prefers_cuda(data, monkeypatch):
    assert tiny(max_steps=2).fit(*data).device_ == "cpu"
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    with pytest.raises(ValueError, match="device='cuda'"):  # tried, not silently the CPU
        tiny(max_steps=2).fit(*data)
