"""Contracts C (memory layouts), F (shapes) and G (labels) of arrays."""

import tempfile

import numpy as np
import pytest
from sklearn.preprocessing import label_binarize

from conftest import ONE_NETWORK, slow_except
from contracts import Contracts, Refused, blobs, judge, refusals, resample, wants_both_kinds

CASES = contract = Contracts()


@slow_except(ONE_NETWORK)
@pytest.mark.parametrize("code", CASES)
def test_contract(code, sampler):
    judge(CASES[code], sampler)


# C: the same numbers in another layout give the same result


def same_as_plain(sampler, X, y):
    """Resample X in its own layout and as a plain C-ordered copy; both results agree."""
    plain, _ = resample(sampler, np.array(X, order="C"), np.array(y))
    X_res, y_res = resample(sampler, X, y)
    assert np.array_equal(X_res, plain)
    return X_res, y_res


@contract("C01", "ok", "Fortran order")
def fortran(sampler):
    X, y = blobs()
    same_as_plain(sampler, np.asfortranarray(X), y)


@contract("C02", "ok", "strided column view")
def strided(sampler):
    X, y = blobs(d=8)
    same_as_plain(sampler, X[:, ::2], np.repeat(y, 2)[::2])


@contract("C03", "ok", "negative strides")
def negative_strides(sampler):
    X, y = blobs()
    same_as_plain(sampler, X[::-1, ::-1], y[::-1])


@contract("C04", "ok", "read-only arrays")
def read_only(sampler):
    X, y = blobs()
    X.flags.writeable = y.flags.writeable = False
    same_as_plain(sampler, X, y)


@contract("C05", "ok", "memory-mapped read-only file")
def memory_map(sampler):
    X, y = blobs()
    with tempfile.TemporaryDirectory() as folder:
        np.save(f"{folder}/X.npy", X)
        mapped = np.load(f"{folder}/X.npy", mmap_mode="r")
        same_as_plain(sampler, mapped, y)


@contract("C06", "ok", "input not modified")
def untouched(sampler):
    X, y = blobs()
    X_before, y_before = X.copy(), y.copy()
    resample(sampler, X, y)
    assert X.tobytes() == X_before.tobytes() and y.tobytes() == y_before.tobytes()


@contract("C07", "ok", "output does not alias input (balanced data too)")
def no_alias(sampler):
    for counts in ((60, 20), (20, 20)):
        X, y = blobs(counts)
        X_res, y_res = resample(sampler, X, y)
        assert not np.shares_memory(X, X_res) and not np.shares_memory(y, y_res)


@contract("C08", "ok", "zero-stride broadcast column")
def zero_stride(sampler):
    X, y = blobs()
    same_as_plain(sampler, np.broadcast_to(X[:, :1], (80, 3)), y)


@contract("C09", "ok", "unaligned buffer")
def unaligned(sampler):
    X, y = blobs()
    buffer = bytearray(1) + bytearray(X.tobytes())
    crooked = np.frombuffer(buffer, dtype=float, offset=1).reshape(X.shape)
    assert not crooked.flags.aligned
    same_as_plain(sampler, crooked, y)


@contract("C10", "ok", "lists in, lists out")
def lists(sampler):
    X, y = blobs()
    plain, _ = resample(sampler, X, y)
    X_res, y_res = resample(sampler, X.tolist(), y.tolist())
    assert isinstance(X_res, list) and isinstance(y_res, list)
    assert np.array_equal(X_res, plain)


@contract("C11", "ok", "y as an (n, 1) column")
def column_target(sampler):
    X, y = blobs()
    X_res, y_res = resample(sampler, X, y[:, None])
    plain, y_plain = resample(sampler, X, y)
    assert np.array_equal(X_res, plain) and np.array_equal(np.ravel(y_res), y_plain)


@contract("C12", "either", "torch tensor X", cause="tensor|array")
def tensor(sampler):
    torch = pytest.importorskip("torch")
    X, y = blobs()
    with refusals():
        X_res, _ = sampler.fit_resample(torch.from_numpy(X.copy()), y)
    assert np.array_equal(np.asarray(X_res), resample(sampler, X, y)[0])


@contract("C13", "ok", "read-only gives the same when 4 MB (joblib memmap size)")
def large_read_only(sampler):
    X, y = blobs((24_950, 50), d=20)
    assert X.nbytes >= 4_000_000 - 50
    X.flags.writeable = False
    same_as_plain(sampler, X, y)


# F: shapes


@contract("F01", "error", "0 rows", cause="0 sample|minimum of 1|empty|no row")
def no_rows(sampler):
    resample(sampler, np.empty((0, 3)), np.empty(0, int))


@contract("F02", "error", "0 features", cause="0 feature|no column")
def no_features(sampler):
    resample(sampler, np.empty((40, 0)), np.repeat([0, 1], 20))


