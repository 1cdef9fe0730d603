"""Processes beside the nodes, and what the kernel says of any process."""
import json
import os
import pathlib
import subprocess
import sys
import time

_TICK = os.sysconf("SC_CLK_TCK")
_ROOT = pathlib.Path(__file__).resolve().parents[1]


class Workers:
    """Several DuckDB processes that are asked at once."""

    def __init__(self, paths: list[str], memory_limit: str):
        self._processes = [
            subprocess.Popen(
                [sys.executable, "-m", "harness.worker", path, memory_limit],
                cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            for path in paths
        ]

    @property
    def pids(self) -> list[int]:
        return [process.pid for process in self._processes]

    def run(self, statements: list[str]) -> float:
        """Runs the statements in all at once; seconds until the last is done."""
        line = json.dumps(statements) + "\n"
        start = time.perf_counter()
        for process in self._processes:
            process.stdin.write(line)
            process.stdin.flush()
        replies = [process.stdout.readline() for process in self._processes]
        seconds = time.perf_counter() - start
        for reply in map(json.loads, replies):
            if "error" in reply:
                raise RuntimeError(reply["error"])
        return seconds

    def close(self) -> None:
        for process in self._processes:
            process.stdin.close()
            process.wait()


def cpu_seconds(pids: list[int]) -> float:
    """User and system time of all threads, also of those that have ended."""
    total = 0
    for pid in pids:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        total += int(fields[11]) + int(fields[12])
    return total / _TICK


def memory_megabytes(pid: int) -> tuple[float, float]:
    """Resident memory: now, and the most it ever was."""
    status = dict(
        line.split(":", 1) for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines())
    return tuple(int(status[name].split()[0]) / 1024 for name in ("VmRSS", "VmHWM"))
