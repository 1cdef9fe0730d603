#!/usr/bin/env python3
"""A decision over 200 policies and 1,000 entities, beside cedarpy: one run, the same texts, taken in turns.

Microseconds a decision, medians of rounds over all requests:
  ours             the request is JSON, and is read for each decision
  ours, made       the request was read before: what a node does
  cedarpy          is_authorized with its PolicySet and Entities read before; the request is a dict
  cedarpy, batch   is_authorized_batch with the same
  cedarpy, inside  what it says its decision alone took (`metrics.authz_duration_micros`), without Python

Every request's decision, determining policies and number of errors must be the same on both sides. Ends with 1 if
not, or if `ours` takes longer than the faster of cedarpy's two calls by more than Thresholds/policy.json allows.
"""
import json
import pathlib
import random
import statistics
import subprocess
import sys
import tempfile
import time
import venv

HERE = pathlib.Path(__file__).resolve().parent
PACKAGE = HERE / "policy"
CEDARPY = "cedarpy==4.12.2"
POLICIES, ENTITIES, REQUESTS = 200, 1_000, 400
ROUNDS, WARM_UP = 30, 5
ACTIONS = ["aggregate", "link", "extract", "readRecord"]


def uid(kind: str, name: str) -> dict:
    return {"type": kind, "id": name}


def entity(kind: str, name: str) -> dict:
    return {"__entity": uid(kind, name)}


def policies() -> str:
    """A fifth each: by organisation and purpose, prohibitions by agreement, by columns and time, by name, by team."""
    texts = []
    for i in range(POLICIES):
        texts.append([
            f'permit(principal in Organisation::"o{i % 50}", action == Action::"{ACTIONS[i % 4]}", '
            f'resource is Controller) when {{ context.purpose in Purpose::"p{i % 20}" && '
            f'principal.clearance > {i % 7} }};',
            f'forbid(principal, action, resource) when {{ context has agreement && '
            f'context.agreement.state == "closed{i % 20}" }};',
            f'permit(principal is User, action in [Action::"aggregate", Action::"link"], '
            f'resource == Controller::"c{i % 100}") when {{ context.columns.containsAll(["a{i % 9}", "b"]) }} '
            f'unless {{ context.now < datetime("2024-01-01") }};',
            f'permit(principal == User::"u{i}", action, resource);',
            f'permit(principal, action, resource) when {{ principal has team && '
            f'principal.team.lead == User::"u{i}" && resource.name like "*x{i % 100}y*" }};',
        ][i % 5])
    return "\n".join(texts)


def entities() -> list[dict]:
    found = []
    for i in range(20):
        found.append({"uid": uid("Purpose", f"p{i}"), "attrs": {},
                      "parents": [uid("Purpose", f"p{i // 2}")] if i else []})
    for i in range(50):
        found.append({"uid": uid("Organisation", f"o{i}"), "attrs": {},
                      "parents": [uid("Organisation", "o0")] if i else []})
    for i in range(100):
        found.append({"uid": uid("Controller", f"c{i}"), "attrs": {"name": f"controller x{i}y"}, "parents": []})
    for i in range(10):
        state = f"closed{i}" if i % 3 == 2 else "in force"
        found.append({"uid": uid("Agreement", f"g{i}"), "attrs": {"state": state}, "parents": []})
    first = len(found)
    for i in range(first, ENTITIES):
        team = {"team": {"lead": entity("User", f"u{i % 200}")}} if i % 2 else {}
        # One in eleven has no clearance: policies that ask for it break, and are skipped, on both sides.
        clearance = {"clearance": i % 9} if i % 11 else {}
        found.append({"uid": uid("User", f"u{i - first}"), "attrs": {**clearance, **team},
                      "parents": [uid("Organisation", f"o{i % 50}")]})
    return found


def requests(generator: random.Random) -> list[dict]:
    found = []
    for i in range(REQUESTS):
        context = {
            "purpose": entity("Purpose", f"p{generator.randrange(20)}"),
            "columns": generator.sample(["a1", "a2", "a3", "a7", "b", "c"], 3),
            "now": {"__extn": {"fn": "datetime", "arg": generator.choice(["2023-05-01", "2025-01-01"])}}}
        if i % 7:
            context["agreement"] = entity("Agreement", f"g{generator.randrange(10)}")
        found.append({
            "principal": uid("User", f"u{generator.randrange(820)}"), "action": uid("Action", ACTIONS[i % 4]),
            "resource": uid("Controller", f"c{generator.randrange(100)}"), "context": context})
    return found


