# outputs/syslog: the files of this output.
libstsentry_a_SOURCES += \
	outputs/syslog/link.c outputs/syslog/link.h \
	outputs/syslog/resolve.c outputs/syslog/resolve.h \
	outputs/syslog/secure.c outputs/syslog/secure.h \
	outputs/syslog/syslog.c

UNIT_TESTS += tests/unit/test_syslog
tests_unit_test_syslog_SOURCES = tests/unit/test_syslog.c tests/unit/certs.c tests/unit/certs.h $(OUTPUT_CASE)
tests_unit_test_syslog_LDADD = $(UNIT_LIBS)
