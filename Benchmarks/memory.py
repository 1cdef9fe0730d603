#!/usr/bin/env python3
"""Peak memory of taking tables in, at one size and at four times it: it must not grow with the input.

Every way in: CSV by key, CSV as a whole partition, Parquet, a table of PostgreSQL, the same by ODBC. Each run is a
process of its own over a home that has been published once; the kernel says its peak. `csv-again` and `replace-again` come
over a home that has as many rows, every one of which changes; `first` over one that has nothing, so that it publishes.
"""
import argparse
import json
import os
import pathlib
import pwd
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from harness.duckdb import Database

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent
BINARIES = "/usr/lib/postgresql/15/bin"
WAYS = "csv,csv-again,replace,replace-again,first,parquet,postgresql,odbc"
COLUMNS = "id,nhs,local,code,quantity,days,issued,note"
MAPPING = """
mapping: {name}
title: Issues
source: {{kind: table, table: public.issues_{rows}}}
{key}person: {{nhs_number: nhs, local_id: local}}
partition: {{all: "'x'"}}
checks: {{range: {{days: [0, 400]}}}}
rows:
  - dataset: medication_issue
    columns: {{code: code, quantity: quantity, days_supply: days, issued_at: date(issued)}}
  - dataset: medication_request
    columns: {{code: code, code_system: "'https://dmd.nhs.uk'", status: "'active'", authored_on: date(issued)}}
"""


def numbers() -> list[str]:
    """NHS numbers of the synthetic range: 100,000 people."""
    found = []
    for nine in range(999_000_000, 999_130_000):
        digits = [int(digit) for digit in str(nine)]
        check = (11 - sum(digit * (10 - place) for place, digit in enumerate(digits)) % 11) % 11
        if check != 10:
            found.append(f"{nine}{check}")
    return found[:100_000]


def write_csv(path: pathlib.Path, rows: int, people: list[str], shift: int = 0) -> None:
    with path.open("w") as file:
        file.write(COLUMNS + "\n")
        for row in range(rows):
            person = row * 7919 % len(people)
            # One in a thousand cannot be taken.
            day = "nonsense" if row % 1000 == 17 else f"2026-{row % 12 + 1:02}-{row % 28 + 1:02}"
            file.write(
                f"{row},{people[person]},L{person},{317249006 + (row + shift) % 500},{row % 90}.5,{row % 84},{day},"
                f"repeat dispensing by the surgery number {row % 977}\n")


