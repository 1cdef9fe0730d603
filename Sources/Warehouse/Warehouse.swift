// The Warehouse room.
