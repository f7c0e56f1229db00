# collector: the files of this room.
