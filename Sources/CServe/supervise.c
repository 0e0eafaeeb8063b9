#define _GNU_SOURCE
#include "serve.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* The serving process writes a byte into `pulse` whenever it waits for a line; it is closed when that process dies. */
static int pulse = -1;
static volatile sig_atomic_t child;
static volatile sig_atomic_t ending;

static void pass_on(int signal) {
    ending = 1;
    if (child > 0) kill((pid_t)child, signal);
}

void serve_beat(void) {
    if (pulse < 0) return;
    /* Without a parent there is nobody to serve for. A full pipe has news enough. */
    if (write(pulse, "", 1) < 0 && errno == EPIPE) _exit(1);
}

/* Waits until the child has died, or has been silent for too long and is killed. */
static int watch(int beats, int patience, const char **why) {
    char bytes[256];
    *why = "ended";
    for (;;) {
        struct pollfd polled = {.fd = beats, .events = POLLIN};
        int ready = poll(&polled, 1, patience * 1000);
        if (ready < 0) continue;
        if (ready == 0) {
            *why = "did not answer and was killed";
            kill((pid_t)child, SIGKILL);
        } else if (read(beats, bytes, sizeof bytes) > 0) {
            continue;
        }
        int status = 0;
        while (waitpid((pid_t)child, &status, 0) < 0 && errno == EINTR) continue;
        return status;
    }
}

static void pause_for(int milliseconds) {
    struct timespec time = {.tv_sec = milliseconds / 1000, .tv_nsec = milliseconds % 1000 * 1000000L};
    nanosleep(&time, NULL);
}

int32_t serve_supervise(int32_t patience, int32_t *restarts) {
    struct sigaction action = {.sa_handler = pass_on};
    int delay = 100;
    for (*restarts = 0;; *restarts += 1) {
        int ends[2];
        if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) return -1;
        time_t began = time(NULL);
        pid_t made = fork();
        if (made < 0) return -1;
        if (made == 0) {
            close(ends[0]);
            pulse = ends[1];
            signal(SIGTERM, SIG_DFL);
            signal(SIGINT, SIG_DFL);
            return 0;
        }
        child = made;
        close(ends[1]);
        sigaction(SIGTERM, &action, NULL);
        sigaction(SIGINT, &action, NULL);
        const char *why;
        int status = watch(ends[0], patience, &why);
        close(ends[0]);
        if (ending || (WIFEXITED(status) && (WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == 2)))
            _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 0);
        fprintf(stderr, "patrol-serve: the serving process %s (%s %d), another one is started\n", why,
                WIFSIGNALED(status) ? "signal" : "status",
                WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
        delay = time(NULL) - began > 10 ? 100 : delay < 5000 ? 2 * delay : 5000;
        pause_for(delay);
    }
}
