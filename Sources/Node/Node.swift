// The Node room.
