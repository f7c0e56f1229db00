# cli: the files of this room.
