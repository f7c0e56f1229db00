# outputs/presets: what services want, as files; compiled in, and installed to
# be copied and changed.
PRESETS = \
	outputs/presets/alertmanager.yaml \
	outputs/presets/discord.yaml \
	outputs/presets/elasticsearch.yaml \
	outputs/presets/generic.yaml \
	outputs/presets/google-chat.yaml \
	outputs/presets/jira.yaml \
	outputs/presets/jsm.yaml \
	outputs/presets/loki.yaml \
	outputs/presets/mattermost.yaml \
	outputs/presets/n8n.yaml \
	outputs/presets/opsgenie.yaml \
	outputs/presets/otlp.yaml \
	outputs/presets/pagerduty.yaml \
	outputs/presets/servicenow.yaml \
	outputs/presets/slack.yaml \
	outputs/presets/splunk-hec.yaml \
	outputs/presets/teams.yaml \
	outputs/presets/thehive.yaml
presetsdir = $(pkgdatadir)/presets
dist_presets_DATA = $(PRESETS)

libstsentry_a_SOURCES += outputs/preset.c outputs/preset.h \
	outputs/answer.c outputs/answer.h \
	outputs/pace.c outputs/pace.h \
	outputs/webhook.c \
	outputs/sign.c outputs/sign.h
nodist_libstsentry_a_SOURCES = outputs/preset_texts.h
BUILT_SOURCES += outputs/preset_texts.h
CLEANFILES += outputs/preset_texts.h
EXTRA_DIST += outputs/presets.awk
outputs/preset_texts.h: $(PRESETS) outputs/presets.awk
	$(AM_V_GEN)$(MKDIR_P) outputs && (cd $(srcdir) && \
		LC_ALL=C awk -f outputs/presets.awk $(PRESETS)) > $@.new && mv $@.new $@
outputs/preset.$(OBJEXT): outputs/preset_texts.h

UNIT_TESTS += tests/unit/test_preset
tests_unit_test_preset_SOURCES = tests/unit/test_preset.c $(SAMPLE) $(STRICT)
tests_unit_test_preset_LDADD = $(UNIT_LIBS)

UNIT_TESTS += tests/unit/test_answer
tests_unit_test_answer_SOURCES = tests/unit/test_answer.c
tests_unit_test_answer_LDADD = $(UNIT_LIBS)

# The service's side is played, in place of outputs/webhook/curl.
HTTP_CASE = tests/unit/http_case.c tests/unit/http_case.h $(SAMPLE)
UNIT_TESTS += tests/unit/test_status_matrix
tests_unit_test_status_matrix_SOURCES = tests/unit/test_status_matrix.c $(HTTP_CASE)
tests_unit_test_status_matrix_LDADD = $(UNIT_LIBS)
UNIT_TESTS += tests/unit/test_outage
tests_unit_test_outage_SOURCES = tests/unit/test_outage.c $(HTTP_CASE)
tests_unit_test_outage_LDADD = $(UNIT_LIBS)
UNIT_TESTS += tests/unit/test_curl
tests_unit_test_curl_SOURCES = tests/unit/test_curl.c $(OUTPUT_CASE)
tests_unit_test_curl_LDADD = $(UNIT_LIBS)
