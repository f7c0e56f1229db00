/*
 * convert.h - `stsentry convert`: findings in another format.
 */
#ifndef ST_CLI_CONVERT_H
#define ST_CLI_CONVERT_H

/* argv[0] is the subcommand's name.  Returns the exit status. */
int cmd_convert(int argc, char **argv);

#endif
