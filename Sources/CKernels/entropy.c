/* Embedded Swift seeds its hash tables with arc4random_buf, which glibc has since 2.36 only. This hidden one
 * lets the shared library load on older systems. */
#if defined(__linux__)
#define _GNU_SOURCE
#include "kernels.h"

#include <sys/syscall.h>
#include <unistd.h>

#pragma GCC visibility push(hidden)
void arc4random_buf(void *buffer, size_t count);
#pragma GCC visibility pop

/* A kernel or sandbox without getrandom leaves the clock and the address: seeds need to differ, not to be secret. */
void arc4random_buf(void *buffer, size_t count) {
    unsigned char *bytes = buffer;
    const long filled = syscall(SYS_getrandom, bytes, count, 0);
    uint64_t mixer = (uint64_t)kernels_monotonic_nanoseconds() ^ (uint64_t)(uintptr_t)buffer;
    for (size_t i = filled > 0 ? (size_t)filled : 0; i < count; i++) {
        mixer = mixer * 6364136223846793005u + 1442695040888963407u;
        bytes[i] = (unsigned char)(mixer >> 56);
    }
}
#endif