@contract("F03", "ok", "1 feature")
def one_feature(sampler):
    if not wants_both_kinds(sampler):
        return resample(sampler, *blobs(d=1))
    with pytest.raises(Refused, match="use NumbaSMOTEN"):
        resample(sampler, *blobs(d=1))


@contract("F04", "error", "1-D X", cause="1D|2D|dimension")
def flat(sampler):
    X, y = blobs()
    resample(sampler, X[:, 0], y)


@contract("F05", "error", "3-D X", cause="3D|3-D|dim")
def cube(sampler):
    X, y = blobs()
    resample(sampler, X.reshape(80, 2, 2), y)


@contract("F06", "error", "X and y of different length", cause="inconsistent|length|80")
def different_length(sampler):
    X, y = blobs()
    resample(sampler, X, y[:-1])


@contract("F07", "error", "1 row", cause="class|sample|row")
def one_row(sampler):
    resample(sampler, np.ones((1, 3)), np.array([1]))


@contract("F08", "either", "2 rows, one of each class", cause="class|sample|row")
def two_rows(sampler):
    resample(sampler, np.array([[0.0, 1.0], [2.0, 3.0]]), np.array([0, 1]))


@contract("F09", "error", "y is None", cause="y")
def no_target(sampler):
    resample(sampler, blobs()[0], None)


@contract("F10", "error", "X is a string", cause="array|str|X")
def string_table(sampler):
    resample(sampler, "amount", np.array([0, 1]))


@contract("F11", "error", "ragged lists", cause="sequence|shape|ragged|inhomogeneous|array")
def ragged(sampler):
    resample(sampler, [[1.0, 2.0], [3.0], [4.0, 5.0], [6.0, 7.0]], [0, 0, 0, 1])


# G: labels


def with_labels(sampler, names, dtype=None, counts=(60, 20)):
    """Resample the blobs with labels of another type; the rows are those of 0, 1, ..."""
    X, codes = blobs(counts)
    y = np.array(names, dtype=dtype)[codes]
    X_res, y_res = resample(sampler, X, y)
    assert y_res.dtype == y.dtype
    return X_res, y_res


@contract("G01", "ok", "string labels")
def string_labels(sampler):
    with_labels(sampler, ["fraud", "legit"])


@contract("G02", "ok", "object string labels")
def object_labels(sampler):
    with_labels(sampler, ["fraud", "legit"], dtype=object)


@contract("G03", "ok", "bool labels")
def bool_labels(sampler):
    with_labels(sampler, [False, True])


@contract("G04", "ok", "labels -1 and 1")
def signed_labels(sampler):
    with_labels(sampler, [-1, 1])


@contract("G05", "ok", "labels 0.0 and 1.0")
def float_labels(sampler):
    with_labels(sampler, [0.0, 1.0])


@contract("G06", "error", "continuous y", cause="continuous|label type")
def continuous(sampler):
    X, _ = blobs()
    resample(sampler, X, X[:, 0])


@contract("G07", "either", "one-hot y in, one-hot y out", cause="one-hot|multilabel|multioutput")
def one_hot(sampler):
    X, y = blobs((60, 30, 15))
    X_res, y_res = resample(sampler, X, label_binarize(y, classes=[0, 1, 2]))
    assert y_res.shape == (180, 3) and np.array_equal(y_res.sum(axis=1), np.ones(180))
    assert np.array_equal(X_res, resample(sampler, X, y)[0])


@contract("G08", "error", "multilabel y", cause="multilabel|multioutput")
def multilabel(sampler):
    X, _ = blobs()
    resample(sampler, X, np.random.RandomState(0).randint(0, 2, (80, 3)))


@contract("G09", "error", "mixed-type labels ('a', 1)", cause="type|mix|label")
def mixed_labels(sampler):
    X, y = blobs()
    resample(sampler, X, np.array(["a", 1], dtype=object)[y])


@contract("G10", "ok", "labels above 2**53")
def large_labels(sampler):
    with_labels(sampler, [2**53 + 1, 2**53 + 2])


@contract("G11", "ok", "uint8 labels 254 and 255")
def small_labels(sampler):
    with_labels(sampler, [254, 255], dtype=np.uint8)


@contract("G12", "either", "bytes labels", cause="bytes|label")
def bytes_labels(sampler):
    with_labels(sampler, [b"fraud", b"legit"])


@contract("G13", "ok", "empty-string and long labels")
def odd_strings(sampler):
    with_labels(sampler, ["", "a rather long label " * 10])


@contract("G14", "error", "label None among strings", cause="None|missing|label|type")
def none_label(sampler):
    X, codes = blobs()
    y = np.array(["fraud", "legit"], dtype=object)[codes]
    y[3] = None
    resample(sampler, X, y)


@contract("G15", "ok", "minority is label 0, not 1")
def minority_zero(sampler):
    _, y_res = with_labels(sampler, [1, 0])
    assert (y_res[80:] == 0).all()


@contract("G16", "ok", "labels 0..k with gaps (3, 17)")
def gaps(sampler):
    with_labels(sampler, [0, 3, 17], counts=(60, 30, 15))
