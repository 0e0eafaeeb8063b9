/* What a host may rely on: the same answer again, larger strides and structs, tasks apart, the look inside, limits. */
#include "files.h"

static patrol_policy *policy;

/* The same request, the same answer, from one session and from two; what is not part of the answer is not written. */
static void check_repeats(patrol_session *session, int all) {
    static request first, second;
    patrol_session *other = city_session(policy);
    size_t index;
    request_init(&first);
    request_init(&second);
    if (all) {
        request_add_all(&first);
        request_add_all(&second);
    }
    MUST(request_decide(&first, session, error));
    MUST(request_decide(&second, session, error));
    CHECK(request_agrees(&first, &second));
    request_init(&second);
    if (all) request_add_all(&second);
    MUST(request_decide(&second, other, error));
    CHECK(request_agrees(&first, &second));
    patrol_session_destroy(other);

    CHECK(first.answer.solver_status == PATROL_SOLVER_OPTIMAL ||
          first.answer.solver_status == PATROL_SOLVER_WITHIN_GAP);
    CHECK(first.answer.relative_gap >= 0.0 && first.answer.relative_gap <= first.options.relative_gap * 1.001);
    CHECK(first.answer.bound - first.answer.objective >= 0.99 * first.answer.relative_gap - 1e-12);
    CHECK(first.answer.move_count == REQUEST_UNITS);
    CHECK(first.answer.assignment_count >= 1); /* the call of priority 1 is not held while a unit is free */
    for (index = 0; index < first.answer.move_count; index += 1) {
        CHECK(first.moves[index].unit_id == first.units[index].id);
        CHECK(first.moves[index].target_node < CITY_NODES || first.moves[index].reason == PATROL_MOVE_NOT_FREE);
        CHECK(first.moves[index].reserved == 0);
    }
    CHECK(first.assignments[0].incident_id == 500 || first.assignments[1].incident_id == 500);
    CHECK(first.moves[REQUEST_UNITS].unit_id == 0xA5A5A5A5A5A5A5A5u);
    CHECK(first.assignments[first.answer.assignment_count].unit_id == 0xA5A5A5A5A5A5A5A5u);
    CHECK(first.answer.objective <= first.answer.bound);
    CHECK(first.answer.microseconds < 60000000u);
}

/* Many snapshots in one call: each as by itself, and one that fails fails alone. */
static void check_many(patrol_session *session) {
    enum { COUNT = 3 };
    static request requests[COUNT], alone;
    patrol_snapshot snapshots[COUNT];
    patrol_answer answers[COUNT];
    patrol_decide_options options = PATROL_DECIDE_OPTIONS_INIT;
    patrol_error errors[COUNT], error;
    int32_t statuses[COUNT];
    size_t k;
    options.deadline_microseconds = 0;
    memset(errors, 0, sizeof errors);
    for (k = 0; k < COUNT; k += 1) {
        request_init(&requests[k]);
        if (k == 2) request_add_all(&requests[k]);
        snapshots[k] = requests[k].snapshot;
        answers[k] = requests[k].answer;
    }
    snapshots[1].time_seconds = -1.0;
    CHECK(patrol_decide_many(session, snapshots, sizeof *snapshots, COUNT, &options, answers, sizeof *answers, statuses,
                             errors, &error) == PATROL_OK);
    CHECK(statuses[0] == PATROL_OK && statuses[1] == PATROL_ERROR_INVALID_NUMBER && statuses[2] == PATROL_OK);
    CHECK(errors[0].status == 0 && errors[1].status == PATROL_ERROR_INVALID_NUMBER && errors[2].status == 0);
    CHECK(memcmp(&answers[1], &requests[1].answer, sizeof answers[1]) == 0);
    for (k = 0; k < COUNT; k += 2) {
        request_init(&alone);
        if (k == 2) request_add_all(&alone);
        alone.options = options;
        MUST(request_decide(&alone, session, error));
        requests[k].answer = answers[k];
        CHECK(request_agrees(&alone, &requests[k]));
    }
    CHECK(patrol_decide_many(session, snapshots, sizeof *snapshots, COUNT, &options, answers, sizeof *answers, statuses,
                             NULL, NULL) == PATROL_OK);
    CHECK(patrol_decide_many(session, NULL, 0, 0, NULL, NULL, 0, NULL, NULL, &error) == PATROL_OK);
    CHECK(patrol_decide_many(NULL, snapshots, sizeof *snapshots, COUNT, NULL, answers, sizeof *answers, statuses,
                             errors, &error) == PATROL_ERROR_INVALID_ARGUMENT);
    CHECK(patrol_decide_many(session, NULL, 0, COUNT, NULL, answers, sizeof *answers, statuses, errors, &error) ==
          PATROL_ERROR_INVALID_ARGUMENT);
    CHECK(patrol_decide_many(session, snapshots, sizeof *snapshots, COUNT, NULL, NULL, 0, statuses, errors, &error) ==
          PATROL_ERROR_INVALID_ARGUMENT);
    CHECK(patrol_decide_many(session, snapshots, sizeof *snapshots, COUNT, NULL, answers, 0, NULL, errors, &error) ==
          PATROL_ERROR_INVALID_ARGUMENT);
    CHECK(patrol_decide_many(session, snapshots, 8, COUNT, NULL, answers, sizeof *answers, statuses, errors, &error) ==
          PATROL_ERROR_INVALID_ARGUMENT);
    CHECK(patrol_decide_many(session, snapshots, 0, SIZE_MAX, NULL, answers, sizeof *answers, statuses, errors,
                             &error) == PATROL_ERROR_INVALID_ARGUMENT);
}

