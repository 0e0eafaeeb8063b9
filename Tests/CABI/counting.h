/* Every allocator of the C library, replaced by one that counts and refuses. glibc only. */
#ifndef COUNTING_H
#define COUNTING_H

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

static long allocations;
static long live;                 /* allocations that were not freed */
static size_t granted;            /* bytes of all allocations, also of those that were freed */
static size_t largest = SIZE_MAX; /* what is beyond it is refused */

/* Refused as well: the allocation of this number, counted by `allocations`, and with `refuse_all` every later one. */
static long refuse_at;
static int refuse_all;
static long refused;
static size_t refused_objects; /* bytes of these that posix_memalign was asked for: objects of Swift */

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);
extern void __libc_free(void *);

static int counting_refuses(size_t bytes) {
    const long number = __atomic_add_fetch(&allocations, 1, __ATOMIC_RELAXED);
    if (bytes <= largest && (refuse_at == 0 || number < refuse_at || (number > refuse_at && !refuse_all))) {
        __atomic_add_fetch(&granted, bytes, __ATOMIC_RELAXED);
        return 0;
    }
    __atomic_add_fetch(&refused, 1, __ATOMIC_RELAXED);
    return 1;
}

static void *counting_made(void *memory) {
    if (memory != NULL) __atomic_add_fetch(&live, 1, __ATOMIC_RELAXED);
    return memory;
}

void *malloc(size_t bytes) { return counting_refuses(bytes) ? NULL : counting_made(__libc_malloc(bytes)); }

void *calloc(size_t count, size_t bytes) {
    const size_t most = count == 0 ? 0 : SIZE_MAX / count;
    return counting_refuses(bytes > most ? SIZE_MAX : count * bytes) ? NULL
                                                                     : counting_made(__libc_calloc(count, bytes));
}

void *realloc(void *memory, size_t bytes) {
    if (counting_refuses(bytes)) return NULL;
    return memory == NULL ? counting_made(__libc_realloc(memory, bytes)) : __libc_realloc(memory, bytes);
}

void *aligned_alloc(size_t alignment, size_t bytes) {
    return counting_refuses(bytes) ? NULL : counting_made(__libc_memalign(alignment, bytes));
}

int posix_memalign(void **memory, size_t alignment, size_t bytes) {
    if (counting_refuses(bytes)) {
        refused_objects += bytes;
        return ENOMEM;
    }
    *memory = counting_made(__libc_memalign(alignment, bytes));
    return *memory == NULL ? ENOMEM : 0;
}

void free(void *memory) {
    if (memory != NULL) __atomic_sub_fetch(&live, 1, __ATOMIC_RELAXED);
    __libc_free(memory);
}

#endif
