/* What patrol-serve needs of the operating system: lines in and out, a file that is only added to, and a parent process
 * that watches over the serving one. One thread. */
#ifndef PATROL_SERVE_H
#define PATROL_SERVE_H

#include <stddef.h>
#include <stdint.h>

/* connections.c: functions that can fail give 0 or a value of errno. */

enum {
    SERVE_LINE = 1, /* a line, without its end */
    SERVE_LONG,     /* a line longer than the limit: it is skipped */
    SERVE_IDLE,     /* nothing for a second */
    SERVE_END,      /* no more input and nothing left to send, or a signal to end */
};

struct serve_event {
    int32_t kind;
    int32_t connection;
    int64_t nanoseconds; /* the monotonic clock when the line was whole */
    const uint8_t *line; /* until the next serve_wait */
    size_t count;
};

/* From here on lines of at most `limit` bytes come from the standard input, and answers go to the standard output. */
int32_t serve_standard(size_t limit);
/* The same over TCP at 127.0.0.1; `port` 0: any free one. Gives the port. */
int32_t serve_listen(uint16_t *port, size_t limit);
/* The next event. Each connection has one line at a time in work: a reader that is slow to take its answers is not read from
 * meanwhile, and the others are. */
void serve_wait(struct serve_event *event);
/* Takes `count` bytes, which end with a line feed, to be sent. A connection over TCP that begins with a line of something else
 * (`is_request` 0), such as a browser's, is then closed. */
int32_t serve_send(int32_t connection, const uint8_t *bytes, size_t count, int32_t is_request);
/* Sends what is left, for at most a second. */
void serve_finish(void);

/* files.c */

/* Opens a file to add to, or makes it, and locks it against a second process. */
int32_t serve_records_open(const char *path, int32_t *file, int64_t *size);
int32_t serve_records_read(int32_t file, int64_t place, void *bytes, size_t count);
/* Adds all of the bytes, or leaves the file as long as it was: `size`. */
int32_t serve_records_add(int32_t file, int64_t size, const void *bytes, size_t count);
int32_t serve_records_cut(int32_t file, int64_t size);
int32_t serve_records_sync(int32_t file);
/* Reads a whole file of at most `capacity` bytes. */
int32_t serve_read_file(const char *path, void *bytes, size_t capacity, size_t *count);

/* supervise.c */

/* Gives 0 in a process that serves, which is made anew whenever it dies or is silent for `patience` seconds; `restarts` is how
 * often that was. Its parent stays here and ends with it; -1: no process can be made. */
int32_t serve_supervise(int32_t patience, int32_t *restarts);
/* Says that this process is alive. */
void serve_beat(void);

/* text.c */

/* What the program was started with, its name first. */
char **serve_arguments(int32_t *count);

/* The double nearest to a number as JSON writes it, which must be followed by another character. */
double serve_number(const uint8_t *text);
/* A sentence to the standard error. */
void serve_say(const uint8_t *bytes, size_t count);
void serve_exit(int32_t status);

#endif
