/* Areas, policies and engines from bytes. */
#ifndef MAKE_CITY_H
#define MAKE_CITY_H

#include "answers.h"
#include "files.h"
#include "source.h"

#define MOST_NODES 20

static patrol_area *make_area(source *s, world *w) {
    static const uint32_t periods[] = {1, 1, 24, 168};
    patrol_area_arrays a = PATROL_AREA_ARRAYS_INIT;
    patrol_area_options options = PATROL_AREA_OPTIONS_INIT;
    patrol_area_info info = PATROL_AREA_INFO_INIT;
    patrol_area *area = NULL;
    patrol_error error;
    uint32_t k, shape = draw(s, 4), rates;
    double *coordinates;
    uint32_t *edges, *demand, *locations;
    float *patrol, *emergency, *service, *weights, *calls, *factors;
    int32_t *beats, *groups;
    w->nodes = a.node_count = 1 + draw(s, MOST_NODES);
    a.edge_count = shape == 0 ? draw(s, 40) : 2 * a.node_count;
    a.coordinate_system = w->coordinates = draw(s, 3);
    coordinates = exact(2 * a.node_count, sizeof *coordinates);
    edges = exact(2 * a.edge_count, sizeof *edges);
    patrol = exact(a.edge_count, sizeof *patrol);
    emergency = exact(a.edge_count, sizeof *emergency);
    beats = exact(a.node_count, sizeof *beats);
    groups = exact(a.node_count, sizeof *groups);
    for (k = 0; k < a.edge_count; k += 1) {
        uint32_t from = k / 2, to = (from + 1) % a.node_count;
        edges[2 * k] = shape < 2 ? draw(s, a.node_count) : k % 2 ? to : from;
        edges[2 * k + 1] = shape < 2 ? draw(s, a.node_count) : shape == 3 && k % 2 ? (from + 3) % a.node_count
                           : k % 2 ? from : to;
        patrol[k] = number(s, 60.0f);
        emergency[k] = k % 4 == 0 ? number(s, 40.0f) : patrol[k];
        w->edge[k][0] = edges[2 * k];
        w->edge[k][1] = edges[2 * k + 1];
    }
    w->edges = a.edge_count;
    for (k = 0; k < a.node_count; k += 1) {
        coordinates[2 * k] = number(s, 10.0f) - 10.0f;
        coordinates[2 * k + 1] = (double)k;
        if (w->coordinates == PATROL_COORDINATES_GEOGRAPHIC) coordinates[2 * k] = fmod(coordinates[2 * k], 180.0);
        beats[k] = (int32_t)draw(s, 4) - 1;
        groups[k] = (int32_t)draw(s, 3);
        if (groups[k] >= (int32_t)w->groups) w->groups = (uint32_t)groups[k] + 1;
        if (beats[k] >= (int32_t)w->beats) w->beats = (uint32_t)beats[k] + 1;
    }
    a.coordinates = a.coordinate_system == PATROL_COORDINATES_NONE ? NULL : coordinates;
    a.edges = edges;
    a.edge_patrol_seconds = patrol;
    a.edge_emergency_seconds = draw(s, 2) ? emergency : NULL;
    if (draw(s, 3)) a.node_beats = beats; else w->beats = 0;
    if (draw(s, 2)) a.node_groups = groups; else w->groups = 1;
    w->categories = a.category_count = 1 + draw(s, 3);
    a.period_hours = periods[draw(s, 4)];
    service = exact(a.category_count, sizeof *service);
    weights = exact(a.category_count, sizeof *weights);
    for (k = 0; k < a.category_count; k += 1) {
        service[k] = positive(s, 900.0f);
        weights[k] = positive(s, 2.0f);
    }
    a.category_service_seconds = service;
    a.category_weights = draw(s, 3) ? weights : NULL;
    a.demand_node_count = draw(s, a.node_count + 1);
    demand = exact(a.demand_node_count, sizeof *demand);
    rates = a.demand_node_count * a.category_count * a.period_hours;
    calls = exact(rates, sizeof *calls);
    for (k = 0; k < a.demand_node_count; k += 1) demand[k] = a.node_count - 1 - k;
    for (k = 0; k < rates; k += 1) calls[k] = k < 16 ? number(s, 0.5f) : calls[k % 16];
    a.demand_nodes = draw(s, 2) ? demand : NULL;
    a.demand_calls_per_hour = calls;
    a.patrol_location_count = draw(s, 2) ? 0 : draw(s, a.node_count + 1);
    locations = exact(a.patrol_location_count, sizeof *locations);
    for (k = 0; k < a.patrol_location_count; k += 1) locations[k] = k;
    a.patrol_locations = locations;
    factors = exact(2 * PATROL_WEEK_HOURS, sizeof *factors);
    for (k = 0; k < 2 * PATROL_WEEK_HOURS; k += 1) factors[k] = k < 16 ? factor(s) : factors[k % 16];
    a.travel_factors = draw(s, 2) ? factors : NULL;
    options.max_demand_points = 1 + draw(s, MOST_NODES);
    options.patrol_spacing_seconds = positive(s, 90.0f);
    check_made(patrol_area_create(&a, &options, &area, &error), &error, &area);
    if (area != NULL) {
        SUCCEEDS(patrol_area_get_info(area, &info, &error));
        w->locations = info.patrol_location_count;
    }
    return area;
}

