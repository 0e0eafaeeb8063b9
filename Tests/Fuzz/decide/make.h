/* Cities, engines and snapshots from bytes. Most are valid; a "wild" source lets any number stand anywhere. */
#ifndef MAKE_H
#define MAKE_H

#include "checks.h"
#include "files.h"
#include <float.h>

#define MOST_UNITS 7
#define MOST_INCIDENTS 7
#define MOST_NODES 20

typedef struct source {
    const uint8_t *next, *end;
    int wild;
} source;

/* 0 ... limit - 1; 0 once the bytes are used up. */
static uint32_t draw(source *s, uint32_t limit) { return s->next < s->end ? *s->next++ % limit : 0; }

/* A finite number of 0 or more: around the usual one, or an extreme of what patrol.h allows. */
static float number(source *s, float usual) {
    static const float extremes[] = {0.0f, 1e-45f, 1e-30f, 1e-6f, 1.0f, 86400.0f, 999999.0f, 1e6f, 1e9f};
    static const float wild[] = {NAN, INFINITY, -INFINITY, -1.0f, -1e-45f, -0.0f, 1.1e9f, FLT_MAX};
    uint32_t byte = draw(s, 256);
    if (s->wild && byte >= 240) return wild[byte % 8];
    return byte < 200 ? usual * (float)byte / 64.0f : extremes[byte % 9];
}

static float positive(source *s, float usual) {
    float value = number(s, usual);
    return value == 0.0f ? 1e-45f : value;
}

/* 0.1 ... 10, mostly around 1, or any number from a wild source. */
static float factor(source *s) {
    uint32_t byte = draw(s, 256);
    if (s->wild && byte >= 240) return number(s, 1.0f);
    return byte < 64 ? 1.0f : byte < 70 ? 0.1f : byte < 76 ? 10.0f : 0.5f + (float)byte / 128.0f;
}

static float limit(source *s, float usual) { return draw(s, 3) == 0 ? INFINITY : number(s, usual); }

static patrol_area *make_area(source *s, world *w) {
    static const uint32_t periods[] = {1, 1, 24, 168};
    patrol_area_arrays a = PATROL_AREA_ARRAYS_INIT;
    patrol_area_options options = PATROL_AREA_OPTIONS_INIT;
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
        size_t place = (draw(s, 256) << 8 | draw(s, 256)) % file.length;
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
    o.hold_rows = o.seed % 5; /* no bytes of their own: the inputs in seeds/ keep their meaning */
    o.hold_travel_seconds = limits = exact(o.hold_rows * w->categories, sizeof *limits);
    for (k = 0; k < o.hold_rows * w->categories; k += 1) {
        limits[k] = (o.seed + k) % 11 == 0 ? INFINITY : 30.0f * (float)((o.seed + 7 * k) % 5);
        if (k >= w->categories) limits[k] += limits[k - w->categories];
    }
    check_made(patrol_engine_create(area, policy, &o, &engine, &error), &error, &engine);
    return engine;
}

static uint64_t make_id(source *s, uint64_t usual) {
    uint32_t byte = s->wild ? draw(s, 32) : 0;
    return byte == 1 ? PATROL_NO_ID : byte == 2 ? 1 : byte == 3 ? 0 : usual;
}

static uint32_t make_place(source *s, const world *w, double *x, double *y) {
    if (w->coordinates == PATROL_COORDINATES_NONE || draw(s, 4)) return draw(s, w->nodes) + (s->wild && !draw(s, 64));
    *x = number(s, 40.0f) - (s->wild ? draw(s, 2) * 1e300 : 0.0);
    *y = number(s, 40.0f);
    if (w->coordinates == PATROL_COORDINATES_GEOGRAPHIC && !s->wild) {
        *x = fmod(*x, 180.0);
        *y = fmod(*y, 90.0);
    }
    return PATROL_NO_NODE;
}

