#!/usr/bin/env python3
"""Observations into PostgreSQL: the node's ingest beside `COPY` to jsonb then flattening, and beside `COPY` of the flat
rows, in turns in one run, on one server with PostgreSQL's own defaults (WAL and fsync on).

Flattening gives the rows that the node writes, column by column but for the fingerprint: that is checked. Beside it, without a
threshold, stands one that takes the first coding and fewer columns.

What the comparison leaves out, in favour of PostgreSQL by hand: its files are read by the server itself; the flattening
knows where codings stand, checks nothing, sets nothing aside and merges no version; the flat rows need no work at all.
The node's time is that of the whole command, its start included.
"""
import argparse
import json
import os
import pathlib
import random
import resource
import shutil
import statistics
import subprocess
import sys
import time

from harness.federation import PROGRAM, ROOT
from harness.observations import write_observations, write_patients
from harness.postgresql import Server

WORK = ROOT / ".build" / "benchmark" / "ingest-postgresql"
LIMITS = pathlib.Path(__file__).parent / "Thresholds" / "ingest-postgresql.json"
FEWER_COLUMNS = """resource_id, last_updated, subject, person_id, code, code_system, category, status, value_quantity,
  value_comparator, value_unit, effective_at, encounter_id"""
FEWER = f"""
INSERT INTO flat ({FEWER_COLUMNS}) SELECT doc->>'id', (doc->'meta'->>'lastUpdated')::timestamptz AT TIME ZONE 'UTC', s.subject, s.person_id,
  doc->'code'->'coding'->0->>'code', doc->'code'->'coding'->0->>'system',
  doc->'category'->0->'coding'->0->>'code', doc->>'status',
  (doc->'valueQuantity'->>'value')::double precision, doc->'valueQuantity'->>'comparator',
  doc->'valueQuantity'->>'code', (doc->>'effectiveDateTime')::timestamptz AT TIME ZONE 'UTC',
  substr(doc->'encounter'->>'reference', 11)
FROM raw JOIN live.subject s ON s.subject = substr(doc->'subject'->>'reference', 9)
"""
SAME_COLUMNS = f"""{FEWER_COLUMNS}, controller, value_code, codings, degraded"""
# The preferred coding (SNOMED CT, else LOINC, else the first) of the code and of a coded value; all codings in one text;
# the effective time in its three forms; what cannot be held.
SAME = f"""
INSERT INTO flat ({SAME_COLUMNS}) SELECT doc->>'id', (doc->'meta'->>'lastUpdated')::timestamptz AT TIME ZONE 'UTC', s.subject, s.person_id,
  c.coding->>'code', c.coding->>'system', doc->'category'->0->'coding'->0->>'code', doc->>'status',
  (doc->'valueQuantity'->>'value')::double precision, doc->'valueQuantity'->>'comparator',
  coalesce(doc->'valueQuantity'->>'code', doc->'valueQuantity'->>'unit'), e.effective::timestamptz AT TIME ZONE 'UTC',
  substr(doc->'encounter'->>'reference', 11), 'RJ1', v.coding->>'code',
  (SELECT string_agg(concat(x.one->>'system', '|', x.one->>'code'), e'\\n') FROM (
     SELECT jsonb_path_query(doc, '$.category[*].coding[*]') UNION ALL SELECT jsonb_path_query(doc, '$.code.coding[*]')
     UNION ALL SELECT jsonb_path_query(doc, '$.valueCodeableConcept.coding[*]')) x(one)),
  concat(CASE WHEN doc ?| '{{modifierExtension,implicitRules}}' THEN 'modified ' END,
     CASE WHEN c.coding->>'code' IS NULL THEN 'no-code ' END)
FROM raw JOIN live.subject s ON s.subject = substr(doc->'subject'->>'reference', 9)
CROSS JOIN LATERAL (SELECT coalesce(
  jsonb_path_query_first(doc, '$.code.coding[*] ? (@.system == "http://snomed.info/sct")'),
  jsonb_path_query_first(doc, '$.code.coding[*] ? (@.system == "http://loinc.org")'), doc->'code'->'coding'->0)) c(coding)
CROSS JOIN LATERAL (SELECT coalesce(
  jsonb_path_query_first(doc, '$.valueCodeableConcept.coding[*] ? (@.system == "http://snomed.info/sct")'),
  jsonb_path_query_first(doc, '$.valueCodeableConcept.coding[*] ? (@.system == "http://loinc.org")'),
  doc->'valueCodeableConcept'->'coding'->0)) v(coding)
CROSS JOIN LATERAL (SELECT coalesce(
  doc->>'effectiveDateTime', doc->>'effectiveInstant', doc->'effectivePeriod'->>'start')) e(effective)
"""


def concordat(*arguments: str) -> str:
    return subprocess.run([PROGRAM, *arguments], check=True, stdout=subprocess.PIPE, text=True).stdout


def timed(action) -> float:
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


