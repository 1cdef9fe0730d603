"""asyncpg: binary alone, parameters typed by the node, cursors over portals."""
import asyncio
import json
import os

import asyncpg

PEOPLE, BODY, ONE_SEX = os.environ["Q_PEOPLE"], os.environ["Q_BODY"], os.environ["Q_ONE_SEX"]


async def main():
    connection = await asyncpg.connect()
    people = [list(row) for row in await connection.fetch(PEOPLE)]
    body = [[row[0], row[1], float(row[2]), row[3]] for row in await connection.fetch(BODY)]
    statement = await connection.prepare(ONE_SEX)
    assert [parameter.name for parameter in statement.get_parameters()] == ["text", "int8"]
    assert [list(row) for row in await statement.fetch("female", 5)] == [row for row in people if row[0] == "female"]
    statement = await connection.prepare(ONE_SEX.replace("= $1", "= ANY ($1)"))
    assert [parameter.name for parameter in statement.get_parameters()] == ["text[]", "int8"], statement.get_parameters()
    assert [list(row) for row in await statement.fetch(["female", "male"], 5)] == people
    async with connection.transaction():
        cursor = await connection.cursor(PEOPLE)
        assert [list(row) for row in await cursor.fetch(1)] == people[:1]
        assert [list(row) for row in await cursor.fetch(10)] == people[1:]
    await connection.reset()
    await connection.close()
    print(json.dumps({"people": people, "body": body}))


asyncio.run(main())
