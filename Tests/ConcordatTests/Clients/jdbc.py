"""The JDBC driver, in a Java machine of its own: prepared statements, fetch sizes, DatabaseMetaData."""
import json
import os

import jpype

jpype.startJVM("-Xmx256m", classpath=["/usr/share/java/postgresql.jar"])
sql = jpype.JPackage("java").sql
properties = jpype.JClass("java.util.Properties")()
for name, variable in [("user", "PGUSER"), ("password", "PGPASSWORD"), ("sslrootcert", "PGSSLROOTCERT")]:
    properties.setProperty(name, os.environ[variable])
properties.setProperty("sslmode", "verify-full")
address = f"jdbc:postgresql://{os.environ['PGHOST']}:{os.environ['PGPORT']}/{os.environ['PGDATABASE']}"
jpype.JClass("org.postgresql.Driver")
connection = sql.DriverManager.getConnection(address, properties)


def rows(found, *getters):
    kept = []
    while found.next():
        kept.append([getter(found, place + 1) for place, getter in enumerate(getters)])
    return kept


text = lambda found, place: str(found.getString(place))
whole = lambda found, place: int(found.getLong(place))
number = lambda found, place: float(found.getDouble(place))

people = rows(connection.createStatement().executeQuery(os.environ["Q_PEOPLE"]), text, whole)
body = rows(connection.createStatement().executeQuery(os.environ["Q_BODY"]), text, whole, number, number)

# From the fifth time on, the driver prepares by name and reads binary.
question = os.environ["Q_ONE_SEX"].replace("$1", "?").replace("$2", "?")
statement = connection.prepareStatement(question)
for _ in range(7):
    statement.setString(1, "female")
    statement.setInt(2, 5)
    assert rows(statement.executeQuery(), text, whole) == [row for row in people if row[0] == "female"]

statement = connection.prepareStatement(question.replace("= ?", "= ANY (?)"))
for _ in range(7):
    statement.setArray(1, connection.createArrayOf("text", jpype.JArray(jpype.JString)(["female", "male"])))
    statement.setInt(2, 5)
    assert rows(statement.executeQuery(), text, whole) == people

connection.setAutoCommit(False)
statement = connection.createStatement()
statement.setFetchSize(1)
assert rows(statement.executeQuery(os.environ["Q_PEOPLE"]), text, whole) == people
connection.commit()

about = connection.getMetaData()
assert str(about.getDatabaseProductName()) == "PostgreSQL"
tables = rows(about.getTables(None, "public", "%", None), text, text, text)
assert ["public", "patient"] in [row[1:] for row in tables], tables
found = about.getColumns(None, "public", "patient", "%")
names = []
while found.next():
    names.append(str(found.getString("COLUMN_NAME")))
assert "birth_date" in names, names
connection.close()
print(json.dumps({"people": people, "body": body}))
