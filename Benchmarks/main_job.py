#!/usr/bin/env python3
"""The main job beside DuckDB by hand: one run, the same questions, the same machine, taken in turns.

Columns of the result, in milliseconds, medians of warm runs:
  federated  asked of the requester's node through its local socket: plan, seal, TLS, policy, audit, merge
  by hand    three DuckDB at once, each running the canonical fragment that a site runs, on a copy of its data
  plain      three DuckDB at once, each running a plain aggregate, without opt-outs or disclosure control
  pooled     one DuckDB with all sites' rows in one table: the limit, and what nobody may do
"""
import argparse
import datetime
import json
import math
import pathlib
import re
import shutil
import statistics
import sys
import time

from harness.copies import SNAPSHOT, copy_warehouses, pool
from harness.federation import LINKED, PROGRAM, REQUESTER, SITES, UNLINKED, Federation
from harness.processes import Workers, cpu_seconds, memory_megabytes

HERE = pathlib.Path(__file__).resolve().parent
MEMORY_LIMIT = "2048MB"  # what a node allows its warehouse
POOLED_MEMORY_LIMIT = "8GB"
MANY_GROUPS = 500
# In the order of planner.md; those after the first six stand outside the mean of ratios.
QUESTIONS = [
    "count_by_sex", "prevalence_by_age_and_deprivation", "mean_by_sex_and_deprivation",
    "distinct_across_sites", "prevalence_by_area", "one_event_after_another", "people_by_code"]
COUNTED = 6
FORMS = ["federated", "by hand", "plain", "pooled"]


class Question:
    """One question in its four forms; `{variant}` makes every run a new one, which no ledger answers."""

    def __init__(self, name: str):
        self.name = name
        folder = HERE / "questions" / name
        self.is_linked = name == "distinct_across_sites"
        self._asked = (folder / "asked.sql").read_text()
        self._canonical = (folder / "canonical.sql").read_text()
        self._plain = (folder / "plain.sql").read_text()
        pooled = folder / "pooled.sql"
        self._pooled = pooled.read_text() if pooled.exists() else self._plain

    def forms(self, variant: int) -> dict[str, list[str]]:
        today = datetime.datetime.now(datetime.timezone.utc).date().isoformat()

        def statements(text: str) -> list[str]:
            text = text.replace("{variant}", str(variant)).replace("{today}", today)
            return [part for part in text.split(";\n") if part.strip()]

        return {
            "federated": statements(self._asked), "by hand": statements(self._canonical),
            "plain": statements(self._plain), "pooled": statements(self._pooled)}


class Measured:
    """What one question took."""

    def __init__(self):
        self.seconds: dict[str, list[float]] = {}
        self.cpu: dict[str, float] = {}
        self.bytes_a_site = 0
        self.groups = 0

    def median(self, form: str) -> float:
        return statistics.median(self.seconds[form]) * 1000


def measure(question: Question, runs: int, federation: Federation, workers: dict[str, Workers]) -> Measured:
    measured = Measured()
    pids = {"federated": list(federation.pids.values()), "requester": [federation.pids[REQUESTER]]}
    pids |= {form: asked.pids for form, asked in workers.items()}

    def run(form: str, statements: list[str]) -> float:
        if form != "federated":
            return workers[form].run(statements)
        start = time.perf_counter()
        answer = federation.ask(statements[0], LINKED if question.is_linked else UNLINKED)
        seconds = time.perf_counter() - start
        sites = answer["receipt"]["sites"]
        if [site["outcome"] for site in sites] != ["answered"] * len(SITES):
            raise RuntimeError(f"{question.name}: not every site answered")
        measured.bytes_a_site = max(int(re.findall(r"\d+", site["bytes"])[0]) for site in sites)
        measured.groups = len(answer["rows"])
        return seconds

    warm_up = 2
    for variant in range(warm_up + runs):
        for form, statements in question.forms(variant).items():
            used = {name: cpu_seconds(pids[name]) for name in (form, "requester")}
            seconds = run(form, statements)
            if variant < warm_up:
                continue
            measured.seconds.setdefault(form, []).append(seconds)
            for name, before in used.items():
                measured.cpu[name] = measured.cpu.get(name, 0) + cpu_seconds(pids[name]) - before
    measured.cpu = {form: total / runs * 1000 for form, total in measured.cpu.items()}
    return measured


def command_line(federation: Federation, question: Question, runs: int) -> float:
    """What a user waits at the command line: the start of a process is in it. Milliseconds."""
    taken = []
    for variant in range(runs):
        sql = question.forms(10_000 + variant)["federated"][0]
        start = time.perf_counter()
        federation.run(
            "query", "--home", str(federation.member_home(REQUESTER)), "--agreement", UNLINKED,
            "--format", "json", sql)
        taken.append(time.perf_counter() - start)
    return statistics.median(taken) * 1000


def geometric_mean(values: list[float]) -> float:
    return math.exp(statistics.fmean(map(math.log, values)))


