/* What is allowed at its edges: dead ends, edges of no length, weights as far apart as they may be. */
#include "files.h"

/* Streets of no length: every node of the path is named, whichever way the indices run. */
static void check_paths(void) {
    city c;
    patrol_area *area = NULL;
    uint32_t nodes[CITY_NODES], k;
    size_t count = 0;
    float seconds = -1.0f;
    city_init(&c);
    for (k = 0; k < CITY_EDGES; k += 1) c.patrol_seconds[k] = 0.0f;
    MUST(patrol_area_create(&c.arrays, NULL, &area, error));
    MUST(patrol_area_path(area, PATROL_MODE_PATROL, 0, 8, nodes, CITY_NODES, &count, &seconds, error));
    CHECK(count >= 5 && count <= CITY_NODES && seconds == 0.0f && nodes[0] == 0 && nodes[count - 1] == 8);
    MUST(patrol_area_path(area, PATROL_MODE_PATROL, 8, 0, nodes, CITY_NODES, &count, &seconds, error));
    CHECK(count >= 5 && count <= CITY_NODES && seconds == 0.0f && nodes[0] == 8 && nodes[count - 1] == 0);
    patrol_area_destroy(area);
}

/* Node 8 can be reached and never left, and is no patrol location: a unit stands there, another is bound for it. */
static void check_dead_end(void) {
    static const char *policies[] = {"learned",           "stay",        "random_walk",
                                     "demand_walk",       "fixed_posts", "compliance_table",
                                     "marginal_coverage", "dmexclp",     "backup_coverage"};
    static city c;
    static request r;
    patrol_policy *policy = good_policy();
    patrol_area *area = NULL;
    uint32_t edge, kept = 0, k;
    city_init(&c);
    for (edge = 0; edge < CITY_EDGES; edge += 1) {
        if (c.edges[2 * edge] == 8) continue;
        c.edges[2 * kept] = c.edges[2 * edge];
        c.edges[2 * kept + 1] = c.edges[2 * edge + 1];
        kept += 1;
    }
    c.arrays.edge_count = kept;
    c.arrays.patrol_location_count = CITY_NODES - 1;
    MUST(patrol_area_create(&c.arrays, NULL, &area, error));
    for (k = 0; k < 2 * sizeof policies / sizeof *policies; k += 1) {
        patrol_engine_options options = PATROL_ENGINE_OPTIONS_INIT;
        patrol_engine *engine = NULL;
        patrol_session *session = NULL;
        options.patrol_policy = policies[k / 2];
        options.home_beat_patrol = k % 2;
        MUST(patrol_engine_create(area, policy, &options, &engine, error));
        MUST(patrol_session_create(engine, 4, 4, &session, error));
        request_init(&r);
        r.options.tasks = PATROL_TASK_PATROL;
        r.units[0].node = 8;
        r.units[0].home_beat = 0;
        r.units[1].node = 5;
        r.units[1].target_node = 8;
        r.units[1].home_beat = 1;
        r.units[2].node = 7;
        r.units[2].target_node = 8;
        r.units[2].home_beat = 0;
        MUST(request_decide(&r, session, error));
        CHECK(r.moves[0].target_node == 8 && r.moves[0].reason == PATROL_MOVE_NO_CHOICE);
        CHECK(r.moves[1].target_node < CITY_NODES && isfinite(r.moves[1].value) && isfinite(r.moves[1].gain));
        CHECK(r.moves[2].target_node < CITY_NODES && (k % 2 == 0 || r.moves[2].target_node != 8));
        patrol_session_destroy(session);
        patrol_engine_destroy(engine);
    }
    patrol_area_destroy(area);
    patrol_policy_destroy(policy);
}

