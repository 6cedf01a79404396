"""Named NumPy arrays as bytes in the safetensors format, and back.

The format is a length, a JSON header of types, shapes and offsets, and the numbers: reading it
runs nothing, and needs no package.
"""

import json
import math

import numpy as np

from ..exceptions import ModelFileError

#: Types of the format, by NumPy's name of the little-endian type.
TYPES = {
    "|b1": "BOOL", "|i1": "I8", "|u1": "U8", "<i2": "I16", "<u2": "U16", "<i4": "I32",
    "<u4": "U32", "<i8": "I64", "<u8": "U64", "<f2": "F16", "<f4": "F32", "<f8": "F64",
}  # fmt: skip
DTYPES = {name: np.dtype(dtype) for dtype, name in TYPES.items()}

#: Dimensions of an array, at most; NumPy has no more.
MOST_DIMENSIONS = 32
#: Bytes to which the header is padded, so that numbers are aligned in the file.
ALIGNMENT = 8


def tensors_to_bytes(arrays):
    """Return named arrays of numbers in the safetensors format.

    Parameters
    ----------
    arrays : dict of str to ndarray
        Arrays of the types in `TYPES`, of any shape, in C order.

    Returns
    -------
    bytes
    """
    header, parts, start = {}, [], 0
    # wide numbers first: each array is then aligned
    for name in sorted(arrays, key=lambda name: (-arrays[name].itemsize, name)):
        array = arrays[name]
        data = array.tobytes()
        header[name] = {
            "dtype": TYPES[array.dtype.str],
            "shape": list(array.shape),
            "data_offsets": [start, start + len(data)],
        }
        parts.append(data)
        start += len(data)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % ALIGNMENT)
    return b"".join([len(text).to_bytes(8, "little"), text, *parts])


def tensors_from_bytes(data, parse):
    """Return the arrays of bytes in the safetensors format, each with memory of its own.

    Parameters
    ----------
    data : bytes
        From `tensors_to_bytes`, or from anyone.
    parse : callable
        Parser of JSON bytes.

    Returns
    -------
    dict of str to ndarray

    Raises
    ------
    ModelFileError
        If offsets, shapes and lengths do not agree.
    """
    length = int.from_bytes(data[:8], "little")
    if len(data) < 8 or length > len(data) - 8:
        raise ModelFileError("The arrays of the model file are incomplete.")
    body = memoryview(data)[8 + length :]
    return {name: _array(fact, body) for name, fact in parse(data[8 : 8 + length]).items()}


def _array(fact, body):
    """One array: a copy of its part of the bytes."""
    dtype, shape, (start, stop) = DTYPES[fact["dtype"]], fact["shape"], fact["data_offsets"]
    whole = all(type(n) is int and 0 <= n < 2**63 for n in (*shape, start, stop))
    if len(shape) > MOST_DIMENSIONS or not whole:
        raise ModelFileError("An array of the model file has no valid shape.")
    if not start <= stop <= len(body) or stop - start != math.prod(shape) * dtype.itemsize:
        raise ModelFileError("An array of the model file is not as long as its shape says.")
    return np.frombuffer(body[start:stop], dtype).reshape(shape).copy()
