# detect: the files of this room.
