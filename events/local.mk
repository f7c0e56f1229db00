# events: the files of this room.
