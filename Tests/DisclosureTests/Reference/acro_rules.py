"""What ACRO's checks say of tables of sums: of each cell, the rules that it fails.

Reads {"tables": [{"values": [[cell, value], ...]}, ...]} and writes, a table, {cell: {rule: true}}.
"""
import json
import logging
import os
import sys
import tempfile

out = os.dup(1)
os.dup2(2, 1)
os.chdir(tempfile.mkdtemp())
logging.disable(logging.CRITICAL)

import pandas
import acro

RULES = {"MinimumThresholdCheck": "threshold", "NKCheck": "share", "PPercentCheck": "pRatio"}


def table(values):
    frame = pandas.DataFrame(values, columns=["cell", "value"])
    frame["all"] = 0
    session = acro.ACRO(suppress=False)
    session.crosstab(frame["cell"], frame["all"], values=frame["value"], aggfunc="sum")
    cells = sorted(frame["cell"].unique().tolist())
    found = {str(cell): {} for cell in cells}
    sdc = session.results.get_index(0).sdc["cells"]
    for rule, name in RULES.items():
        for row, _ in sdc[rule]:
            found[str(cells[row])][name] = True
    return found


answer = [table(given["values"]) for given in json.load(sys.stdin)["tables"]]
os.write(out, json.dumps(answer).encode())
