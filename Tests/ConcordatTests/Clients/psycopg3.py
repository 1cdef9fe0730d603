"""psycopg 3: extended protocol, text and binary, server-side cursors, COPY, pipelines, diagnostics, notices."""
import json
import os

import psycopg

PEOPLE, BODY, ONE_SEX = os.environ["Q_PEOPLE"], os.environ["Q_BODY"], os.environ["Q_ONE_SEX"]
result = {}

with psycopg.connect() as connection:
    notices = []
    connection.add_notice_handler(lambda notice: notices.append((notice.message_primary, notice.message_hint)))
    result["people"] = connection.execute(PEOPLE).fetchall()
    assert any(text.startswith("receipt ") and "SHOW concordat.receipt" in hint for text, hint in notices), notices
    receipt = "\n".join(row[0] for row in connection.execute("SHOW concordat.receipt"))
    assert receipt.startswith("Receipt ") and "RJ1" in receipt, receipt

    with connection.cursor(binary=True) as cursor:
        cursor.execute(BODY)
        assert [column.type_code for column in cursor.description] == [25, 20, 1700, 701], cursor.description
        result["body"] = [[row[0], row[1], float(row[2]), row[3]] for row in cursor]

    one_sex = connection.execute(ONE_SEX.replace("$1", "%s").replace("$2", "%s"), ("female", 5)).fetchall()
    assert one_sex == [row for row in result["people"] if row[0] == "female"], one_sex

    among = ONE_SEX.replace("= $1", "= ANY(%s)").replace("$2", "%s")
    for binary in (False, True):
        with connection.cursor(binary=binary) as cursor:
            assert cursor.execute(among, (["male", "female", None], 5)).fetchall() == result["people"]
            assert cursor.execute(among, ([], 5)).fetchall() == []

    with connection.cursor(name="server_side") as cursor:
        cursor.itersize = 1
        assert cursor.execute(PEOPLE).fetchall() == result["people"]

    with connection.cursor() as cursor, cursor.copy(f"COPY ({PEOPLE}) TO STDOUT") as copy:
        assert [tuple(row) for row in copy.rows()] == [(a, str(b)) for a, b in result["people"]]

    with connection.cursor() as cursor, cursor.copy(f"COPY ({PEOPLE}) TO STDOUT (FORMAT binary)") as copy:
        copy.set_types(["text", "int8"])
        assert list(copy.rows()) == result["people"]

with psycopg.connect(autocommit=True) as connection:
    with connection.pipeline():
        first, second = connection.execute(PEOPLE), connection.execute("SHOW concordat.agreement")
        assert first.fetchall() == result["people"] and second.fetchone() == (os.environ["PGDATABASE"],)
    for _ in range(3):
        rows = connection.execute(ONE_SEX.replace("$1", "%s").replace("$2", "%s"), ("male", 5), prepare=True).fetchall()
        assert rows == [row for row in result["people"] if row[0] == "male"]

    try:
        connection.execute("SELECT count(*) FROM patint")
        raise SystemExit("a table that is not there was answered")
    except psycopg.errors.UndefinedTable as error:
        assert error.diag.statement_position == "22" and "patient" in error.diag.message_hint, error.diag
    try:
        connection.execute("INSERT INTO patient VALUES (1)")
        raise SystemExit("data were written")
    except psycopg.errors.ReadOnlySqlTransaction as error:
        assert error.diag.message_hint
    try:
        connection.execute("SELECT birth_date FROM patient")
        raise SystemExit("a row of a person was given")
    except psycopg.Error as error:
        assert error.sqlstate in ("42501", "0A000", "42803"), error.sqlstate

    connection.execute("BEGIN")
    connection.execute("SET concordat.require = 'quorum=2'")
    connection.execute("ROLLBACK")
    assert connection.execute("SHOW concordat.require").fetchone() == ("all",)
    receipts = connection.execute(
        "SELECT agreement, sites_answered, receipt FROM concordat.receipts ORDER BY asked_at DESC LIMIT 1").fetchone()
    assert receipts[:2] == (os.environ["PGDATABASE"], 3) and json.loads(receipts[2])["sites"], receipts

# A setting of the connection's options; and a database that names its purpose.
with psycopg.connect(options="-c concordat.require=quorum=2 -c statement_timeout=30s") as connection:
    assert connection.execute("SHOW concordat.require").fetchone() == ("quorum=2",)
with psycopg.connect(dbname=os.environ["PGDATABASE"] + "@planning") as connection:
    assert connection.execute("SHOW concordat.purpose").fetchone() == ("planning",)
try:
    psycopg.connect(dbname="no-such-agreement")
    raise SystemExit("an agreement that is not there was connected to")
except psycopg.OperationalError as error:
    assert "no-such-agreement" in str(error) and "concordat" in str(error), error

print(json.dumps(result))
