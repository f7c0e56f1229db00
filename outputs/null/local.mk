# outputs/null: the files of this output.
libstsentry_a_SOURCES += \
	outputs/null/null.c
