# conf: the files of this room.
