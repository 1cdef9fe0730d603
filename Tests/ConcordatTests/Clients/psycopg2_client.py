"""psycopg2: the simple protocol, named cursors, COPY."""
import io
import json
import os

import psycopg2

PEOPLE, BODY = os.environ["Q_PEOPLE"], os.environ["Q_BODY"]
connection = psycopg2.connect("")
cursor = connection.cursor()
cursor.execute(PEOPLE)
people = cursor.fetchall()
assert cursor.description[1].type_code == 20
cursor.execute(BODY)
body = [[row[0], row[1], float(row[2]), row[3]] for row in cursor.fetchall()]

cursor.execute(os.environ["Q_ONE_SEX"].replace("= $1", "= ANY(%s)").replace("$2", "%s"), (["female", "male"], 5))
assert cursor.fetchall() == people

named = connection.cursor("named")
named.itersize = 1
named.execute(PEOPLE)
assert named.fetchall() == people
named.close()
output = io.StringIO()
cursor.copy_expert(f"COPY ({PEOPLE}) TO STDOUT WITH CSV HEADER", output)
lines = output.getvalue().splitlines()
assert lines[0] == "sex,people" and len(lines) == len(people) + 1, lines
assert any("receipt" in notice for notice in connection.notices)
connection.rollback()
print(json.dumps({"people": people, "body": body}))
