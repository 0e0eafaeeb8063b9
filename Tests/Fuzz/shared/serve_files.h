/* Makes the files that requests of the target `serve` load: /proc/self/fd/100 is an area, /proc/self/fd/101 a policy. */
#ifndef SERVE_FILES_H
#define SERVE_FILES_H

void make_files(void);

#endif
