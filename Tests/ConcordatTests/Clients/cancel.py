"""A question that waits for a site is cancelled: by the user, by its time-out, by whoever has gone."""
import json
import os
import threading
import time

import psycopg

question = os.environ["Q_PEOPLE"]


def cancelled(connection):
    try:
        connection.execute(question)
    except psycopg.errors.QueryCanceled as error:
        return str(error.diag.message_primary)
    raise SystemExit("the question was answered")


with psycopg.connect(autocommit=True, options="-c concordat.deadline=300") as connection:
    timer = threading.Timer(1.5, connection.cancel)
    timer.start()
    assert cancelled(connection).endswith("user request")
    timer.join()
    connection.execute("SET statement_timeout = '1s'")
    assert cancelled(connection).endswith("statement timeout")
    connection.execute("SET statement_timeout = 0")
    assert connection.execute("SHOW concordat.deadline").fetchone() == ("300s",)

print(json.dumps({}))
