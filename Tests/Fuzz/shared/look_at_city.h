/* What patrol.h promises of areas, policies and engines (its sections 1 to 6). */
#ifndef LOOK_AT_CITY_H
#define LOOK_AT_CITY_H

#include "answers.h"
#include "source.h"
#include <math.h>

typedef int32_t node_list(const patrol_area *, uint32_t *, size_t, size_t *, patrol_error *);

/* Nodes of the area in ascending order, as many as it says. */
static void look_at_nodes(const patrol_area *area, node_list *list, uint32_t expected, uint32_t node_count) {
    patrol_error error;
    size_t count = 99, known = 0, k;
    uint32_t *nodes = exact(expected, sizeof *nodes);
    SUCCEEDS(list(area, NULL, 0, &count, &error));
    HOLDS(count == expected);
    SUCCEEDS(list(area, nodes, expected, &known, &error));
    HOLDS(known == expected);
    for (k = 0; k < known; k += 1) HOLDS(nodes[k] < node_count && (k == 0 || nodes[k - 1] < nodes[k]));
    if (expected == 0) return;
    HOLDS(list(area, nodes, expected - 1, &known, &error) == (expected == 1 ? PATROL_OK : PATROL_ERROR_CAPACITY));
}

static void look_at_nearest(source *s, const patrol_area *area, const world *w) {
    patrol_error error;
    double xy[4] = {number(s, 10.0f), -(double)number(s, 10.0f), number(s, 10.0f), 0.0};
    uint32_t nodes[2] = {99, 99};
    float metres[2] = {-1.0f, -1.0f};
    int32_t status = patrol_area_nearest_nodes(area, xy, 2, nodes, metres, &error);
    size_t k;
    if (status != PATROL_OK) {
        check_refused(status, &error);
        HOLDS(nodes[0] == 99 && nodes[1] == 99 && metres[0] == -1.0f && metres[1] == -1.0f);
        HOLDS((status == PATROL_ERROR_UNSUPPORTED) == (w->coordinates == PATROL_COORDINATES_NONE));
        return;
    }
    HOLDS(w->coordinates != PATROL_COORDINATES_NONE);
    for (k = 0; k < 2; k += 1)
        HOLDS(nodes[k] < w->nodes && metres[k] >= 0.0f && (isfinite(metres[k]) || nodes[k] == 0));
}

static void look_at_path(source *s, const patrol_area *area, const world *w) {
    patrol_error error;
    uint32_t from = draw(s, w->nodes), to = draw(s, w->nodes), mode = draw(s, 2), pair[2], *nodes;
    float table[4] = {-1.0f, -1.0f, -1.0f, -1.0f}, seconds = -1.0f;
    size_t count = 0, known;
    int32_t status;
    pair[0] = from, pair[1] = to;
    SUCCEEDS(patrol_area_travel_times(area, mode, pair, 2, pair, 2, table, &error));
    HOLDS(table[0] == 0.0f && table[3] == 0.0f && table[1] >= 0.0f && table[2] >= 0.0f);
    status = patrol_area_path(area, mode, from, to, NULL, 0, &count, &seconds, &error);
    HOLDS((status == PATROL_OK) == (isfinite(table[1]) != 0));
    if (status != PATROL_OK) {
        check_refused(status, &error);
        HOLDS(status == PATROL_ERROR_UNREACHABLE);
        return;
    }
    HOLDS(seconds == table[1]);
    nodes = exact(count, sizeof *nodes);
    SUCCEEDS(patrol_area_path(area, mode, from, to, nodes, count, &known, &seconds, &error));
    HOLDS(known == count && nodes[0] == from && nodes[count - 1] == to && seconds >= 0.0f && isfinite(seconds));
}

static void look_at_area(source *s, const patrol_area *area, const world *w) {
    patrol_error error;
    patrol_area_info info = PATROL_AREA_INFO_INIT;
    float factors[2 * PATROL_WEEK_HOURS];
    size_t k;
    SUCCEEDS(patrol_area_get_info(area, &info, &error));
    HOLDS(info.node_count == w->nodes && info.patrol_location_count >= 1 && info.demand_point_count >= 1);
    HOLDS(isfinite(info.calls_per_hour) && info.calls_per_hour >= 0.0);
    SUCCEEDS(patrol_area_get_travel_factors(area, factors, &error));
    for (k = 0; k < 2 * PATROL_WEEK_HOURS; k += 1) HOLDS(factors[k] >= 0.1f && factors[k] <= 10.0f);
    look_at_nodes(area, patrol_area_get_patrol_locations, info.patrol_location_count, w->nodes);
    look_at_nodes(area, patrol_area_get_demand_points, info.demand_point_count, w->nodes);
    look_at_nearest(s, area, w);
    look_at_path(s, area, w);
}