/* A call a billion times as heavy as the mean one, which is next to nothing: what the networks see stays finite. */
static void check_weights(void) {
    static city c;
    static request r;
    static patrol_pair pairs[REQUEST_UNITS * REQUEST_INCIDENTS];
    static float features[REQUEST_UNITS * REQUEST_INCIDENTS * PATROL_PAIR_FEATURES];
    static float deltas[REQUEST_UNITS * REQUEST_INCIDENTS * PATROL_STATE_FEATURES], state[PATROL_STATE_FEATURES];
    patrol_policy *policy = good_policy();
    patrol_area *area = NULL;
    patrol_engine *engine = NULL;
    patrol_session *session = NULL;
    size_t count = 0, k;
    city_init(&c);
    c.weights[0] = c.weights[1] = 1e-45f;
    MUST(patrol_area_create(&c.arrays, NULL, &area, error));
    MUST(patrol_engine_create(area, policy, NULL, &engine, error));
    MUST(patrol_session_create(engine, 4, 4, &session, error));
    request_init(&r);
    r.incidents[0].weight = 1e9f;
    MUST(patrol_eligible_pairs(session, &r.snapshot, pairs, REQUEST_UNITS * REQUEST_INCIDENTS, sizeof *pairs, &count,
                               features, deltas, state, error));
    CHECK(count == REQUEST_UNITS * REQUEST_INCIDENTS);
    for (k = 0; k < count * PATROL_PAIR_FEATURES; k += 1) CHECK(isfinite(features[k]));
    for (k = 0; k < count * PATROL_STATE_FEATURES; k += 1) CHECK(isfinite(deltas[k]));
    for (k = 0; k < PATROL_STATE_FEATURES; k += 1) CHECK(isfinite(state[k]));
    MUST(request_decide(&r, session, error));
    CHECK(isfinite(r.answer.objective) && isfinite(r.answer.bound) && r.answer.bound >= r.answer.objective);
    patrol_session_destroy(session);
    patrol_engine_destroy(engine);
    patrol_area_destroy(area);
    patrol_policy_destroy(policy);
}

/* Discounting so slow that it hardly counts is no discounting. */
static void check_discount(void) {
    static const float rates[] = {0.0f, 1e-45f, 1e-18f};
    static request r;
    double rewards[3];
    size_t k;
    patrol_area *area = city_area();
    for (k = 0; k < 3; k += 1) {
        patrol_engine_options options = PATROL_ENGINE_OPTIONS_INIT;
        patrol_engine *engine = NULL;
        patrol_session *session = NULL;
        options.discount_rate = rates[k];
        MUST(patrol_engine_create(area, NULL, &options, &engine, error));
        MUST(patrol_session_create(engine, 4, 4, &session, error));
        request_init(&r);
        MUST(request_decide(&r, session, error));
        rewards[k] = r.assignments[0].reward;
        patrol_session_destroy(session);
        patrol_engine_destroy(engine);
    }
    CHECK(rewards[0] < 0.0);
    for (k = 1; k < 3; k += 1) CHECK(fabs(rewards[k] / rewards[0] - 1.0) < 1e-12);
    patrol_area_destroy(area);
}

/* More pairs than are kept: each call has its nearest units. */
static void check_nearest_pairs(void) {
    enum { MANY = 600, NEAREST = 262144 / MANY + 1 };
    static patrol_unit units[MANY];
    static patrol_incident calls[MANY];
    static float seconds[MANY * MANY], farthest[MANY];
    static uint8_t listed[MANY * MANY];
    static patrol_pair pairs[MANY * MANY];
    patrol_snapshot snapshot = PATROL_SNAPSHOT_INIT;
    patrol_area *area = city_area();
    patrol_engine *engine = NULL;
    patrol_session *session = NULL;
    uint32_t seed = 1;
    size_t count = 0, k, nearer = 0, of_call[MANY] = {0};
    for (k = 0; k < MANY; k += 1) {
        patrol_unit_init(&units[k]);
        patrol_incident_init(&calls[k]);
        units[k].id = calls[k].id = k;
        units[k].node = calls[k].node = (uint32_t)(k % CITY_NODES);
    }
    for (k = 0; k < MANY * MANY; k += 1) {
        seed = seed * 1664525u + 1013904223u;
        seconds[k] = (float)(seed >> 8);
    }
    snapshot.units = units;
    snapshot.incidents = calls;
    snapshot.unit_count = snapshot.incident_count = MANY;
    snapshot.travel_seconds = seconds;
    MUST(patrol_engine_create(area, NULL, NULL, &engine, error));
    MUST(patrol_session_create(engine, MANY, MANY, &session, error));
    MUST(patrol_eligible_pairs(session, &snapshot, pairs, MANY * MANY, sizeof *pairs, &count, NULL, NULL, NULL, error));
    CHECK(count == MANY * NEAREST);
    for (k = 0; k < count; k += 1) {
        const uint32_t call = pairs[k].incident;
        listed[pairs[k].unit * MANY + call] = 1;
        of_call[call] += 1;
        if (pairs[k].travel_seconds > farthest[call]) farthest[call] = pairs[k].travel_seconds;
    }
    for (k = 0; k < MANY; k += 1) CHECK(of_call[k] == NEAREST);
    for (k = 0; k < MANY * MANY; k += 1) nearer += !listed[k] && seconds[k] < farthest[k % MANY];
    CHECK(nearer == 0);
    patrol_session_destroy(session);
    patrol_engine_destroy(engine);
    patrol_area_destroy(area);
}

int main(void) {
    check_paths();
    check_dead_end();
    check_weights();
    check_discount();
    check_nearest_pairs();
    return check_done("extremes");
}
