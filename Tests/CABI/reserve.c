/* The reserve of the library by itself (Sources/CKernels/reserve.c), with a system that refuses when the test says so. */
#define _GNU_SOURCE
#define PATROL_EMBEDDED
#include "../../Sources/CKernels/meter.c"
#include "../../Sources/CKernels/reserve.c"

#include <pthread.h>
#include <sys/wait.h>

#include "check.h"

static int is_refusing = 1;

int __real_posix_memalign(void **memory, size_t alignment, size_t bytes) {
    return __atomic_load_n(&is_refusing, __ATOMIC_RELAXED) ? ENOMEM : posix_memalign(memory, alignment, bytes);
}

void __real_free(void *memory) { free(memory); }

static void *block(size_t alignment, size_t bytes) {
    void *memory = NULL;
    return __wrap_posix_memalign(&memory, alignment, bytes) == 0 ? memory : NULL;
}

static int is_reserved(const void *memory) {
    return (const unsigned char *)memory >= regions[0] && (const unsigned char *)memory < regions[REGIONS];
}

static void check_one_thread(void) {
    void *first, *second;
    int k;
    is_refusing = 0;
    first = block(16, 100);
    CHECK(first != NULL && !is_reserved(first) && kernels_reserve_held() == 0);
    __wrap_free(first);
    __wrap_free(NULL);
    is_refusing = 1;
    first = block(16, 100);
    second = block(64, 0);
    CHECK(is_reserved(first) && is_reserved(second) && (uintptr_t)second % 64 == 0 && kernels_reserve_held() == 2);
    CHECK(block(16, REGION_BYTES) == NULL && kernels_reserve_held() == 2);
    CHECK(block(16, SIZE_MAX) == NULL && block(128, 16) == NULL && kernels_reserve_held() == 2);
    is_refusing = 0; /* each goes back to where it came from */
    __wrap_free(first);
    CHECK(kernels_reserve_held() == 1);
    __wrap_free(second);
    CHECK(kernels_reserve_held() == 0 && regions_in_use == 0);
    is_refusing = 1;
    for (k = 0; k < 1000;
         k += 1) { /* what is given back last in, first out is there again, and so is all that was given back */
        first = block(16, REGION_BYTES / 2);
        second = block(16, REGION_BYTES / 3);
        if (!CHECK(first != NULL && second != NULL)) return;
        __wrap_free(k % 2 ? second : first);
        __wrap_free(k % 2 ? first : second);
    }
    CHECK(kernels_reserve_held() == 0 && regions_in_use == 0);
}

enum { THREADS = 3 * REGIONS };

/* More threads than regions: each is served, some after others. */
static void *hold(void *failures) {
    int round;
    for (round = 0; round < 50; round += 1) {
        const uint64_t self = (uint64_t)pthread_self();
        uint64_t *blocks[3];
        int k;
        for (k = 0; k < 3; k += 1) {
            blocks[k] = block(16, 1000);
            if (blocks[k] == NULL)
                __atomic_fetch_add((int *)failures, 1, __ATOMIC_RELAXED);
            else
                *blocks[k] = self + (uint64_t)k;
        }
        nanosleep(&(struct timespec){0, 20000}, NULL);
        for (k = 0; k < 3; k += 1) {
            if (blocks[k] != NULL && *blocks[k] != self + (uint64_t)k)
                __atomic_fetch_add((int *)failures, 1, __ATOMIC_RELAXED);
            __wrap_free(blocks[k]);
        }
        if (kernels_reserve_held() != 0) __atomic_fetch_add((int *)failures, 1, __ATOMIC_RELAXED);
    }
    return NULL;
}

static void check_threads(void) {
    pthread_t threads[THREADS];
    int failures = 0, k;
    for (k = 0; k < THREADS; k += 1) CHECK(pthread_create(&threads[k], NULL, hold, &failures) == 0);
    for (k = 0; k < THREADS; k += 1) CHECK(pthread_join(threads[k], NULL) == 0);
    CHECK(failures == 0 && regions_in_use == 0);
}

static void *take_one(void *taken) {
    *(void **)taken = block(16, 64);
    return NULL;
}

/* What ended threads left is freed by another; a child does not wait for threads that it does not have. */
static void check_fork(void) {
    void *taken[REGIONS];
    int k, status = -1;
    pid_t child;
    for (k = 0; k < REGIONS; k += 1) {
        pthread_t thread;
        CHECK(pthread_create(&thread, NULL, take_one, &taken[k]) == 0 && pthread_join(thread, NULL) == 0);
    }
    CHECK(regions_in_use == REGIONS && kernels_reserve_held() == 0);
    child = fork();
    if (child == 0) {
        void *memory = block(16, 64);
        const int served = is_reserved(memory) && kernels_reserve_held() == 1;
        __wrap_free(memory);
        _exit(served && kernels_reserve_held() == 0 ? 0 : 1);
    }
    CHECK(child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
    for (k = 0; k < REGIONS; k += 1) {
        CHECK(is_reserved(taken[k]));
        __wrap_free(taken[k]);
    }
    CHECK(regions_in_use == 0);
}

int main(void) {
    check_one_thread();
    check_threads();
    check_fork();
    return check_done("reserve");
}
