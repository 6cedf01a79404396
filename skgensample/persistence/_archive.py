"""The file: a zip of three members, written at once, read within limits.

``manifest.json`` says what the file is and has the digests of the other members and of itself;
``model.json`` is the model; ``arrays.safetensors`` its numbers.
"""

import hashlib
import io
import json
import os
import tempfile
import zipfile
import zlib
from pathlib import Path

from ..exceptions import ModelFileError

#: Version of the format, raised whenever an older version of the package could not read a file.
FORMAT = 1

MANIFEST, MODEL, ARRAYS = "manifest.json", "model.json", "arrays.safetensors"
MEMBERS = (MANIFEST, MODEL, ARRAYS)

#: A member is compressed at most so far, and a member of so many bytes any far.
MOST_RATIO, SMALL = 100, 2**20
_TIME = (1980, 1, 1, 0, 0, 0)


def packed(manifest, model, arrays):
    """Return the bytes of a file.

    Parameters
    ----------
    manifest : dict
        What the file is; digests are added.
    model : dict
        The model, as JSON.
    arrays : bytes
        Its numbers.
    """
    members = {MODEL: _json(model), ARRAYS: arrays}
    digests = {name: hashlib.sha256(data).hexdigest() for name, data in members.items()}
    manifest = {"format": FORMAT, **manifest, "sha256": digests}
    manifest["sha256_manifest"] = _own_digest(manifest)
    text = json.dumps(manifest, indent=1).encode()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in {MANIFEST: text, **members}.items():
            info = zipfile.ZipInfo(name, _TIME)  # the same model is the same file
            tight = len(zlib.compress(data, 1)) * MOST_RATIO > len(data) or len(data) <= SMALL
            info.compress_type = zipfile.ZIP_DEFLATED if tight else zipfile.ZIP_STORED
            info.external_attr = 0o600 << 16
            archive.writestr(info, data, compresslevel=6 if len(data) < 2**24 else 1)
    return buffer.getvalue()


def unpack(data):
    """Return manifest, model and arrays of a file's bytes, all of them checked.

    Parameters
    ----------
    data : bytes
        The file.

    Returns
    -------
    manifest, model : dict
    arrays : bytes

    Raises
    ------
    ModelFileError
        If it is no model file, of a newer format, incomplete or altered.
    """
    if not data.startswith(b"PK\x03\x04"):
        raise ModelFileError(
            "This is not a model file of skgensample, which begins as a zip does. Nothing of it "
            "was read; pickles are never loaded."
        )
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        infos = archive.infolist()
        if sorted(info.filename for info in infos) != sorted(MEMBERS):
            raise ModelFileError(
                f"A model file has exactly the members {', '.join(MEMBERS)}: this zip has others."
            )
        infos = {info.filename: info for info in infos}
        manifest = parse(_member(archive, infos[MANIFEST]))
        _check_manifest(manifest)
        model, arrays = (_member(archive, infos[name]) for name in (MODEL, ARRAYS))
    for name, found in ((MODEL, model), (ARRAYS, arrays)):
        if hashlib.sha256(found).hexdigest() != manifest["sha256"][name]:
            raise _altered(name)
    return manifest, parse(model), arrays


def parse(text):
    """JSON bytes as a dict; nesting too deep for Python's parser is an error, not a crash."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise ModelFileError("The model file has JSON that cannot be read.") from None
    if not isinstance(found, dict):
        raise ModelFileError("The model file has JSON that is no object.")
    return found


def _member(archive, info):
    """Bytes of a member, no more than it declares, which is no more than a bound."""
    most = max(SMALL, MOST_RATIO * info.compress_size)
    plain = info.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
    if info.file_size > most or not plain or info.flag_bits & 1:
        raise ModelFileError(f"The model file's {info.filename} is not as this package writes it.")
    with archive.open(info) as member:
        found = member.read(info.file_size + 1)
    if len(found) != info.file_size:
        raise _altered(info.filename)
    return found


def _check_manifest(manifest):
    """Refuse a manifest of another format, or one that was altered."""
    found = manifest.get("format")
    if type(found) is not int or found < 1:
        raise ModelFileError("This zip is not a model file of skgensample: it names no format.")
    if found > FORMAT:
        written = manifest.get("library", {}).get("skgensample", "a newer version")
        raise ModelFileError(
            f"This model file has format {found}, written by skgensample {written!s:.40}, and this "
            f"version reads formats up to {FORMAT}: update skgensample to load it."
        )
    if manifest.pop("sha256_manifest", None) != _own_digest(manifest):
        raise _altered(MANIFEST)


def _own_digest(manifest):
    """Digest of a manifest without its digest."""
    return hashlib.sha256(_json(manifest)).hexdigest()


def _json(value):
    return json.dumps(value, separators=(",", ":"), allow_nan=False).encode()


def _altered(name):
    return ModelFileError(
        f"The model file is damaged or was altered: its {name} is not what was saved. Copy the "
        "file again, or save the model again."
    )


def write_file(file, data):
    """Write bytes to a path at once, or to an open binary file.

    Parameters
    ----------
    file : str, path-like or file object
        A path is written through a temporary file in its folder: there is the old file or the
        whole new one, never a part.
    data : bytes
        Content.
    """
    if hasattr(file, "write"):
        file.write(data)
        return
    path = Path(os.fspath(file))
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as opened:
            opened.write(data)
            opened.flush()
            os.fsync(opened.fileno())
        os.chmod(temporary, _mode(path))
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def _mode(path):
    """Permissions of the file that is replaced; of a new one, those that others are given."""
    if path.exists():
        return path.stat().st_mode & 0o777
    mask = os.umask(0o077)
    os.umask(mask)
    return 0o666 & ~mask


def read_file(file):
    """Bytes of a path or of an open binary file."""
    data = file.read() if hasattr(file, "read") else Path(os.fspath(file)).read_bytes()
    if not isinstance(data, bytes):
        raise TypeError("Give a file opened in binary mode: open(path, 'rb').")
    return data
