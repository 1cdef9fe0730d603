"""A DuckDB in a process of its own: reads statements, a line of JSON each, and says when they are done."""
import json
import sys

from harness.duckdb import Database


def main() -> None:
    database = Database(sys.argv[1], sys.argv[2])
    for line in sys.stdin:
        try:
            rows = [database.execute(sql) for sql in json.loads(line)]
            print(json.dumps({"rows": rows}), flush=True)
        except RuntimeError as error:
            print(json.dumps({"error": str(error)}), flush=True)
    database.close()


if __name__ == "__main__":
    main()
