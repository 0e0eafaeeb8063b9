/* Memory of last resort for the objects of Embedded Swift.
 *
 * Its runtime takes them from posix_memalign and does not look whether it got any. The linker leads its calls of
 * posix_memalign and free here instead (--wrap). Where the system refuses, a thread takes over one of a few regions and is
 * served from it until it has given everything back. `Buffer` and the boundary of the C interface look whether the thread
 * holds anything (kernels_reserve_held) and then fail with OUT_OF_MEMORY: what is in a region does not outlive a call.
 *
 * No lock and no thread-local variable: the first would hang in a forked child, the second may allocate. A region is one
 * atomic word, its owner and the number of its blocks; one that belongs to another process is free. */
#define _GNU_SOURCE
#include "kernels.h"

#ifndef PATROL_EMBEDDED
size_t kernels_reserve_held(void) { return 0; }
#else
#include <errno.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* These become the C library's: not hidden, or a static library would look for them in the program alone. */
int __real_posix_memalign(void **memory, size_t alignment, size_t bytes);
void __real_free(void *memory);

#pragma GCC visibility push(hidden)
int __wrap_posix_memalign(void **memory, size_t alignment, size_t bytes);
void __wrap_free(void *memory);
#pragma GCC visibility pop

/* The largest block that Swift asks for is an array of a few thousand elements (Tests/CABI/refusing.h measures it). */
#define REGIONS 8
#define REGION_BYTES ((size_t)1 << 18)
#define GRAIN ((size_t)16)

/* Of a region's word: process, thread, and how many blocks are in use. */
#define COUNT_BITS 20
#define COUNT(word) ((word) & (((uint64_t)1 << COUNT_BITS) - 1))
#define OWNER(word) ((word) >> COUNT_BITS)

static uint64_t words[REGIONS];
static int regions_in_use;
/* What the owner has used of a region from its start, and where its last block begins. */
static size_t used[REGIONS], last[REGIONS];
static _Alignas(64) unsigned char regions[REGIONS][REGION_BYTES];

/* The region that the thread holds; a free one that it then holds with one block; or -1. */
static int region_for(uint64_t thread) {
    for (int r = 0; r < REGIONS; r++) {
        uint64_t word = __atomic_load_n(&words[r], __ATOMIC_ACQUIRE);
        if (OWNER(word) != thread || word == 0) continue;
        /* Another thread may give the last block back and with it the region, so it is still to be had. */
        while (OWNER(word) == thread)
            if (__atomic_compare_exchange_n(&words[r], &word, word + 1, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
                return r;
    }
    for (int r = 0; r < REGIONS; r++) {
        uint64_t word = __atomic_load_n(&words[r], __ATOMIC_ACQUIRE);
        if (word != 0 && !kernels_is_foreign(OWNER(word))) continue;
        if (!__atomic_compare_exchange_n(&words[r], &word, thread << COUNT_BITS | 1, 0, __ATOMIC_ACQ_REL,
                                         __ATOMIC_ACQUIRE))
            continue;
        if (word == 0) __atomic_fetch_add(&regions_in_use, 1, __ATOMIC_RELAXED);
        used[r] = 0;
        return r;
    }
    return -1;
}

static void give_back(int r) {
    uint64_t word = __atomic_load_n(&words[r], __ATOMIC_RELAXED), left;
    do left = COUNT(word) > 1 ? word - 1 : 0;
    while (!__atomic_compare_exchange_n(&words[r], &word, left, 0, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED));
    if (left == 0) __atomic_fetch_sub(&regions_in_use, 1, __ATOMIC_RELAXED);
}

int __wrap_posix_memalign(void **memory, size_t alignment, size_t bytes) {
    for (;;) {
        if (__real_posix_memalign(memory, alignment, bytes) == 0) {
            kernels_meter_add(bytes);
            return 0;
        }
        const int r = region_for(kernels_this_thread());
        if (r >= 0) {
            const size_t grain = alignment > GRAIN ? alignment : GRAIN, start = (used[r] + grain - 1) & ~(grain - 1);
            if (alignment > 64 || start > REGION_BYTES || bytes > REGION_BYTES - start) {
                give_back(r);
                return ENOMEM;
            }
            last[r] = start;
            used[r] = start + bytes;
            *memory = regions[r] + start;
            return 0;
        }
        /* Every region serves another thread, which needs none but its own and gives it back soon. The C library's nanosleep
         * is a point at which a thread may be cancelled. */
        syscall(SYS_nanosleep, &(struct timespec){.tv_nsec = 100000}, NULL);
    }
}

void __wrap_free(void *memory) {
    const uintptr_t place = (uintptr_t)memory - (uintptr_t)regions;
    if (place >= sizeof regions) {
        __real_free(memory);
        return;
    }
    const int r = (int)(place / REGION_BYTES);
    const size_t start = place % REGION_BYTES;
    if (OWNER(__atomic_load_n(&words[r], __ATOMIC_RELAXED)) == kernels_this_thread() && start == last[r])
        used[r] = start;
    give_back(r);
}

size_t kernels_reserve_held(void) {
    if (__atomic_load_n(&regions_in_use, __ATOMIC_RELAXED) == 0) return 0;
    const uint64_t thread = kernels_this_thread();
    for (int r = 0; r < REGIONS; r++) {
        const uint64_t word = __atomic_load_n(&words[r], __ATOMIC_RELAXED);
        if (OWNER(word) == thread) return COUNT(word);
    }
    return 0;
}
#endif
