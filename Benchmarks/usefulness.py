#!/usr/bin/env python3
"""How useful the default profile leaves answers: what is released of large cells, and how far off.

Every question has `site` as its first key, so that a cell is one site's own. The truth comes from copies of
the warehouses, by SQL written for DuckDB. Of each measure it has the people behind it, the others of its cell
(NULL where the measure has no condition), the value, and of a mean the number of rows. A cell counts as large
where a measure's people, and the others where there is a condition, are 30 or more at the site.
"""
import argparse
import json
import pathlib
import re
import shutil
import sys

from harness.copies import copy_warehouses, pool
from harness.duckdb import Database
from harness.federation import PROGRAM, UNLINKED, Federation

HERE = pathlib.Path(__file__).resolve().parent
KEYS = 3


class Tally:
    """Of one measure: large cells, those released of them, errors within and beyond what was stated."""

    def __init__(self, title: str):
        self.title = title
        self.large = self.released = self.all = self.all_released = self.beyond = self.checked = 0
        self.relative: list[float] = []

    def line(self) -> str:
        share = self.released / self.large if self.large else 1
        median = sorted(self.relative)[len(self.relative) // 2] if self.relative else 0
        return (
            f"| {self.title} | {self.all} | {self.all_released} | {self.large} | {self.released} | "
            f"{share:.1%} | {median:.2%} | {self.beyond} of {self.checked} |")


def questions() -> list[tuple[str, list[str], str, str]]:
    found = []
    for part in (HERE / "usefulness" / "questions.queries").read_text().split("\n====\n"):
        asked, oracle = part.split("\n----\n")
        title, columns, sql = asked.split("\n", 2)
        found.append((title, columns.removeprefix("columns: ").split(", "), sql, oracle))
    return found


def stated_errors(answer: dict) -> dict[str, dict[int, float]]:
    """site -> aggregate (from 1) -> the largest error that its receipt states."""
    errors = {}
    for site in answer["receipt"]["sites"]:
        disclosure = site.get("disclosure") or {}
        lines = disclosure.get("statedErrors") or disclosure.get("stated_errors") or []
        found = [re.search(r"aggregate (\d+): within ([\d.]+)", line) for line in lines]
        errors[site["site"]] = {int(match[1]): float(match[2]) for match in found if match}
    return errors


def text(value: object) -> str | None:
    """A key as both sides write it."""
    return None if value is None else str(value)


def compare(
    title: str, measures: list[str], answer: dict, truth: list[list[str | None]], least: int
) -> list[Tally]:
    errors = stated_errors(answer)
    answered = {tuple(map(text, row[:KEYS])): row[KEYS:] for row in answer["rows"]}
    tallies = [Tally(f"{title}: {measure} {index + 1}") for index, measure in enumerate(measures)]
    for row in truth:
        key, place = tuple(row[:KEYS]), KEYS
        for index, measure in enumerate(measures):
            width = 4 if measure == "mean" else 3
            facts = [None if fact is None else float(fact) for fact in row[place:place + width]]
            people, others, actual, *rows = facts
            place += width
            tally, cell = tallies[index], answered.get(key)
            value = None if cell is None or cell[index] is None else float(cell[index])
            tally.all += 1
            tally.all_released += value is not None
            if people >= least and (others is None or others >= least):
                tally.large += 1
                tally.released += value is not None
            if value is None or actual is None:
                continue
            tally.checked += 1
            # A mean's error is its sum's, spread over the rows; two hundredths are for the count's rounding.
            off, stated = abs(value - actual), errors[key[0]][index + 1]
            tally.beyond += off * (rows[0] if rows else 1) > stated * 1.02 + 1e-9
            if actual:
                tally.relative.append(off / abs(actual))
    return tallies


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument(
        "--patients", type=int, default=273_000, help="people in all; 273,000 are 100,000 a site")
    parser.add_argument("--directory", type=pathlib.Path, default=HERE.parent / ".build" / "benchmark")
    options = parser.parse_args()
    if not pathlib.Path(PROGRAM).exists():
        parser.error(f"{PROGRAM} is missing: swift build -c release --product concordat")
    limits = json.loads((HERE / "Thresholds" / "usefulness.json").read_text())
    options.directory.mkdir(parents=True, exist_ok=True)
    tallies: list[Tally] = []
    with Federation(options.directory / "homes", options.patients, 0.1, "concordat") as federation:
        copies = options.directory / "copies"
        pooled = str(copies / "pooled.duckdb")
        pool(copy_warehouses(federation, copies), pooled, "8GB")
        database = Database(pooled, "8GB")
        for title, measures, sql, oracle in questions():
            answer, truth = federation.ask(sql, UNLINKED), database.rows(oracle)
            tallies += compare(title, measures, answer, truth, limits["least_people"])
        database.close()
    shutil.rmtree(copies)
    print("| measure | cells | released | large cells | released | share | median error | beyond stated |")
    print("|---|---|---|---|---|---|---|---|")
    print(*(tally.line() for tally in tallies), sep="\n")
    large, released = sum(t.large for t in tallies), sum(t.released for t in tallies)
    share, beyond = released / max(1, large), sum(t.beyond for t in tallies)
    print(f"\n{released} of {large} large cells are released ({share:.1%}); {beyond} are beyond their error")
    if share < limits["share_released"] or beyond:
        least = f"{limits['share_released']:.0%}"
        print(f"MISSED: at least {least}, and no value beyond its error", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
