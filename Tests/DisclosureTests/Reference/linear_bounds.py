"""The least and the largest value of sums of unknowns that are zero or more, where other sums of them are known.

Reads {"programs": [{"unknowns": n, "known": [[[indices], value], ...], "asked": [[indices], ...]}, ...]} and writes
[[[least, largest], ...], ...]; null is unbounded.
"""
import json
import sys

import numpy
from scipy.optimize import linprog
from scipy.sparse import lil_matrix


def extreme(costs, matrix, values):
    outcome = linprog(costs, A_eq=matrix, b_eq=values, bounds=(0, None), method="highs")
    if outcome.status == 3:
        return None
    if outcome.status != 0:
        sys.exit(f"linprog: {outcome.message}")
    return float(outcome.fun)


def bounds(program):
    count = program["unknowns"]
    known = program["known"]
    matrix = lil_matrix((len(known), count))
    for row, (indices, _) in enumerate(known):
        for index in indices:
            matrix[row, index] = 1
    values = numpy.array([value for _, value in known])
    matrix = matrix.tocsr() if known else None
    values = values if known else None
    found = []
    for indices in program["asked"]:
        costs = numpy.zeros(count)
        costs[indices] = 1
        least = extreme(costs, matrix, values)
        largest = extreme(-costs, matrix, values)
        found.append([least, None if largest is None else -largest])
    return found


json.dump([bounds(program) for program in json.load(sys.stdin)["programs"]], sys.stdout)
