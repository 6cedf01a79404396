"""Which columns identify rows: a table of cases on both sides, and the public tables."""

import uuid
from hashlib import sha256

import numpy as np
import pandas as pd
import pytest

from skgensample.table import TableCodec

N = 1_000


def rng():
    return np.random.RandomState(0)


#: What makes new numbers: a model of the table, or interpolation.
MAKERS = ["learned", "interpolated"]


def verdict(name, values, maker="learned"):
    """The message with which a column is refused next to an ordinary one, or None."""
    frame = pd.DataFrame({"x": np.arange(len(values)) / 7})
    frame[name] = pd.Series(values)
    try:
        TableCodec(categories="text", missing=True, **{maker: True}).fit_encode(frame)
    except ValueError as error:
        assert repr(name) in str(error) and "'x'" not in str(error)
        return str(error)
    return None


def without(values, share):
    """A random part of the values."""
    return rng().permutation(values)[: int((1 - share) * len(values))]


def irregular():
    """Different whole numbers of a long range, in any order."""
    return 10_000 + rng().choice(100 * N, N, replace=False)


def luhn(n):
    """Numbers of payment cards, made up."""
    from skgensample.table._pii import is_card

    stems = (f"4{i:014d}" for i in rng().randint(10**13, size=n))
    return [next(stem + d for d in "0123456789" if is_card(stem + d)) for stem in stems]


LONG = np.arange(1, 15_421)

