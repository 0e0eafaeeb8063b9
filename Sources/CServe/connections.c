#define _GNU_SOURCE
#include "serve.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { CONNECTIONS = 16, FIRST_ROOM = 1 << 16, STEP = 4096 };

/* Input lies at bytes[0 ..< count]; `searched` of it have no line feed. Output is out[sent ..< out_count]. */
struct connection {
    int in, to; /* -1: free */
    uint8_t *bytes;
    size_t count, room, searched, taken;
    uint8_t *out;
    size_t out_count, sent;
    int skipping, ended, greeted, last;
};

static struct connection connections[CONNECTIONS];
static int listener = -1, next_turn;
static size_t line_limit;
static volatile sig_atomic_t stopping;

static void stop(int signal) {
    (void)signal;
    stopping = 1;
}

static int64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static void begin(size_t limit) {
    struct sigaction action = {.sa_handler = stop};
    line_limit = limit;
    for (int k = 0; k < CONNECTIONS; k++) connections[k].in = -1;
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
}

static struct connection *take(int in, int to) {
    for (int k = 0; k < CONNECTIONS; k++) {
        if (connections[k].in >= 0) continue;
        connections[k] = (struct connection){.in = in, .to = to};
        return &connections[k];
    }
    return NULL;
}

static void drop(struct connection *c) {
    if (c->in > STDERR_FILENO) close(c->in);
    free(c->bytes);
    free(c->out);
    *c = (struct connection){.in = -1};
}

int32_t serve_standard(size_t limit) {
    begin(limit);
    take(STDIN_FILENO, STDOUT_FILENO);
    return 0;
}

int32_t serve_listen(uint16_t *port, size_t limit) {
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(*port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    const int on = 1;
    begin(limit);
    listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (listener < 0) return errno;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(listener, (struct sockaddr *)&address, size) != 0 || listen(listener, CONNECTIONS) != 0 ||
        getsockname(listener, (struct sockaddr *)&address, &size) != 0)
        return errno;
    *port = ntohs(address.sin_port);
    return 0;
}

static void accept_one(void) {
    static const char full[] =
        "{\"id\":null,\"status\":\"BUSY\",\"error\":\"16 connections are open, expected fewer\"}\n";
    const int on = 1;
    int socket = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (socket < 0) return;
    setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (take(socket, socket)) return;
    (void)!write(socket, full, sizeof full - 1);
    close(socket);
}

/* Reads what is there, up to a step beyond the limit. */
static void fill(struct connection *c) {
    if (c->room - c->count < STEP) {
        size_t room = c->room ? 2 * c->room : FIRST_ROOM;
        if (room > line_limit + 2 * STEP) room = line_limit + 2 * STEP;
        uint8_t *larger = realloc(c->bytes, room);
        if (!larger) { /* as if the line were too long */
            c->ended = 1;
            return;
        }
        c->bytes = larger, c->room = room;
    }
    size_t most = c->room - c->count, allowed = line_limit + STEP - c->count;
    ssize_t got = read(c->in, c->bytes + c->count, most < allowed ? most : allowed);
    if (got > 0)
        c->count += (size_t)got;
    else if (got == 0 || (errno != EINTR && errno != EAGAIN))
        c->ended = 1;
}

static void empty(struct connection *c) {
    size_t step = c->out_count - c->sent;
    if (c->to == STDOUT_FILENO && step > STEP) step = STEP; /* a pipe that is ready takes so much without waiting */
    ssize_t put = write(c->to, c->out + c->sent, step);
    if (put < 0 && (errno == EINTR || errno == EAGAIN)) return;
    if (put < 0) { /* nobody reads anymore */
        drop(c);
        return;
    }
    c->sent += (size_t)put;
    if (c->sent < c->out_count) return;
    free(c->out);
    c->out = NULL, c->out_count = c->sent = 0;
    if (c->last) drop(c);
}

static void shift(struct connection *c) {
    c->count -= c->taken;
    if (c->count) memmove(c->bytes, c->bytes + c->taken, c->count);
    c->taken = c->searched = 0;
}

/* Whether there is a line, or one that is too long. */
static int has_line(struct connection *c, struct serve_event *event) {
    shift(c);
    uint8_t *end = c->count > c->searched ? memchr(c->bytes + c->searched, '\n', c->count - c->searched) : NULL;
    c->searched = c->count;
    size_t length = end ? (size_t)(end - c->bytes) : c->count;
    event->kind = SERVE_LINE, event->line = c->bytes, event->count = length;
    if (c->skipping || length > line_limit) {
        int first = !c->skipping;
        c->skipping = end == NULL;
        c->taken = end ? length + 1 : length;
        if (!first) {
            shift(c);
            return end ? has_line(c, event) : 0;
        }
        event->kind = SERVE_LONG, event->count = 0;
        return 1;
    }
    if (!end && !(c->ended && length > 0)) return 0;
    c->taken = end ? length + 1 : length;
    return 1;
}

static int is_over(void) {
    if (stopping) return 1;
    for (int k = 0; k < CONNECTIONS; k++)
        if (connections[k].in >= 0) return 0;
    return listener < 0;
}

void serve_wait(struct serve_event *event) {
    for (;;) {
        serve_beat();
        if (is_over()) {
            event->kind = SERVE_END;
            return;
        }
        for (int turn = 0; turn < CONNECTIONS; turn++) {
            int k = (next_turn + turn) % CONNECTIONS;
            struct connection *c = &connections[k];
            if (c->in < 0 || c->out) continue;
            if (has_line(c, event)) {
                event->connection = k, event->nanoseconds = now();
                next_turn = k + 1;
                return;
            }
            if (c->ended) drop(c);
        }
        struct pollfd polled[CONNECTIONS + 1];
        int owner[CONNECTIONS + 1], count = 0;
        for (int k = 0; k < CONNECTIONS; k++) {
            struct connection *c = &connections[k];
            if (c->in < 0) continue;
            owner[count] = k;
            polled[count++] = (struct pollfd){.fd = c->out ? c->to : c->in, .events = c->out ? POLLOUT : POLLIN};
        }
        if (listener >= 0) polled[count] = (struct pollfd){.fd = listener, .events = POLLIN};
        int ready = poll(polled, (nfds_t)(count + (listener >= 0)), is_over() ? 0 : 1000);
        if (ready == 0) {
            event->kind = SERVE_IDLE;
            return;
        }
        if (ready < 0) continue;
        for (int p = 0; p < count; p++) {
            if (!polled[p].revents) continue;
            if (connections[owner[p]].out)
                empty(&connections[owner[p]]);
            else
                fill(&connections[owner[p]]);
        }
        if (listener >= 0 && polled[count].revents) accept_one();
    }
}

int32_t serve_send(int32_t connection, const uint8_t *bytes, size_t count, int32_t is_request) {
    struct connection *c = &connections[connection];
    c->out = malloc(count);
    if (!c->out) {
        drop(c);
        return ENOMEM;
    }
    memcpy(c->out, bytes, count);
    c->out_count = count, c->sent = 0;
    c->last = listener >= 0 && !is_request && !c->greeted;
    c->greeted |= is_request != 0;
    return 0;
}

void serve_finish(void) {
    const int64_t end = now() + 1000000000;
    for (int k = 0; k < CONNECTIONS; k++)
        while (connections[k].in >= 0 && connections[k].out && now() < end) {
            struct pollfd polled = {.fd = connections[k].to, .events = POLLOUT};
            if (poll(&polled, 1, 100) > 0) empty(&connections[k]);
        }
}
