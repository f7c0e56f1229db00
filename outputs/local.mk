# outputs: the files of this room.
