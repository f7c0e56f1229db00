# report: what auditors and operators read, made of decisions and findings.
libstsentry_a_SOURCES += \
	report/allowed.c report/allowed.h \
	report/chart.c report/chart.h \
	report/chart_lineage.c \
	report/chart_where.c \
	report/controls.c report/controls.h \
	report/csv.c \
	report/decided.c report/decided.h \
	report/document.c report/document.h \
	report/findings.c report/findings.h \
	report/format.c report/format.h \
	report/gather.c report/gather.h \
	report/html.c \
	report/json.c \
	report/markup.c report/markup.h \
	report/merkle.c report/merkle.h \
	report/navigator.c \
	report/notes.c report/notes.h \
	report/archive.c report/archive.h \
	report/archive_verify.c \
	report/period.h \
	report/sections.c report/sections.h report/sections_i.h \
	report/sections_controls.c \
	report/sections_notes.c \
	report/sections_policy.c \
	report/sections_time.c \
	report/sections_volume.c \
	report/sections_watch.c \
	report/sections_who.c \
	report/shapes.c report/shapes.h \
	report/sheet.c report/sheet.h \
	report/stage.c report/stage.h \
	report/story.c report/story.h \
	report/table.c report/table.h

# Data files are compiled in: a report needs no folder of them.
CONTROLS = \
	report/controls/cis-aws-5.0.txt \
	report/controls/cis-aws-7.0.txt \
	report/controls/cis-gcp-4.0.txt \
	report/controls/cis-gcp-5.0.txt \
	report/controls/iso-27001-2022.txt \
	report/controls/nist-800-53-r5.txt \
	report/controls/pci-dss-4.0.txt \
	report/controls/soc2-2017.txt
report/controls_texts.h: $(CONTROLS) report/controls.awk
	$(AM_V_GEN)$(MKDIR_P) report && (cd $(srcdir) && \
		LC_ALL=C awk -f report/controls.awk $(CONTROLS)) > $@.new && mv $@.new $@
report/controls.$(OBJEXT): report/controls_texts.h
EXTRA_DIST += $(CONTROLS) report/controls.awk
REPORT_TEXTS = report/controls_texts.h report/style_texts.h report/world_texts.h
nodist_libstsentry_a_SOURCES += $(REPORT_TEXTS)
BUILT_SOURCES += $(REPORT_TEXTS)
CLEANFILES += $(REPORT_TEXTS)
EXTRA_DIST += report/world.awk report/text.awk report/data/world.txt \
	report/data/style.css
report/world_texts.h: report/data/world.txt report/world.awk
	$(AM_V_GEN)$(MKDIR_P) report && LC_ALL=C awk -f $(srcdir)/report/world.awk \
		$(srcdir)/report/data/world.txt > $@.new && mv $@.new $@
report/style_texts.h: report/data/style.css report/text.awk
	$(AM_V_GEN)$(MKDIR_P) report && LC_ALL=C awk -v name=style \
		-f $(srcdir)/report/text.awk $(srcdir)/report/data/style.css > $@.new && \
		mv $@.new $@
report/chart_where.$(OBJEXT): report/world_texts.h
report/document.$(OBJEXT): report/style_texts.h

UNIT_TESTS += tests/unit/test_allowed tests/unit/test_notes
tests_unit_test_allowed_SOURCES = tests/unit/test_allowed.c
tests_unit_test_allowed_LDADD = $(UNIT_LIBS)
tests_unit_test_notes_SOURCES = tests/unit/test_notes.c
tests_unit_test_notes_LDADD = $(UNIT_LIBS)
UNIT_TESTS += tests/unit/test_gather
tests_unit_test_gather_SOURCES = tests/unit/test_gather.c $(SAMPLE)
tests_unit_test_gather_LDADD = $(UNIT_LIBS)

PLAIN_TESTS += tests/scenario/report
EXTRA_DIST += tests/scenario/report.py

UNIT_TESTS += tests/unit/test_report
tests_unit_test_report_SOURCES = tests/unit/test_report.c $(SAMPLE)
tests_unit_test_report_LDADD = $(UNIT_LIBS)

UNIT_TESTS += tests/unit/test_archive
tests_unit_test_archive_SOURCES = tests/unit/test_archive.c
tests_unit_test_archive_LDADD = $(UNIT_LIBS)

PLAIN_TESTS += tests/scenario/pack tests/scenario/browser
EXTRA_DIST += tests/scenario/browser.js

FUZZ_TARGETS += tests/fuzz/fuzz_gather tests/fuzz/fuzz_archive
tests_fuzz_fuzz_gather_SOURCES = tests/fuzz/fuzz_gather.c
tests_fuzz_fuzz_gather_LDADD = $(FUZZ_LIBS)
tests_fuzz_fuzz_gather_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LINK)
tests_fuzz_fuzz_archive_SOURCES = tests/fuzz/fuzz_archive.c
tests_fuzz_fuzz_archive_LDADD = $(FUZZ_LIBS)
tests_fuzz_fuzz_archive_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LINK)
EXTRA_DIST += doc/reports.md