/* A row's result does not depend on the rows around it. */
static void evaluate(source *s, const patrol_policy *policy, const char *network, size_t width, int has) {
    patrol_error error;
    float *input = exact(3 * width, sizeof *input), output[3] = {7.0f, 7.0f, 7.0f}, alone = 7.0f;
    size_t k, row = draw(s, 3);
    int32_t status;
    for (k = 0; k < 3 * width; k += 1) input[k] = k < 24 ? number(s, 2.0f) : input[k % 24];
    status = patrol_policy_evaluate(policy, network, 3, width, input, output, &error);
    if (status != PATROL_OK) {
        check_refused(status, &error);
        HOLDS(status == (has ? PATROL_ERROR_INVALID_ARGUMENT : PATROL_ERROR_UNKNOWN_NAME) && output[0] == 7.0f);
        return;
    }
    HOLDS(has);
    SUCCEEDS(patrol_policy_evaluate(policy, network, 1, width, input + row * width, &alone, &error));
    HOLDS(memcmp(&alone, &output[row], sizeof alone) == 0 || (isnan(alone) && isnan(output[row])));
}

static void look_at_policy(source *s, const patrol_policy *policy) {
    patrol_error error;
    patrol_policy_info info = PATROL_POLICY_INFO_INIT;
    const char *name = NULL, *other = NULL;
    uint64_t shape[8];
    uint32_t rank = 99, k;
    SUCCEEDS(patrol_policy_get_info(policy, &info, &error));
    HOLDS(info.networks >= 1 && info.networks <= 7 && info.tensor_count >= 1);
    for (k = 0; k < info.tensor_count; k += 1) {
        SUCCEEDS(patrol_policy_get_tensor(policy, k, &name, &other, shape, &rank, &error));
        HOLDS(strlen(name) > 0 && strlen(other) >= 2 && rank <= 8);
    }
    for (k = 0; k < info.metadata_count; k += 1) {
        SUCCEEDS(patrol_policy_get_metadata(policy, k, &name, &other, &error));
        HOLDS(strlen(name) + strlen(other) < 1 << 16);
    }
    name = NULL;
    check_refused(patrol_policy_get_tensor(policy, info.tensor_count, &name, NULL, NULL, &rank, &error), &error);
    check_refused(patrol_policy_get_metadata(policy, info.metadata_count, &name, NULL, &error), &error);
    HOLDS(name == NULL);
    evaluate(s, policy, "patrol", PATROL_CANDIDATE_FEATURES, info.networks & PATROL_POLICY_HAS_PATROL);
    evaluate(s, policy, "pair", PATROL_PAIR_FEATURES, info.networks & PATROL_POLICY_HAS_PAIR);
    evaluate(s, policy, "value", PATROL_STATE_FEATURES, info.networks & PATROL_POLICY_HAS_VALUE);
}

/* A session of any size, which an empty snapshot is decided in. */
static void look_at_engine(source *s, const patrol_engine *engine) {
    static const patrol_snapshot nothing = PATROL_SNAPSHOT_INIT;
    patrol_error error;
    patrol_session *session = NULL;
    patrol_answer answer = PATROL_ANSWER_INIT;
    uint32_t units = 1 + draw(s, 40), incidents = draw(s, 40), is_measured = draw(s, 64) == 1;
    uint64_t bytes = 0, microseconds = 0;
    SUCCEEDS(patrol_session_bytes(engine, units, incidents, &bytes, &error));
    HOLDS(bytes > 0);
    SUCCEEDS(patrol_session_create(engine, units, incidents, &session, &error));
    if (is_measured) {
        SUCCEEDS(patrol_session_least_deadline(session, &microseconds, &error));
        HOLDS(microseconds > 0);
    }
    SUCCEEDS(patrol_decide(session, &nothing, NULL, &answer, &error));
    HOLDS(answer.move_count == 0 && answer.assignment_count == 0 && answer.wait_count == 0);
    counted_decisions += 1;
    patrol_session_destroy(session);
}

#endif
