# tests/output-kit: plays the core to any output and says whether it keeps the
# contract of include/stsentry/output.h.
check_PROGRAMS += tests/output-kit/output-kit
tests_output_kit_output_kit_SOURCES = tests/output-kit/output_kit.c $(OUTPUT_CASE)
SCENARIOS += tests/scenario/output_kit tests/scenario/output_plugin tests/scenario/output_exec
EXTRA_DIST += examples/output-hello/hello.c examples/output-hello/Makefile \
	examples/output-hello/pager
