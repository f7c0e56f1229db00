# detect: the files of this room.
libstsentry_a_SOURCES += detect/reasons.c detect/reasons.h