/* Structs of a later header: longer elements in, longer elements out, longer structs whose tail is zero. */
static void check_later_callers(patrol_session *session) {
    struct later_unit {
        patrol_unit unit;
        uint64_t tail;
    } units[REQUEST_UNITS];
    struct later_incident {
        patrol_incident incident;
        uint64_t tail;
    } incidents[REQUEST_INCIDENTS];
    struct later_move {
        patrol_move move;
        uint64_t tail;
    } moves[REQUEST_UNITS];
    struct later_assignment {
        patrol_assignment assignment;
        uint64_t tail;
    } assignments[REQUEST_UNITS];
    struct later_wait {
        patrol_wait wait;
        uint64_t tail;
    } waits[REQUEST_INCIDENTS];
    struct later_snapshot {
        patrol_snapshot snapshot;
        uint64_t tail;
    } snapshot;
    struct later_answer {
        patrol_answer answer;
        uint64_t tail;
    } answer;
    static request plain;
    size_t index;
    request_init(&plain);
    MUST(request_decide(&plain, session, error));

    memset(&units, 0, sizeof units);
    memset(&incidents, 0, sizeof incidents);
    memset(&moves, 0xA5, sizeof moves);
    memset(&assignments, 0xA5, sizeof assignments);
    memset(&waits, 0xA5, sizeof waits);
    for (index = 0; index < REQUEST_UNITS; index += 1) units[index].unit = plain.units[index];
    for (index = 0; index < REQUEST_INCIDENTS; index += 1) incidents[index].incident = plain.incidents[index];
    snapshot.snapshot = plain.snapshot;
    snapshot.snapshot.struct_size = sizeof snapshot;
    snapshot.snapshot.units = &units[0].unit;
    snapshot.snapshot.unit_stride = sizeof units[0];
    snapshot.snapshot.incidents = &incidents[0].incident;
    snapshot.snapshot.incident_stride = sizeof incidents[0];
    snapshot.tail = 0;
    answer.answer = plain.answer;
    answer.answer.struct_size = sizeof answer;
    answer.answer.moves = &moves[0].move;
    answer.answer.move_stride = sizeof moves[0];
    answer.answer.assignments = &assignments[0].assignment;
    answer.answer.assignment_stride = sizeof assignments[0];
    answer.answer.waits = &waits[0].wait;
    answer.answer.wait_stride = sizeof waits[0];
    answer.tail = 0;
    MUST(patrol_decide(session, &snapshot.snapshot, &plain.options, &answer.answer, error));

    CHECK(answer.answer.assignment_count == plain.answer.assignment_count);
    CHECK(answer.answer.wait_count == plain.answer.wait_count);
    CHECK(answer.answer.objective == plain.answer.objective);
    for (index = 0; index < plain.answer.move_count; index += 1) {
        CHECK(memcmp(&moves[index].move, &plain.moves[index], sizeof(patrol_move)) == 0);
        CHECK(moves[index].tail == 0xA5A5A5A5A5A5A5A5u);
    }
    for (index = 0; index < plain.answer.assignment_count; index += 1)
        CHECK(memcmp(&assignments[index].assignment, &plain.assignments[index], sizeof(patrol_assignment)) == 0);
    for (index = 0; index < plain.answer.wait_count; index += 1)
        CHECK(memcmp(&waits[index].wait, &plain.waits[index], sizeof(patrol_wait)) == 0);
}

