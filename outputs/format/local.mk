# outputs/format: the files of this room.
