/*
 * output_kinds.h - the kinds of outputs that are built in, in the order of
 * configure.ac, of which script/output-kinds makes this.
 */
#ifndef ST_OUTPUT_KINDS_H
#define ST_OUTPUT_KINDS_H

/* clang-format off */
#define OUTPUT_KINDS(X) \
	X(file) \
	X(stdout) \
	X(syslog) \
	X(webhook) \
	X(exec) \
	X(null)
/* clang-format on */

#endif