/* One task alone needs, and writes, its own buffers only. */
static void check_tasks(patrol_session *session) {
    static request r;
    request_init(&r);
    r.options.tasks = PATROL_TASK_PATROL;
    r.answer.assignments = NULL;
    r.answer.waits = NULL;
    r.answer.assignment_capacity = r.answer.wait_capacity = 0;
    MUST(request_decide(&r, session, error));
    CHECK(r.answer.move_count == REQUEST_UNITS && r.answer.assignment_count == 0 && r.answer.wait_count == 0);
    CHECK(r.answer.solver_status == PATROL_SOLVER_NOT_ASKED);

    request_init(&r);
    r.options.tasks = PATROL_TASK_DISPATCH;
    r.answer.moves = NULL;
    r.answer.move_capacity = 0;
    MUST(request_decide(&r, session, error));
    CHECK(r.answer.move_count == 0 && r.answer.assignment_count >= 1);
}

/* Nobody on duty, nobody at all, nothing to do, everything closed: all are situations, none is an error. */
static void check_limits(patrol_session *session) {
    static request r;
    static const int32_t cancelled = 1;
    size_t index;
    request_init(&r);
    r.snapshot.unit_count = 0;
    r.snapshot.units = NULL;
    r.answer.moves = NULL;
    r.answer.assignments = NULL;
    r.answer.move_capacity = r.answer.assignment_capacity = 0;
    MUST(request_decide(&r, session, error));
    CHECK(r.answer.move_count == 0 && r.answer.assignment_count == 0 && r.answer.wait_count == REQUEST_INCIDENTS);
    CHECK(r.waits[0].incident_id == 500 && r.waits[0].units_missing == 1);
    CHECK(r.waits[0].reason == PATROL_WAIT_NO_ELIGIBLE_UNIT);

    request_init(&r);
    r.snapshot.incident_count = 0;
    r.snapshot.incidents = NULL;
    for (index = 0; index < REQUEST_UNITS; index += 1) r.units[index].status = PATROL_UNIT_OFF_DUTY;
    MUST(request_decide(&r, session, error));
    CHECK(r.answer.move_count == REQUEST_UNITS && r.answer.assignment_count == 0 && r.answer.wait_count == 0);
    for (index = 0; index < REQUEST_UNITS; index += 1) {
        CHECK(r.moves[index].reason == PATROL_MOVE_NOT_FREE);
        CHECK(r.moves[index].target_node == PATROL_NO_NODE && r.moves[index].next_node == PATROL_NO_NODE);
    }

    request_init(&r);
    request_add_all(&r);
    for (index = 0; index < REQUEST_UNITS * REQUEST_INCIDENTS; index += 1) r.travel_seconds[index] = INFINITY;
    MUST(request_decide(&r, session, error));
    CHECK(r.answer.assignment_count == 0 && r.answer.wait_count == REQUEST_INCIDENTS);

    request_init(&r);
    r.options.cancel = &cancelled;
    MUST(request_decide(&r, session, error)); /* cancelled from the start: still an answer that keeps the rules */
    CHECK(r.answer.assignment_count >= 1);

    request_init(&r); /* a need that no unit can meet, and one that a single unit can */
    r.incidents[0].required_capabilities = 8;
    r.incidents[1].required_capabilities = 2;
    r.units[2].capabilities = 2;
    MUST(request_decide(&r, session, error));
    CHECK(r.answer.assignment_count <= 1 && r.waits[0].incident_id == 500);
    CHECK(r.waits[0].reason == PATROL_WAIT_NO_ELIGIBLE_UNIT);
    CHECK(r.answer.assignment_count == 0 || r.assignments[0].unit_id == 7002);
}

