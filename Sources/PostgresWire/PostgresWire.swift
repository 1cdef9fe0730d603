// The PostgresWire room.