#: Columns that are to be refused.
IDENTIFIERS = {
    "running": ("v", LONG),
    "running from 0": ("v", np.arange(N)),
    "running, the shortest": ("v", np.arange(300)),
    "running, shuffled": ("v", rng().permutation(LONG)),
    "running, offset": ("v", 48_213 + LONG),
    "running, offset and shuffled": ("v", rng().permutation(10**7 + LONG)),
    "running, a few holes": ("v", np.delete(LONG, rng().randint(len(LONG), size=300))),
    "running, a training part of 60 %": ("v", without(LONG, 0.4)),
    "running, a sorted half": ("v", np.sort(without(LONG, 0.5))),
    "running, in tens": ("v", 10 * LONG),
    "running, as floats": ("v", LONG.astype(float)),
    "running, as narrow floats": ("v", LONG.astype("f4")),
    "running, as floats with gaps": ("v", np.where(LONG % 9 == 0, np.nan, LONG)),
    "running, nullable": ("v", pd.array([None, *LONG[1:]], dtype="Int64")),
    "running, unsigned": ("v", LONG.astype("u2")),
    "running, some rows twice": ("v", np.r_[LONG, LONG[:300]]),
    "running, as objects": ("v", LONG.astype(object)),
    "running, under a neutral name": ("Unnamed: 0", np.arange(N)),
    "running, policy": ("PolicyNumber", LONG),
    "running, as text": ("v", LONG.astype(str)),
    "running, as padded text": ("v", [f"{i:06d}" for i in range(N)]),
    "running, as text with a prefix": ("v", [f"C-{i:06d}" for i in range(N)]),
    "UUIDs": ("v", [str(uuid.UUID(int=i * 2**64 + 7)) for i in range(N)]),
    "UUIDs, four rows each": ("v", [str(uuid.UUID(int=i // 4 * 2**64 + 7)) for i in range(N)]),
    "hashes": ("v", [sha256(bytes([i % 250, i // 250])).hexdigest() for i in range(N)]),
    "hashes, four rows each": ("v", [sha256(bytes([i % 250])).hexdigest() for i in range(N)]),
    "id": ("ID", 37 * np.arange(N) ** 2),
    "id of few rows": ("id", 3 + np.arange(25) ** 2),
    "id as floats": ("customer_id", 37.0 * np.arange(N) ** 2),
    "id in one word": ("customerid", 37 * np.arange(N) ** 2),
    "id before its noun": ("idTransaction", 37 * np.arange(N) ** 2),
    "loan id, though loans are amounts": ("loan_id", 37 * np.arange(N) ** 2),
    "invoice number": ("Invoice No.", 37 * np.arange(N) ** 2),
    "account number": ("account_number", 37 * np.arange(N) ** 2),
    "account in one word": ("Kontonummer", 37 * np.arange(N) ** 2),
    "account": ("account", 10_000 + 37 * np.arange(N) ** 2),
    "card as numbers": ("v", np.array(luhn(N)).astype(np.int64)),
    "card as text": ("v", luhn(N)),
    "nine digits, evenly spread": ("v", rng().permutation(N) * 900_001 + 10**8),
    "phone": ("phone", 4_915_000_000_000 + 7_919 * np.arange(N)),
    "phone at home": ("home_phone", 30_000_000 + 7_919 * np.arange(N)),
    "tax number, repeated": ("ssn", 123_456_789 + 7_919 * (np.arange(N) // 4)),
    "e-mail, repeated": ("v", [f"user{i // 4}@example.org" for i in range(N)]),
    "customer's name, repeated": ("customer_name", [f"p{i // 4}" for i in range(N)]),
    "address": ("home_address", [f"Road {i // 4}" for i in range(N)]),
    # more than half of the cells differ, under a name with another word in it
    "address of other words": ("address given", [f"Road {i % 600}" for i in range(N)]),
}

#: Columns that identify nobody.
HARMLESS = {
    "age": ("v", rng().randint(18, 95, N)),
    "year": ("year", rng().randint(1950, 2025, N)),
    "year of each row": ("year", 1_000 + np.arange(400)),
    "count": ("v", rng().poisson(3, N)),
    "large count": ("v", rng().poisson(10_000, N)),
    "price": ("price", rng().randint(1_000, 50_000, N)),
    "price in cents": ("v", (rng().lognormal(8, 1, N)).astype(int)),
    "amount in cents, nearly all different": ("v", (rng().lognormal(12, 1, N)).astype(int)),
    "measure rounded": ("v", rng().normal(10**6, 10**5, N).astype(int)),
    "measure rounded, as floats": ("v", rng().normal(10**6, 10**5, N).round()),
    "even measure of a short range": ("v", rng().randint(3 * N, size=N)),
    "even measure of a long range": ("v", rng().randint(10 * N, size=N)),
    "seconds since 1970": ("v", np.sort(rng().randint(1_522_540_800, 1_525_000_000, N))),
    "milliseconds since 1970": ("v", 1_522_540_800_000 + np.arange(N) * 37_777),
    "date in digits": ("v", 20_180_401 + np.arange(N) % 28),
    "date and time in digits": ("v", 20_180_401_000_000 + np.arange(N) % 28 * 10**6 + np.arange(N)),
    "seconds since the first": ("Time", np.sort(rng().randint(0, 172_793, 284_807))),
    "seconds since the first, unnamed": ("v", np.sort(rng().randint(0, 172_793, 284_807))),
    "seconds since the first, few": ("v", np.sort(rng().randint(0, 172_793, 984))),
    "steps of an hour": ("hour", np.arange(N)),
    "thirty rows": ("v", np.arange(30)),
    "thirty rows, shuffled": ("v", rng().permutation(30)),
    "ranks of few rows": ("rank", 1 + rng().permutation(200)),
    "latitude": ("lat", rng().uniform(47, 55, N)),
    "latitude in millionths": ("latitude_e6", rng().randint(47_000_000, 55_000_000, N)),
    "longitude": ("longitude", rng().uniform(6, 15, N).round(4)),
    "zip code": ("v", rng().choice(rng().randint(10_000, 99_999, 80), N)),
    "zip code, text": ("v", rng().choice([f"{z:05d}" for z in range(80)], N)),
    "zip code, named": ("zip", rng().choice(rng().randint(10_000, 99_999, 80), N)),
    "state of an address": ("address_state", [f"State {i % 50}" for i in range(N)]),
    "country of an address": ("billing_address_country", [f"Land {i % 60}" for i in range(N)]),
    "street type": ("street type", [f"kind {i % 30}" for i in range(N)]),
    "campaign of e-mails": ("email_campaign", [f"autumn {i % 40}" for i in range(N)]),
    "domain of e-mails": ("email_domain", [f"mail{i % 40}.example" for i in range(N)]),
    "spend of a card": ("card_spend", irregular()),
    "outlay of a card": ("card_outlay", irregular()),
    "balance of an account": ("account_balance", irregular()),
    "spend over a mobile": ("mobile_data_bytes", rng().permutation(N) * 104_729 + 10**7),
    "calls of a customer": ("customer_calls", irregular()),
    "count of ids": ("customer_id_count", irregular()),
    "number of calls": ("number_of_calls", irregular()),
    "revenue of nine digits": ("revenue", rng().randint(10**8, 10**9, N)),
    "revenue of nine digits, unnamed": ("v", (rng().lognormal(20, 0.2, N)).astype(np.int64)),
    "population of seven digits": ("v", rng().normal(5e6, 5e5, N).astype(int)),
    "amounts over many digits": ("v", np.geomspace(10**6, 10**12, N).astype(np.int64)),
    "id of few levels": ("branch_id", np.arange(N) % 12),
    "id of few levels, text": ("id", [f"B{i % 12}" for i in range(N)]),
    "id of a shop, repeated": ("merchant_id", np.arange(N) % 400),
    "id of a shop, text": ("merchant_id", [f"M{i % 400:04d}" for i in range(N)]),
    "kind of account": ("account", np.arange(N) % 7),
    "house number": ("house_number", 1 + irregular() // 100),
    "atomic number": ("atomic number", np.arange(1, 119)),
    "small account": ("account", 1 + rng().permutation(200)),
    "words that end like id": ("valid", irregular()),
    "negative": ("v", -rng().permutation(N)),
    "flag": ("v", np.arange(N) % 2),
    "bools": ("v", np.arange(N) % 2 == 0),
    "one value": ("v", np.full(N, 7)),
    "cents": ("v", rng().gamma(2, 20, N).round(2)),
    "hashed categories": ("v", [sha256(bytes([i % 26])).hexdigest() for i in range(N)]),
    "hashed categories, few": ("v", [sha256(bytes([i % 5])).hexdigest() for i in range(50)]),
    "hexadecimal words": ("v", ["facade", "decade", "deadbeef"] * 100),
    "telephone or not": ("own_telephone", ["yes", "none"] * 50),
    "huge integers": ("v", 2**60 + np.arange(N) // 2),
}


@pytest.mark.parametrize("case", IDENTIFIERS)
def test_identifiers_are_refused(case):
    name, values = IDENTIFIERS[case]
    message = verdict(name, values)
    assert message and "identify people or rows" in message
    for cell in {str(cell) for cell in list(values)[:50]}:
        assert len(cell) < 5 or cell not in message


@pytest.mark.parametrize("case", ["running", "id", "invoice number", "nine digits, evenly spread"])
def test_numbers_of_rows_are_interpolated_as_by_smote(case):
    assert verdict(*IDENTIFIERS[case], "interpolated") is None


@pytest.mark.parametrize("maker", MAKERS)
@pytest.mark.parametrize("case", HARMLESS)
def test_other_columns_pass(case, maker):
    assert verdict(*HARMLESS[case], maker) is None


@pytest.mark.parametrize(
    "case",
    ["running", "running from 0", "running, shuffled", "running, offset", "running, in tens",
     "running, a training part of 60 %", "running, some rows twice", "running, unsigned"],
)  # fmt: skip
def test_numbers_of_arrays(case):
    """An array has no names: what the values show is found, as integers and as floats."""
    values = np.asarray(pd.Series(IDENTIFIERS[case][1]).dropna(), dtype=float)
    X = np.column_stack([np.random.RandomState(0).normal(size=len(values)), values])
    with pytest.raises(ValueError, match=r"Column 1 \(a running number"):
        TableCodec(learned=True, missing=True).fit_encode(X)
    X[::7, 0] = X[3::7, 1] = np.nan
    with pytest.raises(ValueError, match=r"Column 1 \(a running number"):
        TableCodec(learned=True, missing=True).fit_encode(X)
    for codec in (TableCodec(), TableCodec(interpolated=True)):  # what has no name passes
        codec.fit_encode(np.nan_to_num(X))


def test_a_running_number_passes_as_a_quantity():
    """The way out that the message names."""
    assert "'amount' or 'time'" in verdict("t", LONG)
    assert verdict("time", LONG) is None and verdict("amount_rank", LONG) is None


def test_even_draws_are_hardly_ever_taken_for_running_numbers():
    """The densest column of independent values, 2,000 times."""
    from skgensample.table._pii import is_running

    r = rng()
    for n in (300, 301, 400, 1_000):
        for width in (n, 2 * n, 3 * n):
            assert not any(is_running(r.randint(width, size=n)) for _ in range(166))


FOUND = {
    "credit-default-taiwan/credit-card-clients.csv": ({}, []),
    "fraud-handbook-simulated/transactions.parquet": ({}, ["TRANSACTION_ID"]),
    "adult/adult-train.csv": ({"header": None}, []),
    "adult/adult-test.csv": ({"header": None, "skiprows": 1}, []),
    "bank-marketing/bank-additional-full.csv": ({"sep": ";"}, []),
    "bank-marketing/bank-full.csv": ({"sep": ";"}, []),
    "modeldata-credit-data/credit_data.csv": ({}, []),
    "modeldata-mlc-churn/mlc_churn.csv": ({}, []),
    "creditcard-ulb-partial/ulb_allfraud_randomlegit.csv": ({}, []),
    "islr-default/Default.csv": ({}, []),
    "german-credit/german.csv": ({}, []),
    "mammography/mammography.csv": ({"header": None}, []),
    "published-samples-adult/train.parquet": ({}, []),
    "published-samples-adult/test.parquet": ({}, []),
    "published-samples-adult/tabsyn_1.parquet": ({}, []),
}


@pytest.mark.parametrize("maker", MAKERS)
@pytest.mark.parametrize("path", FOUND)
def test_public_tables(shared_data, path, maker):
    """Their identifiers are found by models, and no other column is refused."""
    options, found = FOUND[path]
    refused = found if maker == "learned" else []
    file = shared_data(path)
    if path.endswith("parquet"):
        pytest.importorskip("pyarrow")
    frame = pd.read_parquet(file) if path.endswith("parquet") else pd.read_csv(file, **options)
    codec = TableCodec(categories="text", missing=True, times=True, **{maker: True})
    if refused:
        with pytest.raises(ValueError, match=f"Column {refused[0]!r} \\(") as caught:
            codec.fit_encode(frame)
        assert not str(caught.value).startswith("Columns")
    assert codec.fit_encode(frame.drop(columns=refused)).shape[0] == len(frame)