def table(results: dict[str, Measured]) -> str:
    lines = [
        "| question | groups | federated | by hand | plain | pooled | allowed | "
        "CPU ms: requester, federated, by hand, plain, pooled | bytes a site |",
        "|---|---|---|---|---|---|---|---|---|"]
    limits = thresholds()
    for name, measured in results.items():
        allowed = limits["ratio_to_canonical"] * measured.median("by hand")
        allowed += limits["milliseconds_a_question"]
        times = " | ".join(f"{measured.median(form):.0f}" for form in FORMS)
        cpu = ", ".join(f"{measured.cpu[form]:.0f}" for form in ("requester", *FORMS))
        lines.append(
            f"| {name.replace('_', ' ')} | {measured.groups} | {times} | {allowed:.0f} | {cpu} | "
            f"{measured.bytes_a_site} |")
    return "\n".join(lines)


def thresholds() -> dict:
    return json.loads((HERE / "Thresholds" / "main-job.json").read_text())


def check(
    results: dict[str, Measured], memory: dict[str, tuple[float, float]]
) -> tuple[list[str], list[str]]:
    """Sentences about what must hold, and those of them that do not."""
    limits = thresholds()
    counted = [results[name] for name in QUESTIONS[:COUNTED] if name in results]
    fixed = limits["milliseconds_a_question"]
    after = geometric_mean([max(m.median("federated") - fixed, 0.1) / m.median("by hand") for m in counted])
    facts = [(
        f"federated less {fixed} ms is {after:.2f} times by hand (geometric mean of {len(counted)}; must: "
        f"{limits['ratio_to_canonical']})", after <= limits["ratio_to_canonical"])]
    for form in ("by hand", "plain", "pooled"):
        ratio = geometric_mean([m.median("federated") / m.median(form) for m in counted])
        facts.append((f"federated as it is takes {ratio:.2f} times as long as {form}", True))
    most = max(peak for _, peak in memory.values())
    facts.append((
        f"the largest node had {most:.0f} MB (must: {limits['node_megabytes']})",
        most <= limits["node_megabytes"]))
    for name, measured in results.items():
        kind = "many_groups" if measured.groups >= MANY_GROUPS else "few_groups"
        limit = limits["bytes_a_site"][kind]
        if measured.bytes_a_site > limit and not Question(name).is_linked:
            facts.append((f"{name} sends {measured.bytes_a_site} bytes a site (must: {limit})", False))
    return [text for text, _ in facts], [text for text, holds in facts if not holds]


def publish(federation: Federation) -> float:
    """Seconds to freeze one site's data anew."""
    start = time.perf_counter()
    federation.command(SITES[0], {"publish": {}})
    return time.perf_counter() - start


def run_all(options: argparse.Namespace) -> int:
    copies = options.directory / "copies"
    homes = options.directory / "homes"
    with Federation(homes, options.patients, options.overlap, "concordat") as federation:
        paths = copy_warehouses(federation, copies)
        pooled = str(copies / "pooled.duckdb")
        pool(paths, pooled, POOLED_MEMORY_LIMIT)
        sites, whole = Workers(paths, MEMORY_LIMIT), Workers([pooled], POOLED_MEMORY_LIMIT)
        sites.run([f"SET search_path = '{SNAPSHOT}'"])
        workers = {"by hand": sites, "plain": sites, "pooled": whole}
        results = {}
        for name in options.question or QUESTIONS:
            print(f"  {name}", flush=True)
            results[name] = measure(Question(name), options.runs, federation, workers)
        memory = {member: memory_megabytes(pid) for member, pid in federation.pids.items()}
        typed = command_line(federation, Question("count_by_sex"), 5)
        published = publish(federation)
        sites.close()
        whole.close()
    shutil.rmtree(copies)
    facts, missed = check(results, memory)
    print("\n" + table(results) + "\n")
    print(*facts, sep="\n")
    print(f"count by sex at the command line: {typed:.0f} ms")
    print("memory, MB now (most ever): " + ", ".join(
        f"{member} {now:.0f} ({most:.0f})" for member, (now, most) in memory.items()))
    print("phases: " + ", ".join(f"{name} {seconds:.1f} s" for name, seconds in federation.phases))
    print("ingest: " + "; ".join(federation.ingested))
    print(f"publishing again at one site: {published:.1f} s")
    for text in missed:
        print(f"MISSED: {text}", file=sys.stderr)
    return 1 if missed else 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument(
        "--patients", type=int, default=820_000, help="people in all; 820,000 are 300,000 a site")
    parser.add_argument("--overlap", type=float, default=0.1, help="share of people at two sites")
    parser.add_argument("--runs", type=int, default=15, help="measured runs of each form of each question")
    parser.add_argument("--directory", type=pathlib.Path, default=HERE.parent / ".build" / "benchmark")
    parser.add_argument("--question", action="append", choices=QUESTIONS, help="only these")
    options = parser.parse_args()
    if not pathlib.Path(PROGRAM).exists():
        parser.error(f"{PROGRAM} is missing: swift build -c release --product concordat")
    options.directory.mkdir(parents=True, exist_ok=True)
    print(f"concordat demo, {options.patients} people, profile concordat, opt-outs honoured", flush=True)
    return run_all(options)


if __name__ == "__main__":
    sys.exit(main())
