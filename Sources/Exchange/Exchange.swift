// The Exchange room.
