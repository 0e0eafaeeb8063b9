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

#pragma GCC visibility pop
#endif