/* Three units, an urgent call, and one that may be held: served only while so many units are left beside the urgent one's. */
static void check_holding(void) {
    static request r;
    static const float limits[][2 * CITY_CATEGORIES] = {
        {INFINITY, 0, INFINITY, 0}, {0, 0, 0, INFINITY}, {0, 44, 0, 44}, {0, 44, 0, 45}};
    static const size_t served[] = {1, 2, 1, 2};
    size_t k;
    for (k = 0; k < 4; k += 1) {
        patrol_area *area = city_area();
        patrol_engine *engine = NULL;
        patrol_session *session = NULL;
        patrol_engine_options options = PATROL_ENGINE_OPTIONS_INIT;
        float mine[2 * CITY_CATEGORIES];
        memcpy(mine, limits[k], sizeof mine);
        options.hold_rows = 2;
        options.hold_travel_seconds = mine;
        MUST(patrol_engine_create(area, NULL, &options, &engine, error));
        memset(mine, 0, sizeof mine); /* copied */
        MUST(patrol_session_create(engine, 4, 4, &session, error));
        request_init(&r);
        MUST(request_decide(&r, session, error));
        CHECK(r.answer.assignment_count == served[k] && r.answer.wait_count == 2 - served[k]);
        CHECK(served[k] == 2 || (r.waits[0].incident_id == 501 && r.waits[0].reason == PATROL_WAIT_HELD));
        patrol_session_destroy(session);
        patrol_engine_destroy(engine);
        patrol_area_destroy(area);
    }
}

static patrol_session *session_of(const city *c) {
    static const float limits[2 * CITY_CATEGORIES] = {60, 200, 120, 200};
    patrol_engine_options options = PATROL_ENGINE_OPTIONS_INIT;
    patrol_area *area = NULL;
    patrol_engine *engine = NULL;
    patrol_session *session = NULL;
    options.hold_rows = 2;
    options.hold_travel_seconds = limits;
    MUST(patrol_area_create(&c->arrays, &c->options, &area, error));
    MUST(patrol_engine_create(area, policy, &options, &engine, error));
    MUST(patrol_session_create(engine, 4, 4, &session, error));
    patrol_engine_destroy(engine);
    patrol_area_destroy(area);
    return session;
}

static void decide_at(request *r, patrol_session *session, double hour, int with_host) {
    request_init(r);
    if (with_host) r->snapshot.travel_seconds = r->travel_seconds;
    r->travel_seconds[1] = 77.0f;
    r->units[2].seconds_to_node = 20.0f;
    r->snapshot.time_seconds = 3600.0 * hour;
    MUST(request_decide(r, session, error));
}

/* At an hour with factors, as on roads whose every edge takes so much longer: to the bit, the factors being powers of two. At the
 * others as without; a host's own times are taken as they are. */
static void check_travel_factors(void) {
    static city usual, slow, factored;
    static request one, other;
    patrol_session *as_usual, *on_slow, *by_hour;
    size_t edge;
    int with_host;
    city_init(&usual);
    city_init(&slow);
    city_init(&factored);
    for (edge = 0; edge < CITY_EDGES; edge += 1)
        slow.patrol_seconds[edge] *= 2.0f, slow.emergency_seconds[edge] *= 4.0f;
    factored.travel_factors[32] = 2.0f; /* Tuesday 8:00 to 9:00 */
    factored.travel_factors[PATROL_WEEK_HOURS + 32] = 4.0f;
    factored.arrays.travel_factors = factored.travel_factors;
    as_usual = session_of(&usual), on_slow = session_of(&slow), by_hour = session_of(&factored);
    for (with_host = 0; with_host < 2; with_host += 1) {
        decide_at(&one, on_slow, 32.99, with_host);
        decide_at(&other, by_hour, 32.99, with_host);
        CHECK(request_agrees(&one, &other));
        decide_at(&other, by_hour, 32.99 + PATROL_WEEK_HOURS, with_host);
        CHECK(one.assignments[0].travel_seconds == other.assignments[0].travel_seconds);
        decide_at(&other, as_usual, 32.99, with_host);
        CHECK(!request_agrees(&one, &other));
        decide_at(&one, by_hour, 33.0, with_host);
        decide_at(&other, as_usual, 33.0, with_host);
        CHECK(request_agrees(&one, &other));
    }
    patrol_session_destroy(as_usual);
    patrol_session_destroy(on_slow);
    patrol_session_destroy(by_hour);
}