static void make_unit(source *s, const world *w, patrol_unit *unit, uint64_t id) {
    static const patrol_unit no_unit = PATROL_UNIT_INIT;
    *unit = no_unit;
    unit->id = make_id(s, id);
    unit->status = (int32_t)draw(s, 8);
    if (unit->status > 3) unit->status = PATROL_UNIT_PATROLLING;
    if (unit->status >= PATROL_UNIT_EN_ROUTE) unit->incident_id = 100 + draw(s, MOST_INCIDENTS + 1);
    unit->capabilities = draw(s, 2) ? UINT64_MAX : draw(s, 8);
    unit->node = make_place(s, w, &unit->x, &unit->y);
    if (draw(s, 2)) unit->target_node = draw(s, w->nodes);
    unit->home_beat = (int32_t)draw(s, w->beats + 1) - 1;
    if (draw(s, 3) == 0) unit->seconds_to_node = number(s, 30.0f);
    if (draw(s, 4) == 0) unit->position_age_seconds = limit(s, 60.0f);
    if (draw(s, 2)) unit->seconds_until_free = number(s, 600.0f);
    if (draw(s, 4) == 0) unit->seconds_until_shift_end = number(s, 600.0f);
    if (draw(s, 4) == 0) unit->seconds_until_due = number(s, 600.0f);
    if (unit->seconds_until_free > 500.0f) unit->may_leave_scene = 1 + (s->wild && draw(s, 64) == 1);
    if (unit->seconds_until_due > 100.0f) unit->priorities = draw(s, 256) << (s->wild && draw(s, 64) == 1);
}

static void make_incident(source *s, const world *w, patrol_incident *call, uint64_t id) {
    static const patrol_incident no_call = PATROL_INCIDENT_INIT;
    uint32_t left, k;
    *call = no_call;
    call->id = make_id(s, id);
    call->required_capabilities = draw(s, 3) ? 0 : draw(s, 4);
    call->node = make_place(s, w, &call->x, &call->y);
    call->category = (int32_t)draw(s, w->categories);
    call->priority = 1 + (int32_t)draw(s, PATROL_PRIORITIES);
    call->flags = draw(s, 4) == 0;
    call->seconds_waited = number(s, 300.0f);
    if (draw(s, 4) == 0) call->weight = positive(s, 2.0f);
    if (draw(s, 4) == 0) call->service_seconds = positive(s, 900.0f);
    call->units_required = draw(s, 8) ? 1 + draw(s, 3) : 64;
    call->units_assigned = draw(s, 2) ? 0 : draw(s, call->units_required + 1);
    call->units_on_scene = draw(s, call->units_assigned + 1);
    left = call->units_required - call->units_assigned;
    for (k = 0; k < PATROL_NEEDS && draw(s, 3) == 0; k += 1) {
        uint32_t missing = draw(s, left + 1);
        call->needs[k].capabilities = 1 + draw(s, 3);
        call->needs[k].assigned = draw(s, 65 - missing);
        call->needs[k].required = call->needs[k].assigned + missing;
        left -= missing;
    }
    if (call->service_seconds > 1000.0f) {
        call->not_before_seconds = number(s, 900.0f);
        call->lead_seconds = number(s, 600.0f);
    }
}

