/* Decisions allocate nothing, but for edge changes the first time. */
#include "counting.h"
#include "files.h"

static long spent(patrol_session *session, request *r) {
    long before = allocations;
    MUST(request_decide(r, session, error));
    return allocations - before;
}

static void check_session(patrol_session *session) {
    static request r;
    patrol_error error;
    int round;
    request_init(&r);
    request_add_all(&r);
    CHECK(spent(session, &r) > 0);
    for (round = 0; round < 4; round += 1) {
        request_init(&r);
        if (round % 2 == 1) request_add_all(&r);
        r.answer.plans = r.plans, r.answer.plan_capacity = round;
        CHECK(spent(session, &r) == 0);
        r.options.tasks = round < 2 ? PATROL_TASK_DISPATCH : PATROL_TASK_PATROL;
        CHECK(spent(session, &r) == 0);
    }
    {
        patrol_snapshot snapshots[2];
        patrol_answer answers[2];
        int32_t statuses[2];
        long before;
        request_init(&r);
        for (round = 0; round < 2; round += 1) (snapshots[round] = r.snapshot), (answers[round] = r.answer);
        before = allocations;
        MUST(patrol_decide_many(session, snapshots, sizeof *snapshots, 2, &r.options, answers, sizeof *answers,
                                statuses, NULL, error));
        CHECK(statuses[0] == PATROL_OK && statuses[1] == PATROL_OK && allocations == before);
    }
    request_init(&r); /* without memory a decision goes as well */
    largest = 0;
    CHECK(request_decide(&r, session, &error) == PATROL_OK);
    largest = SIZE_MAX;
}

/* Where memory is refused, creation says so, and what it was given stays usable. */
static void check_refusal_of_memory(void) {
    patrol_area *area = city_area();
    patrol_engine *engine = NULL;
    patrol_session *const untouched = (patrol_session *)&allocations;
    patrol_session *session = untouched;
    patrol_error error;
    int32_t status;
    MUST(patrol_engine_create(area, NULL, NULL, &engine, error));
    largest = 1 << 16;
    status = patrol_session_create(engine, 4096, 4096, &session, &error);
    largest = SIZE_MAX;
    check_refusal(__FILE__, __LINE__, "session without memory", status, PATROL_ERROR_OUT_OF_MEMORY, &error, "");
    CHECK(session == untouched);
    MUST(patrol_session_create(engine, 4, 4, &session, error));
    check_session(session);
    patrol_session_destroy(session);
    patrol_engine_destroy(engine);
    patrol_area_destroy(area);
}

/* What a session takes is told before, to the byte, and grows with its sizes. Nothing of it is made for that. */
static void check_session_bytes(const patrol_policy *policy, const patrol_engine_options *options) {
    static const uint32_t sizes[][2] = {{1, 0}, {1, 1}, {4, 4}, {60, 25}, {500, 100}, {513, 511}, {4096, 4096}};
    patrol_area *area = city_area();
    patrol_engine *engine = NULL;
    uint64_t last = 0;
    size_t k;
    MUST(patrol_engine_create(area, policy, options, &engine, error));
    for (k = 0; k < sizeof sizes / sizeof *sizes; k += 1) {
        patrol_session *session = NULL;
        uint64_t bytes = 0;
        long before = live;
        size_t asked = granted;
        MUST(patrol_session_bytes(engine, sizes[k][0], sizes[k][1], &bytes, error));
        CHECK(live == before && granted - asked < 1 << 16);
        asked = granted;
        MUST(patrol_session_create(engine, sizes[k][0], sizes[k][1], &session, error));
        CHECK(bytes == granted - asked);
        CHECK(bytes > last);
        last = bytes;
        patrol_session_destroy(session);
    }
    CHECK(options != NULL || last <= 150000000);
    patrol_engine_destroy(engine);
    patrol_area_destroy(area);
}

/* Every policy, with rules that need memory of their own and without. */
static void check_sessions(const patrol_policy *policy) {
    static const char *patrol[] = {"learned",           "stay",        "random_walk",
                                   "demand_walk",       "fixed_posts", "compliance_table",
                                   "marginal_coverage", "dmexclp",     "backup_coverage"};
    static const char *dispatch[] = {"learned", "minimum_weighted_travel", "priority_closest", "weighted_index"};
    static const float hold[] = {60.0f, 60.0f, 600.0f, INFINITY};
    size_t k;
    check_session_bytes(NULL, NULL);
    check_session_bytes(policy, NULL);
    for (k = 0; k < 18; k += 1) {
        patrol_engine_options options = PATROL_ENGINE_OPTIONS_INIT;
        options.patrol_policy = patrol[k / 2];
        options.dispatch_policy = dispatch[k % 4];
        options.home_beat_patrol = k % 3 == 0;
        options.reserve_per_beat = k % 2;
        if (k % 5 == 0) options.hold_travel_seconds = hold, options.hold_rows = 2;
        check_session_bytes(policy, &options);
    }
}

int main(void) {
    patrol_policy *policy = good_policy();
    patrol_session *heuristic = city_session(NULL), *learned = city_session(policy);
    check_session(heuristic);
    check_session(learned);
    check_refusal_of_memory();
    check_sessions(policy);
    patrol_session_destroy(heuristic);
    patrol_session_destroy(learned);
    patrol_policy_destroy(policy);
    return check_done("allocations");
}
