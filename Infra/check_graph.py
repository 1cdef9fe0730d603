#!/usr/bin/env python3
"""Checks the rooms of the house against ARCHITECTURE.md's table: who may use whom.

The table is the source of truth; Package.swift, read by `swift package describe`, must not go beyond it.
Exits 1 and names every edge that is not allowed, every room that is missing and every room without a README.
"""
import json
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent


def allowed_edges() -> dict[str, set[str]]:
    """Reads rows `| `Room` | what | uses |` of the table in ARCHITECTURE.md."""
    rows: list[tuple[list[str], str]] = []
    for line in (ROOT / "ARCHITECTURE.md").read_text().splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if len(cells) == 3 and cells[0].startswith("`"):
            rows.append((re.findall(r"`(\w+)`", cells[0]), cells[2]))
    rooms = [room for names, _ in rows for room in names]
    edges: dict[str, set[str]] = {}
    for names, uses in rows:
        for name in names:
            below = set(rooms[rooms.index(names[-1]) + 1:])
            if uses.startswith("all below"):
                excluded = set(re.findall(r"(\w+)", uses.partition("but")[2]))
                edges[name] = below - excluded
            elif uses == "nothing":
                edges[name] = set()
            else:
                edges[name] = set(re.findall(r"\w+", uses))
    return edges


def main() -> int:
    described = json.loads(
        subprocess.run(
            ["swift", "package", "describe", "--type", "json"],
            cwd=ROOT, capture_output=True, text=True, check=True).stdout)
    allowed = allowed_edges()
    faults = []
    targets = {target["name"]: target for target in described["targets"] if target["type"] != "test" and not target["path"].startswith("Tests")}
    for name in sorted(allowed.keys() - targets.keys()):
        faults.append(f"{name} stands in ARCHITECTURE.md but is no target")
    for name, target in sorted(targets.items()):
        if name not in allowed:
            faults.append(f"{name} is a target but does not stand in ARCHITECTURE.md")
            continue
        for used in sorted(set(target.get("target_dependencies", [])) - allowed[name]):
            faults.append(f"{name} uses {used}, which ARCHITECTURE.md does not allow")
        if not (ROOT / "Sources" / name / "README.md").exists() and not name.startswith("C"):
            faults.append(f"Sources/{name} has no README.md")
    for fault in faults:
        print(fault, file=sys.stderr)
    print(f"{len(targets)} rooms, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
