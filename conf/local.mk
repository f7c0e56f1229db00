# conf: files that people write, and what they mean.
libstsentry_a_SOURCES += \
	conf/account.c conf/account.h \
	conf/address.c conf/address.h \
	conf/config.c conf/config.h \
	conf/files.c \
	conf/inputs.c \
	conf/output_kinds.h \
	conf/outputs.c \
	conf/parts.c conf/parts.h \
	conf/schema.c conf/schema.h \
	conf/schemadoc.c \
	conf/secret.c conf/secret.h \
	conf/value.c \
	conf/yaml.c conf/yaml.h

UNIT_TESTS += tests/unit/test_account
tests_unit_test_account_SOURCES = tests/unit/test_account.c
tests_unit_test_account_LDADD = $(UNIT_LIBS)

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

# The JSON Schemas are printed from the rows; what cannot be run here has none.
if !CROSS
nodist_pkgdata_DATA += stsentry.schema.json policy.schema.json
endif
CLEANFILES += stsentry.schema.json policy.schema.json
stsentry.schema.json: stsentry$(EXEEXT)
	$(AM_V_GEN)./stsentry$(EXEEXT) check --schema config > $@.new && \
		mv $@.new $@
policy.schema.json: stsentry$(EXEEXT)
	$(AM_V_GEN)./stsentry$(EXEEXT) check --schema policy > $@.new && \
		mv $@.new $@

# As they are shipped they stand beside the schemas, which their first line
# names, and are copied to where they are used only where nothing is yet.
# stsentry.yaml names policy.yaml beside it.
pkgsysconfdir = $(sysconfdir)/stsentry
nodist_pkgdata_DATA += stsentry.yaml policy.yaml
EXTRA_DIST += conf/stsentry.yaml conf/policy.yaml
CLEANFILES += stsentry.yaml policy.yaml
WITH_PLACES = sed -e '1s|/usr/share/stsentry/|$(pkgdatadir)/|'
stsentry.yaml: conf/stsentry.yaml Makefile
	$(AM_V_GEN)$(WITH_PLACES) $(srcdir)/conf/stsentry.yaml > $@
policy.yaml: conf/policy.yaml Makefile
	$(AM_V_GEN)$(WITH_PLACES) $(srcdir)/conf/policy.yaml > $@

install-data-local: stsentry.yaml policy.yaml install-manuals
	$(MKDIR_P) '$(DESTDIR)$(pkgsysconfdir)'
	@for f in stsentry.yaml policy.yaml; do \
		to='$(DESTDIR)$(pkgsysconfdir)'/$$f; \
		if test -e "$$to"; then \
			echo "$$to is there and stays as it is"; \
		else \
			echo "$(INSTALL_DATA) $$f $$to"; \
			$(INSTALL_DATA) $$f "$$to" || exit 1; \
		fi; \
	done
# What was changed is not ours to remove.
uninstall-local: uninstall-manuals
	@for f in stsentry.yaml policy.yaml; do \
		at='$(DESTDIR)$(pkgsysconfdir)'/$$f; \
		if cmp -s $$f "$$at"; then \
			echo "rm -f $$at"; \
			rm -f "$$at"; \
		fi; \
	done
	-rmdir '$(DESTDIR)$(pkgsysconfdir)' 2>/dev/null

SCENARIOS += tests/scenario/install tests/scenario/check_problems \
	tests/scenario/schemas
