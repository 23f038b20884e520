"""How mongod is started, and how such a mongod is recognised among the processes of the machine."""

import os
import re
from pathlib import Path

from app.embedded.folder import MongoFolder
from app.embedded.ports import HOST

REPLICA_SET = "playledger"
SMALLEST_CACHE_GB, LARGEST_CACHE_GB = 0.25, 4.0
CACHE_SHARE = 8
CGROUP_LIMIT = Path("/sys/fs/cgroup/memory.max")


def command_line(binary: Path, folder: MongoFolder, port: int) -> list[str]:
    """Program and arguments; `--dbpath` comes last, where `port_of` looks for it. Figures are from mongod 6.0.5."""
    return [
        str(binary),
        *("--port", str(port), "--bind_ip", HOST, "--nounixsocket"),
        *("--replSet", REPLICA_SET, "--oplogSize", "256"),
        # Without zlib, through which CVE-2025-14847 reads the memory of servers before 6.0.27.
        *("--networkMessageCompressors", "snappy,zstd"),
        *("--wiredTigerCacheSizeGB", f"{cache_gigabytes(memory_bytes()):.2f}"),
        # Journal files of 16 MB instead of 100 MB: a new folder takes 85 MB instead of 337 MB, writes are as fast.
        *("--wiredTigerEngineConfigString", "log=(file_max=16MB)"),
        # A checkpoint every 10 s instead of 60 s: after kill -9 under full load it is a primary again
        # after 1.4 s instead of 5.5 s; the load itself (35,000 rows/s in transactions of 100) does not notice.
        *("--syncdelay", "10"),
        *("--setParameter", "diagnosticDataCollectionEnabled=false"),
        *("--quiet", "--logappend", "--logpath", str(folder.log)),
        *("--dbpath", str(folder.database)),
    ]


def port_of(arguments: str, folder: MongoFolder) -> int | None:
    """The port of the mongod of this folder that was started with these arguments; None if they are another's."""
    port = re.search(r" --port (\d+) ", arguments)
    ours = arguments.endswith(f" --dbpath {folder.database}")
    return int(port[1]) if port and ours else None


def cache_gigabytes(memory: int) -> float:
    """WiredTiger's cache on a machine with `memory` bytes, on which a browser and an editor run too."""
    return min(max(memory / 2**30 / CACHE_SHARE, SMALLEST_CACHE_GB), LARGEST_CACHE_GB)


def memory_bytes() -> int:
    """What this process may have at most: the machine's memory, or its container's share."""
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    try:
        return min(machine, int(CGROUP_LIMIT.read_text()))
    except (OSError, ValueError):  # no container, or one without a limit: "max"
        return machine
