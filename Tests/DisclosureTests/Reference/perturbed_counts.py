"""Counts as the Office for National Statistics' cell-key-perturbation releases them.

Reads {"people": [[cell, record key], ...], "table": absent or [[value of keys 0 to 255], ...] for counts 1 to 750,
"threshold": n} and writes [[cell, count or null], ...].
"""
import json
import os
import sys

out = os.dup(1)
os.dup2(2, 1)

import pandas
from cell_key_perturbation.create_perturbed_table import create_perturbed_table
from cell_key_perturbation.utils.generate_test_ptable import generate_ptable_10_5_rule

question = json.load(sys.stdin)
people = pandas.DataFrame(question["people"], columns=["cell", "record_key"])
if question.get("table") is None:
    table = generate_ptable_10_5_rule()
else:
    table = pandas.DataFrame(
        [
            (count + 1, key, value)
            for count, values in enumerate(question["table"])
            for key, value in enumerate(values)
        ],
        columns=["pcv", "ckey", "pvalue"],
    )
released = create_perturbed_table(
    people, table, [], ["cell"], "record_key", threshold=question["threshold"]
)
counts = [
    [int(cell), None if pandas.isna(count) else int(count)]
    for cell, count in zip(released["cell"], released["count"])
]
os.write(out, json.dumps(counts).encode())
