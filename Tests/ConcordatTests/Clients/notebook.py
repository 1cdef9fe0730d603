"""Runs a notebook as Jupyter does, and prints what its cells of people and of the receipt show."""
import json
import sys

import nbclient
import nbformat

notebook = nbformat.read(sys.argv[1], as_version=4)
nbformat.validate(notebook)
nbclient.NotebookClient(notebook, timeout=120, kernel_name="python3").execute()


def shown(mark):
    (cell,) = [cell for cell in notebook.cells if cell.cell_type == "code" and mark in cell.source]
    return "".join(
        output["text"] if output.output_type == "stream" else output["data"]["text/plain"]
        for output in cell.outputs if output.output_type in ("stream", "execute_result"))


print(json.dumps({"people": shown("people = pandas"), "receipt": shown("print(receipt)")}))
