"""Memory that a process may still take, and the error raised before it would take more."""

import re
from pathlib import Path

from ..exceptions import MemoryLimitError

__all__ = ["available_memory", "parse_bytes", "refuse_beyond", "resident_memory"]

#: So many bytes are never refused where no limit is given, and what is available is not looked up.
NEVER_REFUSED = 2**28

#: Bytes of each unit of `parse_bytes`.
UNITS = {"": 1, "B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12,
         "KIB": 2**10, "MIB": 2**20, "GIB": 2**30, "TIB": 2**40}  # fmt: skip

#: Folder, limit and use of control groups, by version of the interface. In their statistics
#: `inactive_file` counts pages of files that the kernel gives back.
CGROUPS = (
    ("", "memory.max", "memory.current"),
    ("memory", "memory.limit_in_bytes", "memory.usage_in_bytes"),
)


def available_memory():
    """Bytes that this process can allocate without swapping or being killed.

    Returns
    -------
    int or None
        The smaller of what the system has left and what the control group of the process allows;
        None where neither can be told.
    """
    found = [left for left in (_system_memory(), _group_memory()) if left is not None]
    return min(found, default=None)


def resident_memory():
    """Bytes of memory that this process holds now; 0 where it cannot be told."""
    kilobytes = _field("/proc/self/status", "VmRSS:")
    if kilobytes is not None:
        return kilobytes * 1024
    found = _psutil()
    return found.Process().memory_info().rss if found else 0


def parse_bytes(amount):
    """Number of bytes in a text such as ``"1GB"`` or ``"512 MiB"``, or in a number.

    Parameters
    ----------
    amount : str, int or float
        Powers of 1000 (KB, MB, GB, TB) or of 1024 (KiB, MiB, GiB, TiB); a number counts bytes.

    Returns
    -------
    int

    Raises
    ------
    ValueError
        If it is not a positive amount.
    """
    text = str(amount).strip()
    match = re.fullmatch(r"(\d+(?:\.\d*)?(?:[eE]\+?\d+)?)\s*([A-Za-z]*)", text)
    unit = match and UNITS.get(match[2].upper())
    if not unit or float(match[1]) * unit < 1:
        raise ValueError(f"memory must be an amount such as '1GB' or '512MB', got {amount!r}.")
    return int(float(match[1]) * unit)


def refuse_beyond(needed, what, way_out, *, limit=None):
    """Raise `MemoryLimitError` if something needs more bytes than there are.

    Parameters
    ----------
    needed : int
        Bytes.
    what : str
        What needs them, the subject of the message.
    way_out : str
        What the reader can do.
    limit : int, default=None
        Bytes allowed; None takes `available_memory`, and refuses no 256 MiB.
    """
    if limit is None and needed > NEVER_REFUSED:
        limit = available_memory()
    if limit is not None and needed > limit:
        raise MemoryLimitError(
            f"{what} would need about {int(needed):,} bytes of memory, and {max(0, int(limit)):,} "
            f"are available: {way_out}"
        )


def _system_memory():
    """Memory that the system has left, file caches included."""
    kilobytes = _field("/proc/meminfo", "MemAvailable:")
    if kilobytes is not None:
        return kilobytes * 1024
    found = _psutil()
    return int(found.virtual_memory().available) if found else None


def _group_memory(root="/sys/fs/cgroup", own="/proc/self/cgroup"):
    """Memory that the control groups of this process have left; None without a limit."""
    found = []
    for controller, limit, used in CGROUPS:
        for group in _own_groups(own, controller):
            folder = Path(root) / controller / group
            try:
                allowed, taken = (int((folder / name).read_text()) for name in (limit, used))
            except (OSError, ValueError):  # "max" is no number
                continue
            if allowed < 2**60:
                reclaimed = _field(folder / "memory.stat", "inactive_file") or 0
                found.append(max(0, allowed - taken + reclaimed))
    return min(found, default=None)


def _own_groups(own, controller):
    """Paths of the group of this process and of all above it, the root included."""
    paths = {"."}
    try:
        lines = Path(own).read_text().splitlines()
    except OSError:
        lines = []
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if controller in controllers.split(","):
            group = Path(path.lstrip("/"))
            paths |= {str(group), *map(str, group.parents)}
    return paths


def _field(path, name):
    """A number of one of the kernel's lists; None where it is not there."""
    try:
        lines = Path(path).read_text().splitlines()
    except OSError:
        return None
    fields = (line.split() for line in lines)
    return next((int(field[1]) for field in fields if field[:1] == [name]), None)


def _psutil():
    """psutil where it is installed, for systems without /proc."""
    try:
        import psutil
    except ImportError:
        return None
    return psutil
