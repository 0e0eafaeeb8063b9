#define _GNU_SOURCE
#include "kernels.h"

#include <pthread.h>
#include <signal.h>

/* Old systems have these symbols with their first version only; the linker would bind to that of glibc 2.34. */
#if defined(__x86_64__) && defined(__GLIBC__)
__asm__(".symver pthread_create,pthread_create@GLIBC_2.2.5");
__asm__(".symver pthread_join,pthread_join@GLIBC_2.2.5");
__asm__(".symver pthread_sigmask,pthread_sigmask@GLIBC_2.2.5");
#endif

#define MOST_THREADS 64

struct work {
    size_t next, count;
    void (*run)(void *context, size_t k);
    void *context;
};

static void *take_shards(void *argument) {
    struct work *work = argument;
    for (;;) {
        const size_t k = __atomic_fetch_add(&work->next, 1, __ATOMIC_RELAXED);
        if (k >= work->count) return NULL;
        work->run(work->context, k);
    }
}

void kernels_run_shards(size_t count, size_t threads, void (*run)(void *context, size_t k), void *context) {
    struct work work = {0, count, run, context};
    pthread_t others[MOST_THREADS];
    size_t started = 0;
    if (threads > count) threads = count;
    if (threads > MOST_THREADS) threads = MOST_THREADS;
    if (threads > 1) {
        sigset_t all, before; /* a host's signals are its own threads' business */
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &before);
        while (started + 1 < threads && pthread_create(&others[started], NULL, take_shards, &work) == 0) started++;
        pthread_sigmask(SIG_SETMASK, &before, NULL);
    }
    take_shards(&work);
    for (size_t k = 0; k < started; k++) pthread_join(others[k], NULL);
}
