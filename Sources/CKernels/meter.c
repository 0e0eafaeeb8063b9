/* Counts the memory that a thread would be given. A thread-local variable could itself need memory (see reserve.c), so the few
 * threads that count at a time each have an entry of their own. */
#define _GNU_SOURCE
#include "kernels.h"

#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { METERS = 8 };

static struct {
    uint64_t thread; /* 0: free */
    size_t bytes;
} meters[METERS];
static int in_use;

/* Linux numbers processes and threads below 2^22. */
uint64_t kernels_this_thread(void) { return (uint64_t)getpid() << 22 | (uint64_t)syscall(SYS_gettid); }

int kernels_is_foreign(uint64_t thread) { return thread >> 22 != (uint64_t)getpid(); }

int kernels_meter_begin(void) {
    const uint64_t thread = kernels_this_thread();
    for (;;) {
        for (int m = 0; m < METERS; m++) {
            uint64_t owner = __atomic_load_n(&meters[m].thread, __ATOMIC_ACQUIRE);
            if (owner != 0 && !kernels_is_foreign(owner)) continue;
            if (!__atomic_compare_exchange_n(&meters[m].thread, &owner, thread, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
                continue;
            if (owner == 0) __atomic_fetch_add(&in_use, 1, __ATOMIC_RELAXED);
            meters[m].bytes = 0;
            return m;
        }
        /* All serve other threads, which soon end. The C library's nanosleep is a point at which a thread may be cancelled. */
        syscall(SYS_nanosleep, &(struct timespec){.tv_nsec = 100000}, NULL);
    }
}

size_t kernels_meter_end(int meter) {
    const size_t bytes = meters[meter].bytes;
    __atomic_store_n(&meters[meter].thread, 0, __ATOMIC_RELEASE);
    __atomic_fetch_sub(&in_use, 1, __ATOMIC_RELAXED);
    return bytes;
}

int kernels_meter_add(size_t bytes) {
    if (__atomic_load_n(&in_use, __ATOMIC_RELAXED) == 0) return 0;
    const uint64_t thread = kernels_this_thread();
    for (int m = 0; m < METERS; m++) {
        if (__atomic_load_n(&meters[m].thread, __ATOMIC_RELAXED) != thread) continue;
        meters[m].bytes += bytes;
        return 1;
    }
    return 0;
}