/* All three networks with weights of about `scale`; a general value has output weights of both signs. */
static void policy_file(tensor_file *file, float scale, int general, int anchors) {
    float w[64 * FILE_HIDDEN];
    size_t k;
    const float *weights = file_weights(general ? 9 : 4);
    for (k = 0; k < 64 * FILE_HIDDEN; k += 1) w[k] = weights[k] * scale;
    file_begin(file, POLICY_METADATA);
    file_tensor(file, "patrol.0.weight", "F32", "3,28", w, 3 * 28 * sizeof *w);
    file_tensor(file, "patrol.0.bias", "F32", "3", w + 7, 3 * sizeof *w);
    file_tensor(file, "patrol.2.weight", "F32", "1,3", w + 9, 3 * sizeof *w);
    file_tensor(file, "patrol.2.bias", "F32", "1", w + 2, sizeof *w);
    file_tensor(file, "pair.0.weight", "F32", "3,24", w, 3 * 24 * sizeof *w);
    file_tensor(file, "pair.0.bias", "F32", "3", w + 5, 3 * sizeof *w);
    file_tensor(file, "pair.2.weight", "F32", "1,3", w + 3, 3 * sizeof *w);
    file_tensor(file, "pair.2.bias", "F32", "1", w + 1, sizeof *w);
    file_tensor(file, "value.skip.weight", "F32", "1,64", w, 64 * sizeof *w);
    file_tensor(file, "value.skip.bias", "F32", "1", w, sizeof *w);
    file_tensor(file, "value.hidden.weight", "F32", "3,64", w, 3 * 64 * sizeof *w);
    file_tensor(file, "value.hidden.bias", "F32", "3", w + 11, 3 * sizeof *w);
    if (!general) for (k = 0; k < 64 * FILE_HIDDEN; k += 1) w[k] = -fabsf(w[k]);
    file_tensor(file, "value.output.weight", "F32", "1,3", w + 4, 3 * sizeof *w);
    if (anchors) {
        file_tensor(file, "value.anchor.weight", "F32", "2,6", w + 8, 12 * sizeof *w);
        file_tensor(file, "value.anchor.bias", "F32", "2", w + 6, 2 * sizeof *w);
        file_tensor(file, "value.anchor.output.weight", "F32", "1,2", w + 4, 2 * sizeof *w);
    }
    file_finish(file);
    if (general) file_replace(file, "concave", "general");
}

