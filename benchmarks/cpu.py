"""CPU time of the processes that take part."""

import os
from dataclasses import dataclass
from typing import Self

import psutil  # type: ignore[import-untyped]


@dataclass(frozen=True, slots=True)
class Cpu:
    """Seconds of CPU time, user and system, of each process."""

    server: float
    mongod: float
    load: float

    def __sub__(self, earlier: Self) -> "Cpu":
        return Cpu(self.server - earlier.server, self.mongod - earlier.mongod, self.load - earlier.load)


class CpuMeter:
    """Reads the CPU time that was used so far."""

    def __init__(self, server_pid: int, mongod_pid: int) -> None:
        self._processes = tuple(psutil.Process(pid) for pid in (server_pid, mongod_pid, os.getpid()))

    def read(self) -> Cpu:
        """Since each process began; the kernel counts in steps of 10 ms."""
        return Cpu(*(_seconds(process) for process in self._processes))


def _seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)
