#!/usr/bin/env python3
"""Observations into DuckDB: the node's ingest beside DuckDB's own `read_json` with declared columns into a table of a
file, in turns in one run, on the same files and cores; and the node's peak memory at one size and at four times it.

What the comparison leaves out, in favour of DuckDB by hand: it keeps what it is told of each document and nothing of
who it is about; it checks nothing, sets nothing aside, knows no versions and is durable once, at the end. The node's
time is that of the whole command, its start included. Both have the same memory limit.
"""
import argparse
import json
import os
import pathlib
import random
import shutil
import statistics
import subprocess
import sys
import time

from harness.duckdb import Database
from harness.federation import PROGRAM, ROOT
from harness.observations import write_observations, write_patients

WORK = ROOT / ".build" / "benchmark" / "ingest"
LIMITS = pathlib.Path(__file__).parent / "Thresholds" / "ingest.json"
MEMORY = "2048MB"
CODING = "STRUCT(system VARCHAR, code VARCHAR, display VARCHAR)[]"
# What the node's view of an Observation reads.
COLUMNS = f"""{{resourceType: 'VARCHAR', id: 'VARCHAR', meta: 'STRUCT(versionId VARCHAR, lastUpdated TIMESTAMPTZ)',
  status: 'VARCHAR', category: 'STRUCT(coding {CODING})[]', code: 'STRUCT(coding {CODING})',
  subject: 'STRUCT(reference VARCHAR)', encounter: 'STRUCT(reference VARCHAR)', effectiveDateTime: 'TIMESTAMPTZ',
  valueQuantity: 'STRUCT("value" DOUBLE, comparator VARCHAR, unit VARCHAR, code VARCHAR)',
  valueCodeableConcept: 'STRUCT(coding {CODING})'}}"""


def timed(action) -> float:
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def by_hand(path: pathlib.Path) -> None:
    """`read_json` with declared columns into an on-disk table, as the documents are."""
    file = WORK / "hand.duckdb"
    file.unlink(missing_ok=True)
    database = Database(str(file), MEMORY)
    database.execute(
        f"CREATE TABLE observation AS SELECT * FROM read_json('{path}', format = 'newline_delimited', "
        f"columns = {COLUMNS})")
    database.execute("CHECKPOINT")
    database.close()
    file.unlink()


def run(*arguments: str) -> int:
    """Runs the program to its end; its peak resident memory in KiB."""
    process = subprocess.Popen([PROGRAM, *arguments], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError(f"{' '.join(arguments[:1])} ended with {process.returncode}")
    return usage.ru_maxrss


class Node:
    """A home of its own with its patients in it."""

    def __init__(self, patients: pathlib.Path):
        self.home = WORK / "home"
        shutil.rmtree(self.home, ignore_errors=True)
        run("init", "--home", str(self.home), "--organisation", "RJ1", "--name", "Benchmark", "--role",
            "controller", "--synthetic")
        run("ingest", "--home", str(self.home), str(patients))
        self.peak = 0

    def take(self, observations: pathlib.Path) -> None:
        self.peak = run("ingest", "--home", str(self.home), str(observations))


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--observations", type=int, default=600_000)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    random.seed(1)
    shutil.rmtree(WORK, ignore_errors=True)
    WORK.mkdir(parents=True)
    patients, small, large = (WORK / f"{name}.ndjson" for name in ("Patient", "Observation", "Observation4"))
    ids = write_patients(patients, 20_000)
    write_observations(small, arguments.observations, ids)
    megabytes = small.stat().st_size / 1e6
    print(f"{arguments.observations} Observations, {megabytes:.0f} MB, "
          f"{megabytes * 1e6 / arguments.observations:.0f} bytes each; {os.cpu_count()} cores")
    times, peaks = {"node": [], "read_json": []}, []
    for _ in range(arguments.rounds):
        node = Node(patients)
        times["node"].append(timed(lambda: node.take(small)))
        times["read_json"].append(timed(lambda: by_hand(small)))
        peaks.append(node.peak)
        print("  " + ", ".join(f"{way} {seconds[-1]:.2f} s" for way, seconds in times.items()), flush=True)
    write_observations(large, 4 * arguments.observations, ids)
    node = Node(patients)
    node.take(large)
    shutil.rmtree(WORK, ignore_errors=True)
    return report(times, megabytes, max(peaks) / 1024, node.peak / 1024)


def report(times: dict[str, list[float]], megabytes: float, peak: float, peak_of_four: float) -> int:
    for way, name in {"node": "concordat ingest", "read_json": "read_json into a file"}.items():
        middle = statistics.median(times[way])
        print(f"{name:24}{middle:8.2f} s{megabytes / middle:8.0f} MB/s")
    slope = (peak_of_four - peak) / (3 * megabytes / 1000)
    print(f"peak memory of the node: {peak:.0f} MiB at 1x, {peak_of_four:.0f} MiB at 4x: {slope:.0f} MiB a GB more")
    # Of what was measured next to each other: the machine's pace changes between rounds.
    ratio = statistics.median(hand / node for hand, node in zip(times["read_json"], times["node"]))
    limits = json.loads(LIMITS.read_text())
    print(f"of_read_json: {ratio:.2f} (at least {limits['of_read_json']})")
    print(f"peak_megabytes: {max(peak, peak_of_four):.0f} (at most {limits['peak_megabytes']})")
    return 1 if ratio < limits["of_read_json"] or max(peak, peak_of_four) > limits["peak_megabytes"] else 0


if __name__ == "__main__":
    sys.exit(main())
