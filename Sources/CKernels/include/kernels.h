/* The little C the engine stands on: memory that may be refused, the clock, atomic loads, and the inner
 * loops that need run-time CPU dispatch. Internal to the package; nothing of it is exported. */
#ifndef PATROL_KERNELS_H
#define PATROL_KERNELS_H

#include <stddef.h>
#include <stdint.h>

#pragma GCC visibility push(hidden)

/* memory.c */

/* At least `bytes` bytes (64 where 0 is asked), aligned to 64, or NULL where the system refuses. */
void *kernels_allocate(size_t bytes);
void kernels_deallocate(void *memory);

/* clock.c */

/* Nanoseconds on the monotonic clock. */
int64_t kernels_monotonic_nanoseconds(void);
/* Relaxed atomic load of a flag that another thread may set. */
int32_t kernels_load_flag(const int32_t *flag);

/* files.c: 0 or a code for kernels_file_reason. */

/* Opens a regular file (nothing else) for reading and tells its size. On failure the outputs are untouched. */
int32_t kernels_file_open(const char *path, int32_t *file, int64_t *size);
/* Reads the whole file of exactly `count` bytes: more or fewer is an error. */
int32_t kernels_file_read(int32_t file, void *bytes, size_t count);
void kernels_file_close(int32_t file);
/* Puts head and body in place of the file at `path`, or leaves it as it was: written beside it, then renamed.
 * Should only the very last step fail, the sync of the folder, then the new file is there and may not last. */
int32_t kernels_file_replace(const char *path, const void *head, size_t head_count, const void *body,
                             size_t body_count);
/* Why, in a few English words of static storage, or NULL for a code without any. */
const char *kernels_file_reason(int32_t code);

#pragma GCC visibility pop
#endif
