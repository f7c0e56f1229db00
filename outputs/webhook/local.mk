# outputs/webhook: the files of this output.
libstsentry_a_SOURCES += \
	outputs/webhook/curl.c outputs/webhook/curl.h
