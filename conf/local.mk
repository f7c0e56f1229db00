# conf: files that people write, and what they mean.
libstsentry_a_SOURCES += \
	conf/address.c conf/address.h \
	conf/config.c conf/config.h \
	conf/files.c \
	conf/inputs.c \
	conf/outputs.c \
	conf/parts.c conf/parts.h \
	conf/schema.c conf/schema.h \
	conf/schemadoc.c \
	conf/secret.c conf/secret.h \
	conf/value.c \
	conf/yaml.c conf/yaml.h

UNIT_TESTS += tests/unit/test_yaml
tests_unit_test_yaml_SOURCES = tests/unit/test_yaml.c
tests_unit_test_yaml_LDADD = $(UNIT_LIBS)

UNIT_TESTS += tests/unit/test_schema
tests_unit_test_schema_SOURCES = tests/unit/test_schema.c
tests_unit_test_schema_LDADD = $(UNIT_LIBS)

FUZZ_TARGETS += tests/fuzz/fuzz_yaml
tests_fuzz_fuzz_yaml_SOURCES = tests/fuzz/fuzz_yaml.c
tests_fuzz_fuzz_yaml_LDADD = $(FUZZ_LIBS)
tests_fuzz_fuzz_yaml_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LINK)
EXTRA_DIST += tests/fuzz/corpus/yaml

CONFIG_CASE = tests/unit/config_case.c tests/unit/config_case.h
UNIT_TESTS += tests/unit/test_config tests/unit/test_config_refused \
	tests/unit/test_config_files
tests_unit_test_config_SOURCES = tests/unit/test_config.c $(CONFIG_CASE)
tests_unit_test_config_LDADD = $(UNIT_LIBS)
tests_unit_test_config_refused_SOURCES = tests/unit/test_config_refused.c \
	$(CONFIG_CASE)
tests_unit_test_config_refused_LDADD = $(UNIT_LIBS)
tests_unit_test_config_files_SOURCES = tests/unit/test_config_files.c \
	$(CONFIG_CASE)
tests_unit_test_config_files_LDADD = $(UNIT_LIBS)

FUZZ_TARGETS += tests/fuzz/fuzz_config
tests_fuzz_fuzz_config_SOURCES = tests/fuzz/fuzz_config.c
tests_fuzz_fuzz_config_LDADD = $(FUZZ_LIBS)
tests_fuzz_fuzz_config_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LINK)
EXTRA_DIST += tests/fuzz/corpus/config

# Installed beside each other: stsentry.yaml names policy.yaml.
pkgsysconfdir = $(sysconfdir)/stsentry
dist_pkgsysconf_DATA = conf/stsentry.yaml conf/policy.yaml

SCENARIOS += tests/scenario/check_problems
