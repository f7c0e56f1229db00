# cli: the files of this room.
libstsentry_a_SOURCES += cli/convert.c cli/convert.h
