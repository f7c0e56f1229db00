# outputs/stdout: the files of this output.
libstsentry_a_SOURCES += \
	outputs/stdout/stdout.c
