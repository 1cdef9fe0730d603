"""SQLAlchemy and pandas: read_sql, and reflection of what there is."""
import json
import os

import pandas
import sqlalchemy

engine = sqlalchemy.create_engine("postgresql+psycopg://")
with engine.connect() as connection:
    people = pandas.read_sql(sqlalchemy.text(os.environ["Q_PEOPLE"]), connection)
    assert list(people.columns) == ["sex", "people"] and str(people["people"].dtype) == "int64", people.dtypes
    body = pandas.read_sql(sqlalchemy.text(os.environ["Q_BODY"]), connection)
inspector = sqlalchemy.inspect(engine)
assert "patient" in inspector.get_table_names(), inspector.get_table_names()
columns = {column["name"]: column for column in inspector.get_columns("patient")}
assert isinstance(columns["birth_date"]["type"], sqlalchemy.Date), columns["birth_date"]
print(json.dumps({
    "people": people.values.tolist(),
    "body": [[row[0], row[1], float(row[2]), row[3]] for row in body.values.tolist()],
}))