static void check_look_inside(patrol_session *session) {
    static request r;
    patrol_candidate candidates[CITY_NODES];
    patrol_pair pairs[REQUEST_UNITS * REQUEST_INCIDENTS];
    static float candidate_features[CITY_NODES * PATROL_CANDIDATE_FEATURES];
    static float pair_features[REQUEST_UNITS * REQUEST_INCIDENTS * PATROL_PAIR_FEATURES];
    static float deltas[REQUEST_UNITS * REQUEST_INCIDENTS * PATROL_STATE_FEATURES], state[PATROL_STATE_FEATURES];
    float values[CITY_NODES];
    size_t count = 0, index;
    request_init(&r);
    MUST(patrol_unit_candidates(session, &r.snapshot, 7001, candidates, CITY_NODES, sizeof *candidates, &count,
                                candidate_features, error));
    CHECK(count == 5 && candidates[0].node == 4 && candidates[0].travel_seconds == 0.0f);
    MUST(patrol_policy_evaluate(policy, "patrol", count, PATROL_CANDIDATE_FEATURES, candidate_features, values, error));
    for (index = 0; index < count; index += 1) CHECK(values[index] == candidates[index].value);

    MUST(patrol_eligible_pairs(session, &r.snapshot, pairs, REQUEST_UNITS * REQUEST_INCIDENTS, sizeof *pairs, &count,
                               pair_features, deltas, state, error));
    CHECK(count == REQUEST_UNITS * REQUEST_INCIDENTS);
    MUST(patrol_policy_evaluate(policy, "pair", count, PATROL_PAIR_FEATURES, pair_features, values, error));
    for (index = 0; index < count; index += 1) {
        CHECK(pairs[index].unit < REQUEST_UNITS && pairs[index].incident < REQUEST_INCIDENTS);
        CHECK(pairs[index].reward <= 0.0 && isfinite(pairs[index].travel_seconds));
        CHECK(values[index] == pairs[index].value);
    }
    for (index = 0; index < PATROL_STATE_FEATURES; index += 1) CHECK(isfinite(state[index]));
    MUST(patrol_eligible_pairs(session, &r.snapshot, NULL, 0, 0, &count, NULL, NULL, NULL, error));
    CHECK(count == REQUEST_UNITS * REQUEST_INCIDENTS);
}

/* With time the questions have the answers that they have without a clock; cancelled, they have none; bad rows may be refused. */
static void check_questions_within(patrol_session *session) {
    static const int32_t cancelled = 1;
    static request r;
    static char text[1 << 20], again[1 << 20];
    patrol_candidate candidates[2][CITY_NODES];
    patrol_pair pairs[2][REQUEST_UNITS * REQUEST_INCIDENTS];
    patrol_ranked_unit ranked[2][REQUEST_UNITS];
    patrol_decide_options *options = &r.options;
    const size_t most = REQUEST_UNITS * REQUEST_INCIDENTS;
    size_t count = 0, within = 0;
    patrol_error failure;
    request_init(&r);
    memset(candidates, 0, sizeof candidates);
    memset(pairs, 0, sizeof pairs);
    memset(ranked, 0, sizeof ranked);
    options->deadline_microseconds = 3600000000u;
    MUST(patrol_unit_candidates(session, &r.snapshot, 7001, candidates[0], CITY_NODES, 0, &count, NULL, error));
    MUST(patrol_unit_candidates_within(session, &r.snapshot, options, 7001, candidates[1], CITY_NODES, 0, &within, NULL,
                                       error));
    CHECK(count == within && memcmp(candidates[0], candidates[1], sizeof candidates[0]) == 0);
    MUST(patrol_eligible_pairs(session, &r.snapshot, pairs[0], most, 0, &count, NULL, NULL, NULL, error));
    MUST(patrol_eligible_pairs_within(session, &r.snapshot, options, pairs[1], most, 0, &within, NULL, NULL, NULL,
                                      error));
    CHECK(count == within && memcmp(pairs[0], pairs[1], sizeof pairs[0]) == 0);
    MUST(patrol_rank_units(session, &r.snapshot, 500, ranked[0], REQUEST_UNITS, 0, &count, error));
    MUST(patrol_rank_units_within(session, &r.snapshot, options, 500, ranked[1], REQUEST_UNITS, 0, &within, error));
    CHECK(count == within && memcmp(ranked[0], ranked[1], sizeof ranked[0]) == 0);
    MUST(patrol_write_program(session, &r.snapshot, text, sizeof text, &count, error));
    MUST(patrol_write_program_within(session, &r.snapshot, options, again, sizeof again, &within, error));
    CHECK(count == within && memcmp(text, again, count) == 0);

    options->deadline_microseconds = 0;
    options->cancel = &cancelled;
    CHECK(patrol_unit_candidates_within(session, &r.snapshot, options, 7001, candidates[1], CITY_NODES, 0, &within,
                                        NULL, &failure) == PATROL_ERROR_NO_TIME);
    CHECK(patrol_eligible_pairs_within(session, &r.snapshot, options, pairs[1], most, 0, &within, NULL, NULL, NULL,
                                       &failure) == PATROL_ERROR_NO_TIME);
    CHECK(patrol_rank_units_within(session, &r.snapshot, options, 500, ranked[1], REQUEST_UNITS, 0, &within,
                                   &failure) == PATROL_ERROR_NO_TIME);
    CHECK(patrol_write_program_within(session, &r.snapshot, options, again, sizeof again, &within, &failure) ==
          PATROL_ERROR_NO_TIME);
    CHECK(strstr(failure.message, "ended the call before it had an answer") != NULL);

    options->cancel = NULL;
    options->bad_rows = PATROL_BAD_ROWS_REFUSE;
    r.units[2].status = 77;
    CHECK(patrol_rank_units_within(session, &r.snapshot, options, 500, ranked[1], REQUEST_UNITS, 0, &within,
                                   &failure) == PATROL_ERROR_INVALID_ARGUMENT);
    CHECK(strstr(failure.message, "units[2].status") != NULL);
}

