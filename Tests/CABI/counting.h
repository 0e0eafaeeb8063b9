/* Every allocator of the C library, replaced by one that counts. glibc only. */
#ifndef COUNTING_H
#define COUNTING_H

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

static long allocations;
static size_t largest = SIZE_MAX; /* what is beyond it is refused */

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);

void *malloc(size_t bytes) {
    allocations += 1;
    return bytes > largest ? NULL : __libc_malloc(bytes);
}

void *calloc(size_t count, size_t bytes) {
    allocations += 1;
    return count != 0 && bytes > largest / count ? NULL : __libc_calloc(count, bytes);
}

void *realloc(void *memory, size_t bytes) {
    allocations += 1;
    return bytes > largest ? NULL : __libc_realloc(memory, bytes);
}

void *aligned_alloc(size_t alignment, size_t bytes) {
    allocations += 1;
    return bytes > largest ? NULL : __libc_memalign(alignment, bytes);
}

int posix_memalign(void **memory, size_t alignment, size_t bytes) {
    allocations += 1;
    if (bytes > largest) return ENOMEM;
    *memory = __libc_memalign(alignment, bytes);
    return *memory == NULL ? ENOMEM : 0;
}

#endif
