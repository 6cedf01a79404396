"""Contracts E: scipy sparse tables (E09, the wide one, stands in test_contracts_processes.py)."""

import numpy as np
import pytest
from scipy import sparse

from conftest import ONE_NETWORK, slow_except
from contracts import Contracts, blobs, judge, resample

CASES = contract = Contracts()

SPARSE = "sparse|dense|format|duplicate|index"


@slow_except(ONE_NETWORK)
@pytest.mark.parametrize("code", CASES)
def test_contract(code, sampler):
    judge(CASES[code], sampler)


def zeros_and_numbers(d=4):
    """The blobs with about half of the cells zero."""
    X, y = blobs(d=d)
    return np.where(X > 0.5, X, 0.0), y


def same_as_dense(sampler, table, X, y):
    """A sparse table gives the rows that its dense twin gives."""
    X_res, _ = resample(sampler, table, y)
    dense, _ = resample(sampler, X, y)
    np.testing.assert_allclose(X_res.toarray(), dense, rtol=1e-12, atol=1e-12)


def in_format(kind):
    def run(sampler):
        X, y = zeros_and_numbers()
        for make in (getattr(sparse, f"{kind}_array"), getattr(sparse, f"{kind}_matrix")):
            same_as_dense(sampler, make(X), X, y)

    return run


for code, kind in {"E01": "csr", "E02": "csc", "E03": "coo", "E04": "lil"}.items():
    contract(code, "either", f"sparse {kind}", cause=SPARSE)(in_format(kind))


@contract("E05", "either", "explicit zeros stored", cause=SPARSE)
def explicit_zeros(sampler):
    X, y = zeros_and_numbers()
    table = sparse.csr_array(np.ones_like(X))
    table.data[:] = X.ravel()
    assert table.nnz == X.size
    same_as_dense(sampler, table, X, y)


@contract("E06", "either", "duplicate entries, unsorted indices", cause=SPARSE)
def duplicates(sampler):
    X, y = zeros_and_numbers()
    halves = np.concatenate([X, X], axis=1)[:, ::-1].ravel() / 2
    columns = np.tile(np.concatenate([np.arange(4), np.arange(4)])[::-1], len(X))
    table = sparse.csr_array((halves, columns, 8 * np.arange(len(X) + 1)), shape=X.shape)
    assert not table.has_canonical_format
    same_as_dense(sampler, table, X, y)


@contract("E07", "either", "int64 indices", cause=SPARSE)
def wide_indices(sampler):
    X, y = zeros_and_numbers()
    table = sparse.csr_array(X)
    table.indices, table.indptr = table.indices.astype(np.int64), table.indptr.astype(np.int64)
    same_as_dense(sampler, table, X, y)


@contract("E08", "either", "empty rows in the minority", cause=SPARSE)
def empty_rows(sampler):
    X, y = zeros_and_numbers()
    X[np.flatnonzero(y == 1)[:6]] = 0.0
    same_as_dense(sampler, sparse.csr_array(X), X, y)


@contract("E10", "either", "sparse integers", cause=SPARSE)
def integers(sampler):
    X, y = zeros_and_numbers()
    X = np.rint(X * 1e4).astype(np.int64)  # distances without ties
    same_as_dense(sampler, sparse.csr_array(X), X, y)


@contract("E11", "either", "read-only sparse buffers", cause=SPARSE)
def read_only(sampler):
    X, y = zeros_and_numbers()
    table = sparse.csr_array(X)
    for part in (table.data, table.indices, table.indptr):
        part.flags.writeable = False
    same_as_dense(sampler, table, X, y)
