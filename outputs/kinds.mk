# Made by script/output-kinds of the lines ST_OUTPUT of configure.ac.
include outputs/file/local.mk
include outputs/stdout/local.mk
include outputs/syslog/local.mk
include outputs/webhook/local.mk
include outputs/exec/local.mk
include outputs/null/local.mk
