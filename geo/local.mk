# geo: the files of this room.