class Server:
    """A PostgreSQL of its own, stopped by its own pid."""

    def __init__(self, folder: pathlib.Path):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="concordat-memory-"))
        self.user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"] if os.getuid() == 0 else []
        if self.user:
            owner = pwd.getpwnam("postgres")
            os.chown(self.folder, owner.pw_uid, owner.pw_gid)
        data = str(self.folder / "data")
        subprocess.run(
            self.user + [f"{BINARIES}/initdb", "-D", data, "-U", "concordat", "-A", "trust", "--no-sync", "-E", "UTF8",
                         "--locale=C.UTF-8"], check=True, stdout=subprocess.DEVNULL, cwd="/")
        self.process = subprocess.Popen(
            self.user + [f"{BINARIES}/postgres", "-D", data, "-k", str(self.folder), "-c", "listen_addresses=",
                         "-c", "fsync=off"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/")
        self.address = f"host={self.folder} port=5432 user=concordat dbname=postgres"
        for _ in range(300):
            if self.psql("SELECT 1", check=False) == 0:
                return
            time.sleep(0.1)
        raise RuntimeError("PostgreSQL did not start")

    def psql(self, sql: str, check: bool = True, stdin=None) -> int:
        return subprocess.run(
            [f"{BINARIES}/psql", "-q", "-v", "ON_ERROR_STOP=1", self.address, "-c", sql], check=check, stdin=stdin,
            stdout=subprocess.DEVNULL, stderr=None if check else subprocess.DEVNULL).returncode

    def odbc(self) -> str:
        driver = next(pathlib.Path("/usr/lib").glob("*/odbc/psqlodbcw.so"))
        return f"Driver={driver};Servername={self.folder};Port=5432;Database=postgres;Username=concordat"

    def stop(self) -> None:
        self.process.send_signal(signal.SIGINT)
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


def peak(command: list[str]) -> tuple[float, float, dict]:
    """Runs a command: megabytes at most, seconds, its report."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = status
    if status != 0:
        raise RuntimeError(f"{command} ended with {status}: {output.decode()}")
    return usage.ru_maxrss / 1024, time.perf_counter() - start, json.loads(output)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_500_000, help="rows of the smaller size")
    parser.add_argument("--program", default=str(ROOT / ".build" / "release" / "concordat"))
    parser.add_argument("--limit", type=int, help="the homes' memory limit for the warehouse, in MB")
    parser.add_argument("--ways", default=WAYS)
    arguments = parser.parse_args()
    folder = ROOT / ".build" / "benchmark" / "memory"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    thresholds = json.loads((HERE / "Thresholds" / "memory.json").read_text())
    people = numbers()
    sizes = [arguments.rows, 4 * arguments.rows]
    ways = arguments.ways.split(",")
    server = Server(folder) if {"postgresql", "odbc"} & set(ways) else None
    try:
        tool = Database(":memory:", "1GB")
        for rows in [10] + sizes:
            path = folder / f"{rows}.csv"
            write_csv(path, rows, people)
            if {"csv-again", "replace-again"} & set(ways):
                write_csv(folder / f"{rows}-before.csv", rows, people, shift=1)
            if "parquet" in ways:
                tool.execute(
                    f"COPY (SELECT * FROM read_csv('{path}', all_varchar = true)) TO '{folder}/{rows}.parquet' "
                    "(FORMAT parquet)")
            if server and rows > 10:
                # `note` has no length: by ODBC its rows come one by one. varchar comes in blocks.
                server.psql(
                    f"CREATE TABLE issues_{rows} (id bigint, nhs varchar(10), local varchar(12), code varchar(18), "
                    "quantity numeric(8,1), days integer, issued varchar(10), note varchar(80))")
                with path.open() as file:
                    server.psql(f"COPY issues_{rows} FROM STDIN (FORMAT csv, HEADER)", stdin=file)
        failed = False
        print("| way | rows | peak at 1x | peak at 4x | MB a million rows more | seconds |\n|---|---|---|---|---|---|")
        for way in ways:
            found = [run(arguments, folder, way, rows, server) for rows in sizes]
            (small, _), (large, seconds) = found
            slope = (large - small) / ((sizes[1] - sizes[0]) / 1e6)
            is_over = large > thresholds["peak_megabytes"] or slope > thresholds["megabytes_a_million_rows"]
            failed = failed or is_over
            print(f"| {way} | {sizes[0]:,} | {small:.0f} MB | {large:.0f} MB | {slope:.1f} | {seconds:.0f} |"
                  + (" OVER" if is_over else ""), flush=True)
        return 1 if failed else 0
    finally:
        if server:
            server.stop()


def run(arguments: argparse.Namespace, folder: pathlib.Path, way: str, rows: int, server: Server | None) -> tuple[float, float]:
    home, program = folder / f"home-{way}-{rows}", arguments.program
    subprocess.run(
        [program, "init", "--home", str(home), "--organisation", "RJ1", "--name", "Memory", "--role", "controller",
         "--synthetic"], check=True, stdout=subprocess.DEVNULL)
    if arguments.limit:
        settings = home / "concordat.yaml"
        settings.write_text(
            re.sub(r"memoryLimitMegabytes: \d+", f"memoryLimitMegabytes: {arguments.limit}", settings.read_text()))
    mapping = folder / f"{way}-{rows}.yaml"
    is_whole = way.startswith("replace")
    key = "" if is_whole else "key: [id]\n"
    mapping.write_text(MAPPING.format(name=f"issues-{way}", rows=rows, key=key))
    common = [program, "ingest", "--home", str(home), "--mapping", str(mapping), "--format", "json"]
    if is_whole:
        common += ["--replace", "--partition", "all=x"]
    # The first ingest of a home publishes.
    if way != "first":
        peak(common + [str(folder / "10.csv")])
    if way.endswith("-again"):
        peak(common + [str(folder / f"{rows}-before.csv")])
    given = {
        "parquet": [str(folder / f"{rows}.parquet")],
        "postgresql": ["--source", server.address if server else ""],
        "odbc": ["--odbc", server.odbc() if server else ""],
    }.get(way, [str(folder / f"{rows}.csv")])
    megabytes, seconds, report = peak(common + given)
    taken = sum(
        file[fate] for file in report["files"]
        for fate in ("superseded", "new", "replaced", "unchanged", "set_aside"))
    if taken != rows:
        raise RuntimeError(f"{way}: {taken} of {rows} rows")
    shutil.rmtree(home)
    return megabytes, seconds


if __name__ == "__main__":
    sys.exit(main())
