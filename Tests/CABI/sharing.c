/* Sharing: children after fork, threads with sessions of their own, objects destroyed in any order. */
#define _POSIX_C_SOURCE 200809L
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include "files.h"

static request reference;

/* A child decides on the session it inherits, and the parent goes on with it. */
static void check_fork(patrol_session *session) {
    static request r;
    int status = -1;
    pid_t child = fork();
    if (child == 0) {
        request_init(&r);
        _exit(request_decide(&r, session, NULL) == PATROL_OK && request_agrees(&r, &reference) ? 0 : 1);
    }
    CHECK(child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
    request_init(&r);
    MUST(request_decide(&r, session, error));
    CHECK(request_agrees(&r, &reference));
}

#define THREADS 2
#define DECISIONS 200

typedef struct worker {
    patrol_engine *engine;
    request r;
    int same; /* decisions that agree with the reference */
} worker;

static void *work(void *argument) {
    worker *self = (worker *)argument;
    patrol_session *session = NULL;
    int index;
    if (patrol_session_create(self->engine, 4, 4, &session, NULL) != PATROL_OK) return NULL;
    for (index = 0; index < DECISIONS; index += 1) {
        request_init(&self->r);
        if (request_decide(&self->r, session, NULL) == PATROL_OK) self->same += request_agrees(&self->r, &reference);
    }
    for (index = 0; index < DECISIONS; index += 1) patrol_engine_retain(self->engine);
    for (index = 0; index < DECISIONS; index += 1) patrol_engine_destroy(self->engine);
    patrol_session_destroy(session);
    patrol_engine_destroy(self->engine);
    return NULL;
}

/* Each with an engine of its own, which is the same. */
static void check_threads(patrol_engine *engine) {
    static worker workers[THREADS];
    pthread_t threads[THREADS];
    int index;
    for (index = 0; index < THREADS; index += 1) {
        workers[index].engine = engine;
        patrol_engine_retain(engine);
        CHECK(pthread_create(&threads[index], NULL, work, &workers[index]) == 0);
    }
    for (index = 0; index < THREADS; index += 1) {
        CHECK(pthread_join(threads[index], NULL) == 0);
        CHECK(workers[index].same == DECISIONS);
    }
}

/* In each of the 24 orders; the session, while it lives, decides as ever. */
static void check_orders(void) {
    static request r;
    int order;
    for (order = 0; order < 24; order += 1) {
        int left[4] = {0, 1, 2, 3}, code = order, step;
        patrol_area *area = city_area();
        patrol_policy *policy = good_policy();
        patrol_engine *engine = NULL;
        patrol_session *session = NULL;
        MUST(patrol_engine_create(area, policy, NULL, &engine, error));
        MUST(patrol_session_create(engine, 4, 4, &session, error));
        for (step = 4; step > 0; step -= 1) {
            int place = code % step, next = left[place];
            code /= step;
            left[place] = left[step - 1];
            switch (next) {
            case 0: patrol_area_destroy(area); break;
            case 1: patrol_policy_destroy(policy); break;
            case 2: patrol_engine_destroy(engine); break;
            default: patrol_session_destroy(session); session = NULL;
            }
            if (session == NULL) continue;
            request_init(&r);
            MUST(request_decide(&r, session, error));
            CHECK(request_agrees(&r, &reference));
        }
    }
}

/* A session that moves from engine to engine decides as a new one of each, also when the engine has no other owner. */
static void check_moves(patrol_area *area, patrol_policy *policy) {
    static const char *const policies[] = {"learned", "minimum_weighted_travel"};
    static request r, fresh;
    patrol_session *session = NULL;
    int round;
    for (round = 0; round < 8; round += 1) {
        patrol_engine_options options = PATROL_ENGINE_OPTIONS_INIT;
        patrol_engine *engine = NULL;
        patrol_session *other = NULL;
        float weights[2] = {1.0f, 1.0f + (float)round};
        options.dispatch_policy = policies[round % 2];
        options.patrol_policy = "learned";
        options.group_weights = weights;
        options.never_hold_priority = round / 2;
        options.maximum_travel_seconds = round == 5 ? 60.0f : INFINITY;
        MUST(patrol_engine_create(area, policy, &options, &engine, error));
        MUST(patrol_session_create(engine, 4, 4, &other, error));
        if (session == NULL) MUST(patrol_session_create(engine, 4, 4, &session, error));
        MUST(patrol_session_move(session, engine, error));
        patrol_engine_destroy(engine);
        request_init(&r), request_init(&fresh);
        MUST(request_decide(&r, session, error));
        MUST(request_decide(&fresh, other, error));
        CHECK(request_agrees(&r, &fresh));
        patrol_session_destroy(other);
    }
    patrol_session_destroy(session);
}

int main(void) {
    patrol_area *area = city_area();
    patrol_policy *policy = good_policy();
    patrol_engine *engine = NULL;
    patrol_session *session = NULL;
    MUST(patrol_engine_create(area, policy, NULL, &engine, error));
    MUST(patrol_session_create(engine, 4, 4, &session, error));
    request_init(&reference);
    MUST(request_decide(&reference, session, error));
    check_fork(session);
    check_threads(engine);
    check_orders();
    check_moves(area, policy);
    patrol_session_destroy(session);
    patrol_engine_destroy(engine);
    patrol_policy_destroy(policy);
    patrol_area_destroy(area);
    return check_done("sharing");
}
