/*
 * folder.h - opendir() by a descriptor of open().
 *
 * opendir() opens where thread sanitizers do not see it: they take
 * the number for one that another thread has just closed, and call it a race.
 * Threads of the daemon that look at folders while others have descriptors
 * come and go use this.  errno as of opendir(); for closedir().  Any thread.
 */
#ifndef ST_FOLDER_H
#define ST_FOLDER_H

#include <dirent.h>

DIR *folder_open(const char *path);

#endif
