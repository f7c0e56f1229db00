# outputs/file: the files of this output.
libstsentry_a_SOURCES += \
	outputs/file/file.c \
	outputs/file/journal.c outputs/file/journal.h \
	outputs/file/leaf.c outputs/file/leaf.h \
	outputs/file/owner.c outputs/file/owner.h \
	outputs/file/place.c outputs/file/place.h \
	outputs/file/rotated.c outputs/file/rotated.h \
	outputs/file/squeeze.c outputs/file/squeeze.h \
	outputs/file/tree.c

UNIT_TESTS += tests/unit/test_output_file
tests_unit_test_output_file_SOURCES = tests/unit/test_output_file.c $(OUTPUT_CASE)
tests_unit_test_output_file_LDADD = $(UNIT_LIBS)
UNIT_TESTS += tests/unit/test_output_tree
tests_unit_test_output_tree_SOURCES = tests/unit/test_output_tree.c $(OUTPUT_CASE)
tests_unit_test_output_tree_LDADD = $(UNIT_LIBS)
FUZZ_TARGETS += tests/fuzz/fuzz_places
tests_fuzz_fuzz_places_SOURCES = tests/fuzz/fuzz_places.c
tests_fuzz_fuzz_places_LDADD = $(FUZZ_LIBS)
tests_fuzz_fuzz_places_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LINK)
EXTRA_DIST += tests/fuzz/corpus/places
