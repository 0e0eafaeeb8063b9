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

struct work {
    size_t next, count;
    void (*run)(void *context, size_t thread, size_t k);
    void *context;
};

struct worker {
    struct work *work;
    size_t thread;
};

static void *take_shards(void *argument) {
    const struct worker *worker = argument;
    struct work *work = worker->work;
    for (;;) {
        const size_t k = __atomic_fetch_add(&work->next, 1, __ATOMIC_RELAXED);
        if (k >= work->count) return NULL;
        work->run(work->context, worker->thread, k);
    }
}

void kernels_run_shards(size_t count, size_t threads, void (*run)(void *context, size_t thread, size_t k),
                        void *context) {
    struct work work = {0, count, run, context};
    struct worker workers[KERNELS_MOST_THREADS];
    pthread_t others[KERNELS_MOST_THREADS];
    size_t started = 0;
    if (threads > count) threads = count;
    if (threads > KERNELS_MOST_THREADS) threads = KERNELS_MOST_THREADS;
    for (size_t k = 0; k < KERNELS_MOST_THREADS; k++) workers[k] = (struct worker){&work, k};
    if (threads > 1) {
        sigset_t all, before; /* a host's signals are its own threads' business */
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &before);
        while (started + 1 < threads && pthread_create(&others[started], NULL, take_shards, &workers[started + 1]) == 0)
            started++;
        pthread_sigmask(SIG_SETMASK, &before, NULL);
    }
    take_shards(&workers[0]);
    for (size_t k = 0; k < started; k++) pthread_join(others[k], NULL);
}