class Ours:
    """The program that decides with the node's own Cedar, released build."""

    def __init__(self, files: list[pathlib.Path]):
        subprocess.run(["swift", "build", "-c", "release", "-j", "2", "--package-path", str(PACKAGE)], check=True)
        program = PACKAGE / ".build" / "release" / "decide"
        self._process = subprocess.Popen(
            [program, *files], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, command: str) -> list:
        self._process.stdin.write(command + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def stop(self) -> None:
        self._process.stdin.close()
        self._process.wait()


class Theirs:
    """cedarpy in this process, handles made before."""

    def __init__(self, texts: str, graph: list[dict], asked: list[dict]):
        import cedarpy
        self._cedar = cedarpy
        self._policies = cedarpy.PolicySet.from_str(texts)
        self._entities = cedarpy.Entities.from_json_str(json.dumps(graph))
        name = "{type}::\"{id}\"".format_map
        self._requests = [
            {**{key: name(request[key]) for key in ("principal", "action", "resource")},
             "context": request["context"]} for request in asked]

    def call(self) -> tuple[float, list]:
        started = time.perf_counter()
        answers = [self._cedar.is_authorized(request, self._policies, self._entities) for request in self._requests]
        return time.perf_counter() - started, answers

    def batch(self) -> tuple[float, list]:
        started = time.perf_counter()
        answers = self._cedar.is_authorized_batch(self._requests, self._policies, self._entities)
        return time.perf_counter() - started, answers


def compare(ours: list[dict], theirs: list) -> list[int]:
    """The requests that are decided otherwise."""
    return [
        place for place, (own, other) in enumerate(zip(ours, theirs, strict=True))
        if own["allowed"] != other.allowed or own["reasons"] != sorted(other.diagnostics.reasons)
        or own["errors"] != len(other.diagnostics.errors)]


def measure(folder: pathlib.Path) -> int:
    texts, graph, asked = policies(), entities(), requests(random.Random(20261123))
    files = [folder / name for name in ("policies.cedar", "entities.json", "requests.jsonl")]
    files[0].write_text(texts)
    files[1].write_text(json.dumps(graph))
    files[2].write_text("\n".join(
        json.dumps({**request, "context": json.dumps(request["context"])}) for request in asked))
    ours, theirs = Ours(files), Theirs(texts, graph, asked)
    times: dict[str, list[float]] = {
        name: [] for name in ("ours", "ours, made", "cedarpy", "cedarpy, batch", "cedarpy, inside")}
    answers = theirs.call()[1]
    decided = ours.ask("decisions")
    other = compare(decided, answers) + compare(decided, theirs.batch()[1])
    for turn in range(WARM_UP + ROUNDS):
        seconds = {"ours": ours.ask("json 1")[0], "ours, made": ours.ask("made 1")[0]}
        seconds["cedarpy"], answers = theirs.call()
        seconds["cedarpy, inside"] = sum(answer.metrics["authz_duration_micros"] for answer in answers) / 1e6
        seconds["cedarpy, batch"] = theirs.batch()[0]
        if turn >= WARM_UP:
            for name, value in seconds.items():
                times[name].append(value / REQUESTS * 1e6)
    ours.stop()
    return report(times, decided, other)


def report(times: dict[str, list[float]], decided: list[dict], other: list[int]) -> int:
    medians = {name: statistics.median(values) for name, values in times.items()}
    limit = json.loads((HERE / "Thresholds" / "policy.json").read_text())["ratio_to_cedarpy"]
    called = min(medians["cedarpy"], medians["cedarpy, batch"])
    ratio = medians["ours"] / called
    print(f"{POLICIES} policies, {ENTITIES} entities, {REQUESTS} requests, medians of {ROUNDS} rounds in turns")
    print("| who | microseconds a decision | least | most |\n|---|---|---|---|")
    for name, values in times.items():
        print(f"| {name} | {medians[name]:.1f} | {min(values):.1f} | {max(values):.1f} |")
    allowed = sum(answer["allowed"] for answer in decided)
    errors = sum(answer["errors"] > 0 for answer in decided)
    print(f"{allowed} permitted, {REQUESTS - allowed} refused, {errors} with policies that broke; "
          f"{len(set(other))} decided otherwise by cedarpy")
    inside = medians["cedarpy, inside"]
    print(f"ours / cedarpy's faster call: {ratio:.2f} (must: {limit}); "
          f"ours, made / cedarpy, inside: {medians['ours, made'] / inside:.2f}")
    if other:
        print(f"MISSED: the first request that is decided otherwise is {other[0]}")
    if ratio > limit:
        print("MISSED: slower than cedarpy")
    return 1 if other or ratio > limit else 0


def main() -> int:
    """In a temporary environment of its own, with cedarpy from PyPI."""
    if len(sys.argv) > 1 and sys.argv[1] == "--inside":
        return measure(pathlib.Path(sys.argv[2]))
    with tempfile.TemporaryDirectory(prefix="concordat-policy-") as name:
        folder = pathlib.Path(name)
        venv.create(folder / "venv", with_pip=True)
        python = folder / "venv" / "bin" / "python"
        subprocess.run([python, "-m", "pip", "install", "--quiet", CEDARPY], check=True)
        return subprocess.run([python, __file__, "--inside", folder]).returncode


if __name__ == "__main__":
    sys.exit(main())