/* None, a good one, or one whose file has been tampered with (none where that is refused). */
static patrol_policy *make_policy(source *s) {
    static tensor_file file;
    static const float scales[] = {1.0f, 1.0f, 1e-38f, 1e6f, 1e19f, 3e38f};
    uint32_t kind = draw(s, 32), changes = draw(s, 8) == 0 ? draw(s, 16) : 0;
    patrol_policy *policy = NULL;
    patrol_error error;
    int32_t status;
    if (kind < 8) return NULL;
    policy_file(&file, scales[kind % 6], kind & 1, kind & 2);
    for (; changes > 0; changes -= 1) {
        size_t place = draw_pair(s) % file.length;
        file.bytes[place] = (unsigned char)draw(s, 256);
    }
    status = patrol_policy_load_memory(file.bytes, file.length, &policy, &error);
    check_made(status, &error, &policy);
    return policy;
}

static patrol_engine *make_engine(source *s, world *w, const patrol_area *area, const patrol_policy *policy) {
    static const char *patrols[] = {NULL, "learned", "stay", "random_walk", "demand_walk", "fixed_posts",
                                    "compliance_table", "marginal_coverage", "dmexclp", "backup_coverage"};
    static const char *dispatches[] = {NULL, "learned", "closest_fcfs", "priority_closest", "own_beat_first",
                                       "minimum_weighted_travel", "weighted_index", "learned"};
    patrol_engine_options o = PATROL_ENGINE_OPTIONS_INIT;
    patrol_engine *engine = NULL;
    patrol_error error;
    float *groups = exact(w->groups, sizeof *groups), *limits;
    uint32_t k;
    o.home_beat_patrol = draw(s, 2);
    o.patrol_policy = patrols[draw(s, 10)];
    o.dispatch_policy = dispatches[draw(s, 8)];
    if (policy == NULL && o.patrol_policy == patrols[1]) o.patrol_policy = NULL;
    if (policy == NULL && o.dispatch_policy != NULL && o.dispatch_policy[0] == 'l') o.dispatch_policy = NULL;
    for (k = 0; k < w->groups; k += 1) groups[k] = positive(s, 1.0f);
    if (draw(s, 3) == 0) o.group_weights = groups;
    o.seed = draw(s, 256);
    o.stay_seconds = positive(s, 60.0f);
    o.keep_target_gain = number(s, 0.01f);
    o.stale_position_seconds = limit(s, 60.0f);
    o.never_hold_priority = w->never_hold = (int32_t)draw(s, PATROL_PRIORITIES + 1);
    o.strict_priority = draw(s, 2);
    for (k = 0; k < PATROL_PRIORITIES; k += 1) o.longest_hold_seconds[k] = limit(s, 600.0f);
    o.maximum_travel_seconds = limit(s, 600.0f);
    o.shift_end_margin_seconds = draw(s, 3) ? 0.0f : number(s, 600.0f);
    o.own_beat_penalty_seconds = draw(s, 2) ? 0.0f : limit(s, 300.0f);
    o.reserve_per_beat = draw(s, 3);
    if (draw(s, 16) == 0) o.reserve_per_beat = 4096;
    o.reserve_price = limit(s, 1000.0f);
    for (k = 0; k < 64; k += 1) o.preemption[k / 8][k % 8] = (uint8_t)draw(s, 2);
    o.discount_rate = draw(s, 2) ? 2.52e-4f : number(s, 1e-4f);
    o.compliance_rows = draw(s, 4) ? 1 + draw(s, 16) : 512;
    o.arrive_before_shift_end = o.shift_end_margin_seconds > 300.0f;
    if (o.seed % 2) o.plan_margin = (float)(o.seed % 8) / 4.0f;
    o.hold_rows = draw(s, 5);
    o.hold_travel_seconds = limits = exact(o.hold_rows * w->categories, sizeof *limits);
    for (k = 0; k < o.hold_rows * w->categories; k += 1) {
        limits[k] = draw(s, 11) == 1 ? INFINITY : 30.0f * (float)draw(s, 5);
        if (k >= w->categories) limits[k] += limits[k - w->categories];
    }
    check_made(patrol_engine_create(area, policy, &o, &engine, &error), &error, &engine);
    return engine;
}

#endif
