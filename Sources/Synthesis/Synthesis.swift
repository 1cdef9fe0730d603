// The Synthesis room.
