# geo: the files of this room.
libstsentry_a_SOURCES += \
	geo/addr.c geo/addr.h \
	geo/encoding.h \
	geo/fields.c geo/fields.h \
	geo/geo.c geo/geo.h \
	geo/metadata.c geo/metadata.h \
	geo/place.c geo/place.h \
	geo/ranges.c geo/ranges.h \
	geo/sealed.c geo/sealed.h

UNIT_TESTS += \
	tests/unit/test_addr \
	tests/unit/test_fields \
	tests/unit/test_geo \
	tests/unit/test_metadata \
	tests/unit/test_ranges
tests_unit_test_metadata_SOURCES = tests/unit/test_metadata.c
tests_unit_test_metadata_LDADD = $(UNIT_LIBS)
tests_unit_test_ranges_SOURCES = tests/unit/test_ranges.c
tests_unit_test_ranges_LDADD = $(UNIT_LIBS)
tests_unit_test_addr_SOURCES = tests/unit/test_addr.c
tests_unit_test_addr_LDADD = $(UNIT_LIBS)
tests_unit_test_fields_SOURCES = tests/unit/test_fields.c
tests_unit_test_fields_LDADD = $(UNIT_LIBS)
tests_unit_test_geo_SOURCES = tests/unit/test_geo.c
tests_unit_test_geo_LDADD = $(UNIT_LIBS)

FUZZ_TARGETS += tests/fuzz/fuzz_addr tests/fuzz/fuzz_mmdb \
	tests/fuzz/fuzz_ranges
tests_fuzz_fuzz_ranges_SOURCES = tests/fuzz/fuzz_ranges.c
tests_fuzz_fuzz_ranges_LDADD = $(FUZZ_LIBS)
tests_fuzz_fuzz_ranges_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LINK)
tests_fuzz_fuzz_addr_SOURCES = tests/fuzz/fuzz_addr.c
tests_fuzz_fuzz_addr_LDADD = $(FUZZ_LIBS)
tests_fuzz_fuzz_addr_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LINK)
tests_fuzz_fuzz_mmdb_SOURCES = tests/fuzz/fuzz_mmdb.c
tests_fuzz_fuzz_mmdb_LDADD = $(FUZZ_LIBS)
tests_fuzz_fuzz_mmdb_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LINK)

# The two databases are made of geo.csv by script/make-geo; they are kept, so
# that the tests do not need Perl.
EXTRA_DIST += script/make-geo \
	tests/data/geo.csv tests/data/geo-asn.mmdb tests/data/geo-city.mmdb \
	tests/data/ranges-aws.json tests/data/ranges-google.json \
	tests/data/ranges-azure.json tests/data/ranges-plain.txt \
	tests/fuzz/corpus/addr tests/fuzz/corpus/mmdb \
	tests/fuzz/corpus/ranges