/* Each assignment is explained, the unit sent ranks among the eligible, and the program names what is decided. */
static void check_questions(patrol_session *session) {
    static request r, again;
    static char text[1 << 20];
    patrol_explanation explanations[REQUEST_UNITS];
    patrol_ranked_unit ranked[REQUEST_UNITS];
    size_t count = 0, index, place;
    request_init(&r);
    MUST(request_decide(&r, session, error));
    MUST(patrol_explain(session, &r.snapshot, &r.options, explanations, REQUEST_UNITS, sizeof *explanations, &count,
                        error));
    CHECK(count == r.answer.assignment_count);
    for (index = 0; index < count; index += 1) {
        CHECK(explanations[index].unit_id == r.assignments[index].unit_id);
        CHECK(explanations[index].incident_id == r.assignments[index].incident_id);
        CHECK(explanations[index].runner_up_unit_id != explanations[index].unit_id);
        CHECK(explanations[index].objective_loss >= -1e-6 * fabs(r.answer.objective));
        CHECK(explanations[index].reward == r.assignments[index].reward);
        CHECK(explanations[index].reserved == 0);
    }
    MUST(patrol_rank_units(session, &r.snapshot, 500, ranked, REQUEST_UNITS, sizeof *ranked, &count, error));
    CHECK(count == REQUEST_UNITS);
    for (place = 1; place < count; place += 1) CHECK(ranked[place - 1].worth >= ranked[place].worth);
    MUST(patrol_rank_units(session, &r.snapshot, 500, ranked, 1, sizeof *ranked, &count, error));
    CHECK(count == 1);

    MUST(patrol_write_program(session, &r.snapshot, NULL, 0, &count, error));
    CHECK(count > 0 && count < sizeof text);
    index = count;
    MUST(patrol_write_program(session, &r.snapshot, text, sizeof text - 1, &count, error));
    CHECK(count == index);
    CHECK(strstr(text, "aximi") != NULL && strstr(text, "x_0_0") != NULL && strstr(text, "x_2_1") != NULL);

    request_init(&again); /* the questions leave the session as it was */
    MUST(request_decide(&again, session, error));
    CHECK(request_agrees(&again, &r));
}

int main(void) {
    patrol_session *heuristic = city_session(NULL), *learned;
    policy = good_policy();
    learned = city_session(policy);
    check_repeats(learned, 0);
    check_repeats(learned, 1);
    check_many(learned);
    check_many(heuristic);
    check_later_callers(learned);
    check_tasks(learned);
    check_tasks(heuristic);
    check_limits(heuristic);
    check_holding();
    check_travel_factors();
    check_look_inside(learned);
    check_questions(learned);
    check_questions(heuristic);
    check_questions_within(learned);
    check_questions_within(heuristic);
    patrol_session_destroy(learned);
    patrol_session_destroy(heuristic);
    patrol_policy_destroy(policy);
    return check_done("decisions");
}
