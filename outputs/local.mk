# outputs: the files of this room.
libstsentry_a_SOURCES += \
	outputs/courier.c outputs/courier.h \
	outputs/dead.c outputs/dead.h \
	outputs/delivery.c outputs/delivery.h \
	outputs/flood.c outputs/flood.h \
	outputs/outbox.c outputs/outbox.h \
	outputs/outbox_i.h outputs/outbox_rows.c \
	outputs/outlet.c outputs/outlet.h \
	outputs/output.c outputs/output.h \
	outputs/route.c outputs/route.h \
	outputs/sent.c outputs/sent.h \
	outputs/settings.c outputs/settings.h \
	outputs/shared.c outputs/shared.h

UNIT_TESTS += tests/unit/test_output
OUTPUT_CASE = tests/unit/output_case.c tests/unit/output_case.h
tests_unit_test_output_SOURCES = tests/unit/test_output.c $(OUTPUT_CASE)
tests_unit_test_output_LDADD = $(UNIT_LIBS)
UNIT_TESTS += tests/unit/test_courier tests/unit/test_dead tests/unit/test_outbox
tests_unit_test_dead_SOURCES = tests/unit/test_dead.c
tests_unit_test_dead_LDADD = $(UNIT_LIBS)
tests_unit_test_courier_SOURCES = tests/unit/test_courier.c
tests_unit_test_courier_LDADD = $(UNIT_LIBS)
tests_unit_test_outbox_SOURCES = tests/unit/test_outbox.c
tests_unit_test_outbox_LDADD = $(UNIT_LIBS)
FUZZ_TARGETS += tests/fuzz/fuzz_outbox
tests_fuzz_fuzz_outbox_SOURCES = tests/fuzz/fuzz_outbox.c
tests_fuzz_fuzz_outbox_LDADD = $(FUZZ_LIBS)
tests_fuzz_fuzz_outbox_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LINK)
EXTRA_DIST += tests/fuzz/corpus/outbox
UNIT_TESTS += tests/unit/test_outlet
tests_unit_test_outlet_SOURCES = tests/unit/test_outlet.c $(SAMPLE)
tests_unit_test_outlet_LDADD = $(UNIT_LIBS)
UNIT_TESTS += tests/unit/test_sent
tests_unit_test_sent_SOURCES = tests/unit/test_sent.c
tests_unit_test_sent_LDADD = $(UNIT_LIBS)
UNIT_TESTS += tests/unit/test_flood
tests_unit_test_flood_SOURCES = tests/unit/test_flood.c
tests_unit_test_flood_LDADD = $(UNIT_LIBS)
UNIT_TESTS += tests/unit/test_route
tests_unit_test_route_SOURCES = tests/unit/test_route.c $(SAMPLE)
tests_unit_test_route_LDADD = $(UNIT_LIBS)
SCENARIOS += tests/scenario/webhook_out tests/scenario/syslog_out tests/scenario/real_receivers tests/scenario/tls_front
PLAIN_TESTS += tests/scenario/presets tests/scenario/drawn
EXTRA_DIST += tests/scenario/drawn.py
PLAIN_TESTS += tests/scenario/rotated_file
EXTRA_DIST += tests/scenario/rotated_file.py
EXTRA_DIST += tests/scenario/tls_front.py tests/scenario/syslog_out.py tests/scenario/presets.py
SCENARIOS += tests/scenario/deliver_kills tests/scenario/deliver_ways
SCENARIOS += tests/scenario/reload_outputs
EXTRA_DIST += tests/scenario/deliver.py