class Round:
    """Each way once, into a database of its own."""

    def __init__(self, server: Server, number: int, observations: pathlib.Path, patients: pathlib.Path):
        self.server, self.observations = server, observations
        self.database, self.home = f"round_{number}", WORK / f"home-{number}"
        server.run("postgres", f"CREATE DATABASE {self.database}")
        concordat("init", "--home", str(self.home), "--organisation", "RJ1", "--name", "Benchmark", "--role",
                  "controller", "--synthetic", "--warehouse", server.address(self.database))
        concordat("ingest", "--home", str(self.home), str(patients))

    def node(self) -> float:
        return timed(lambda: concordat("ingest", "--home", str(self.home), str(self.observations)))

    def rows(self) -> int:
        return int(self.server.run(self.database, "SELECT count(*) FROM live.observation"))

    def flat(self) -> float:
        """`COPY` of the very rows that the node has written, into a table of the same columns."""
        path = self.server.directory / "flat.copy"
        self.server.run(self.database, f"COPY live.observation TO '{path}';"
                        "CREATE TABLE flat_rows (LIKE live.observation); CHECKPOINT")
        seconds = timed(lambda: self.server.run(self.database, f"COPY flat_rows FROM '{path}'"))
        path.unlink()
        self.server.run(self.database, "DROP TABLE flat_rows")
        return seconds

    def flatten(self, columns: str, statement: str) -> float:
        self.server.run(self.database, """CREATE TABLE raw (doc jsonb); CREATE TABLE flat (LIKE live.observation);
            ANALYZE live.subject; CHECKPOINT""")
        # Nothing of what it leaves out may be demanded.
        for column in self.server.run(self.database, """SELECT attname FROM pg_attribute
                WHERE attrelid = 'flat'::regclass AND attnotnull AND attnum > 0""").split():
            self.server.run(self.database, f"ALTER TABLE flat ALTER {column} DROP NOT NULL")
        copy = f"COPY raw FROM '{self.observations}' (FORMAT csv, QUOTE e'\\x01', DELIMITER e'\\x02');"
        seconds = timed(lambda: self.server.run(self.database, copy + statement))
        different = self.server.run(self.database, f"""SELECT count(*) FROM (
            (SELECT {columns} FROM flat EXCEPT ALL SELECT {columns} FROM live.observation) UNION ALL
            (SELECT {columns} FROM live.observation EXCEPT ALL SELECT {columns} FROM flat)) d""")
        if int(different) != 0:
            raise RuntimeError(f"{different.strip()} rows are not those that the node wrote")
        self.server.run(self.database, "DROP TABLE raw; DROP TABLE flat")
        return seconds

    def remove(self) -> None:
        self.server.run("postgres", f"DROP DATABASE {self.database}")
        shutil.rmtree(self.home)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--observations", type=int, default=400_000)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    random.seed(1)
    shutil.rmtree(WORK, ignore_errors=True)
    WORK.mkdir(parents=True)
    with Server() as server:
        # Where the server's user can read it.
        folder = server.directory / "input"
        folder.mkdir(mode=0o755)
        observations, patients = folder / "Observation.ndjson", folder / "Patient.ndjson"
        write_observations(observations, arguments.observations, write_patients(patients, 20_000))
        megabytes = observations.stat().st_size / 1e6
        print(f"{arguments.observations} Observations, {megabytes:.0f} MB, "
              f"{megabytes * 1e6 / arguments.observations:.0f} bytes each; {os.cpu_count()} cores")
        times = {"node": [], "flat": [], "flatten": [], "fewer": []}
        for number in range(arguments.rounds):
            turn = Round(server, number, observations, patients)
            server.run(turn.database, "CHECKPOINT")
            times["node"].append(turn.node())
            if turn.rows() != arguments.observations:
                raise RuntimeError(f"{turn.rows()} rows of {arguments.observations} arrived")
            times["flat"].append(turn.flat())
            times["flatten"].append(turn.flatten(SAME_COLUMNS, SAME))
            times["fewer"].append(turn.flatten(FEWER_COLUMNS, FEWER))
            turn.remove()
            print("  " + ", ".join(f"{way} {seconds[-1]:.2f} s" for way, seconds in times.items()), flush=True)
    shutil.rmtree(WORK, ignore_errors=True)
    return report(times, megabytes)


def report(times: dict[str, list[float]], megabytes: float) -> int:
    median = {way: statistics.median(seconds) for way, seconds in times.items()}
    names = {"node": "concordat ingest", "flat": "COPY of the flat rows", "flatten": "COPY to jsonb, flatten",
             "fewer": "the same, fewer columns"}
    for way, name in names.items():
        print(f"{name:30}{median[way]:8.2f} s{megabytes / median[way]:8.0f} MB/s of JSON")
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"peak memory of the node: at most {peak:.0f} MiB")
    # Of what was measured next to each other: the machine's pace changes between rounds.
    ratios = {
        "faster_than_flatten": statistics.median(f / n for f, n in zip(times["flatten"], times["node"])),
        "of_flat_copy": statistics.median(f / n for f, n in zip(times["flat"], times["node"]))}
    fewer = statistics.median(f / n for f, n in zip(times["fewer"], times["node"]))
    print(f"faster than flattening to fewer columns: {fewer:.2f}")
    missed = False
    for name, least in json.loads(LIMITS.read_text()).items():
        print(f"{name}: {ratios[name]:.2f} (at least {least})")
        missed |= ratios[name] < least
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