static void make_snapshot(source *s, world *w) {
    patrol_snapshot *snapshot = &w->snapshot;
    patrol_edge_change *changes;
    static const patrol_snapshot no_snapshot = PATROL_SNAPSHOT_INIT;
    patrol_pair_cost *costs;
    float *travel, *idle;
    size_t k;
    *snapshot = no_snapshot;
    snapshot->time_seconds = (double)number(s, 604800.0f);
    snapshot->unit_count = draw(s, MOST_UNITS + 1);
    snapshot->incident_count = draw(s, MOST_INCIDENTS + 1);
    w->units = exact(snapshot->unit_count, sizeof *w->units);
    w->incidents = exact(snapshot->incident_count, sizeof *w->incidents);
    snapshot->units = w->units;
    snapshot->incidents = w->incidents;
    for (k = 0; k < snapshot->unit_count; k += 1) make_unit(s, w, &w->units[k], k % 2 ? k : UINT64_MAX - 1 - k);
    for (k = 0; k < snapshot->incident_count; k += 1) make_incident(s, w, &w->incidents[k], 100 + k);
    if (draw(s, 3) == 0) {
        travel = exact(snapshot->unit_count * snapshot->incident_count, sizeof *travel);
        for (k = 0; k < snapshot->unit_count * snapshot->incident_count; k += 1)
            travel[k] = draw(s, 2) ? NAN : limit(s, 300.0f);
        snapshot->travel_seconds = travel;
    }
    if (draw(s, 3) == 0 && w->edges > 0) {
        changes = exact(2, sizeof *changes);
        for (k = 0; k < 2; k += 1) {
            uint32_t edge = draw(s, w->edges);
            changes[k].from_node = w->edge[edge][0];
            changes[k].to_node = w->edge[edge][1];
            changes[k].patrol_seconds = limit(s, 60.0f);
            changes[k].emergency_seconds = limit(s, 40.0f);
        }
        snapshot->edge_changes = changes;
        snapshot->edge_change_count = 1 + (w->edges > 1 && draw(s, 2));
    }
    if (draw(s, 2)) {
        idle = exact(MOST_NODES, sizeof *idle);
        for (k = 0; k < MOST_NODES; k += 1) idle[k] = number(s, 600.0f);
        snapshot->location_idle_seconds = idle;
    }
    if (snapshot->time_seconds > 1e5) { /* no byte of its own: the inputs in seeds/ keep their meaning */
        snapshot->pair_cost_count = draw(s, 5);
        snapshot->pair_costs = costs = exact(snapshot->pair_cost_count, sizeof *costs);
        for (k = 0; k < snapshot->pair_cost_count; k += 1) {
            costs[k].unit = draw(s, MOST_UNITS);
            costs[k].incident = draw(s, MOST_INCIDENTS);
            costs[k].seconds = draw(s, 2) ? number(s, 120.0f) : -number(s, 120.0f);
            costs[k].reserved = s->wild && draw(s, 64) == 1;
        }
    }
}

/* To be made last: no byte of an input in seeds/ is for them. */
static void make_substitutes(source *s, world *w) {
    patrol_snapshot *snapshot = &w->snapshot;
    patrol_substitute *substitutes;
    size_t k;
    if (snapshot->time_seconds <= 1e5) return;
    snapshot->substitute_count = draw(s, 5);
    snapshot->substitutes = substitutes = exact(snapshot->substitute_count, sizeof *substitutes);
    for (k = 0; k < snapshot->substitute_count; k += 1) {
        memset(&substitutes[k], 0, sizeof substitutes[k]);
        substitutes[k].incident = draw(s, MOST_INCIDENTS);
        substitutes[k].units_required = draw(s, 4);
        substitutes[k].required_capabilities = draw(s, 4);
        substitutes[k].needs[draw(s, PATROL_NEEDS)].capabilities = 1 + draw(s, 3);
        substitutes[k].needs[draw(s, PATROL_NEEDS)].required = draw(s, 3);
    }
}

static void make_decide_options(source *s, world *w) {
    static const int32_t cancelled = 1;
    patrol_decide_options *options = &w->options;
    patrol_decide_options_init(options);
    options->tasks = 1 + draw(s, 3);
    options->deadline_microseconds = draw(s, 4) ? 0 : draw(s, 3);
    options->node_limit = draw(s, 4) ? 0 : 1 + draw(s, 4);
    if (draw(s, 2)) options->relative_gap = (double)number(s, 0.01f);
    if (draw(s, 8) == 0) options->cancel = &cancelled;
}

#endif
