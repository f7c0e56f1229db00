# include: what is installed for those who write an output of their own.
stsentryincludedir = $(includedir)/stsentry
stsentryinclude_HEADERS = include/stsentry/output.h
SCENARIOS += tests/scenario/output_header
