/*
 * The city that the tests decide on, and a request to decide, both with storage of their own so that a test can
 * break any value in place.
 *
 *     0 - 1 - 2      beat 0: nodes 0 ... 5, beat 1: nodes 6 ... 8      group 1: nodes 2, 5, 8
 *     |   |   |
 *     3 - 4 - 5      every street: 60 s on patrol, 45 s with lights and sirens, both ways
 *     |   |   |
 *     6 - 7 - 8      coordinates in metres, 500 apart
 */
#ifndef CITY_H
#define CITY_H

#include "check.h"

#define CITY_NODES 9
#define CITY_EDGES 24
#define CITY_CATEGORIES 2
#define CITY_FACTORS (2 * 168)

typedef struct city {
    double coordinates[CITY_NODES * 2];
    uint32_t edges[CITY_EDGES * 2];
    float patrol_seconds[CITY_EDGES];
    float emergency_seconds[CITY_EDGES];
    int32_t beats[CITY_NODES];
    int32_t groups[CITY_NODES];
    float service_seconds[CITY_CATEGORIES];
    float weights[CITY_CATEGORIES];
    uint32_t demand_nodes[CITY_NODES];
    float calls_per_hour[CITY_NODES * CITY_CATEGORIES];
    uint32_t locations[CITY_NODES];
    float travel_factors[CITY_FACTORS]; /* 1; not in `arrays`, which version 0.1 has without */
    patrol_area_arrays arrays;
    patrol_area_options options;
} city;

CHECK_UNUSED static void city_street(city *c, uint32_t *edge, uint32_t a, uint32_t b) {
    c->edges[2 * *edge] = a;
    c->edges[2 * *edge + 1] = b;
    c->edges[2 * *edge + 2] = b;
    c->edges[2 * *edge + 3] = a;
    *edge += 2;
}

CHECK_UNUSED static void city_init(city *c) {
    static const patrol_area_arrays no_arrays = PATROL_AREA_ARRAYS_INIT;
    static const patrol_area_options no_options = PATROL_AREA_OPTIONS_INIT;
    uint32_t node, hour, edge = 0;
    memset(c, 0, sizeof *c);
    for (node = 0; node < CITY_NODES; node += 1) {
        c->coordinates[2 * node] = 500.0 * (node % 3);
        c->coordinates[2 * node + 1] = -500.0 * (node / 3);
        c->beats[node] = node < 6 ? 0 : 1;
        c->groups[node] = node % 3 == 2;
        c->demand_nodes[node] = node;
        c->locations[node] = node;
        c->calls_per_hour[2 * node] = 0.1f + 0.05f * (float)node;
        c->calls_per_hour[2 * node + 1] = 0.2f;
        if (node % 3 < 2) city_street(c, &edge, node, node + 1);
        if (node < 6) city_street(c, &edge, node, node + 3);
    }
    for (edge = 0; edge < CITY_EDGES; edge += 1) {
        c->patrol_seconds[edge] = 60.0f;
        c->emergency_seconds[edge] = 45.0f;
    }
    for (hour = 0; hour < CITY_FACTORS; hour += 1) c->travel_factors[hour] = 1.0f;
    c->service_seconds[0] = 1500.0f;
    c->service_seconds[1] = 900.0f;
    c->weights[0] = 3.0f;
    c->weights[1] = 1.0f;

    c->arrays = no_arrays;
    c->arrays.coordinate_system = PATROL_COORDINATES_PLANAR;
    c->arrays.node_count = CITY_NODES;
    c->arrays.edge_count = CITY_EDGES;
    c->arrays.coordinates = c->coordinates;
    c->arrays.edges = c->edges;
    c->arrays.edge_patrol_seconds = c->patrol_seconds;
    c->arrays.edge_emergency_seconds = c->emergency_seconds;
    c->arrays.node_beats = c->beats;
    c->arrays.node_groups = c->groups;
    c->arrays.category_count = CITY_CATEGORIES;
    c->arrays.category_service_seconds = c->service_seconds;
    c->arrays.category_weights = c->weights;
    c->arrays.demand_node_count = CITY_NODES;
    c->arrays.demand_nodes = c->demand_nodes;
    c->arrays.demand_calls_per_hour = c->calls_per_hour;
    c->arrays.patrol_location_count = CITY_NODES;
    c->arrays.patrol_locations = c->locations;
    c->options = no_options;
}

CHECK_UNUSED static patrol_area *city_area(void) {
    city c;
    patrol_area *area = NULL;
    city_init(&c);
    MUST(patrol_area_create(&c.arrays, &c.options, &area, error));
    return area;
}

/* Session of a fresh engine of the city with the default options and no policy. */
CHECK_UNUSED static patrol_session *city_session(const patrol_policy *policy) {
    patrol_area *area = city_area();
    patrol_engine *engine = NULL;
    patrol_session *session = NULL;
    MUST(patrol_engine_create(area, policy, NULL, &engine, error));
    MUST(patrol_session_create(engine, 4, 4, &session, error));
    patrol_engine_destroy(engine);
    patrol_area_destroy(area);
    return session;
}

#define REQUEST_UNITS 3
#define REQUEST_INCIDENTS 2

/* Three units, two calls, and room for the answer. The pointers lead into the struct itself: a copy is no request. */
typedef struct request {
    patrol_unit units[REQUEST_UNITS + 2];
    patrol_incident incidents[REQUEST_INCIDENTS + 3];
    patrol_edge_change changes[2];
#ifdef PATROL_TABLE_PAIR_COSTS /* which version 0.1 does not have, nor what follows it here */
    patrol_pair_cost costs[2];
    patrol_plan plans[REQUEST_UNITS];
    patrol_substitute substitutes[4];
#endif
    float travel_seconds[REQUEST_UNITS * REQUEST_INCIDENTS];
    float idle_seconds[CITY_NODES];
    patrol_move moves[REQUEST_UNITS + 1];
    patrol_assignment assignments[REQUEST_UNITS + 1];
    patrol_wait waits[REQUEST_INCIDENTS + 1];
    patrol_snapshot snapshot;
    patrol_decide_options options;
    patrol_answer answer;
} request;

CHECK_UNUSED static void request_init(request *r) {
    static const patrol_edge_change slow = {0, 1, 90.0f, 60.0f}, closed = {4, 5, INFINITY, INFINITY};
#ifdef PATROL_TABLE_PAIR_COSTS
    static const patrol_pair_cost farther = {0, 0, 120.0f, 0}, nearer = {2, 1, -30.5f, 0};
#endif
    static const patrol_unit no_unit = PATROL_UNIT_INIT;
    static const patrol_incident no_incident = PATROL_INCIDENT_INIT;
    static const patrol_snapshot no_snapshot = PATROL_SNAPSHOT_INIT;
    static const patrol_answer no_answer = PATROL_ANSWER_INIT;
    uint64_t index;
    memset(r, 0xA5, sizeof *r); /* every byte of an output that is written shows */
    for (index = 0; index < REQUEST_UNITS + 2; index += 1) {
        r->units[index] = no_unit;
        r->units[index].id = 7000 + index;
        r->units[index].node = (uint32_t)(4 * index) % CITY_NODES;
    }
    for (index = 0; index < REQUEST_INCIDENTS + 3; index += 1) {
        r->incidents[index] = no_incident;
        r->incidents[index].id = 500 + index;
        r->incidents[index].node = 2 + (uint32_t)index;
        r->incidents[index].category = (int32_t)index % CITY_CATEGORIES;
        r->incidents[index].priority = 1 + (int32_t)index;
        r->incidents[index].seconds_waited = 30.0f;
    }
    r->changes[0] = slow;
    r->changes[1] = closed;
#ifdef PATROL_TABLE_PAIR_COSTS
    r->costs[0] = farther;
    r->costs[1] = nearer;
    memset(r->substitutes, 0, sizeof r->substitutes);
    for (index = 0; index < 4; index += 1) {
        /* Two units, of which one must do more than the call's own row asks for. */
        r->substitutes[index].incident = 1;
        r->substitutes[index].units_required = 2;
        r->substitutes[index].required_capabilities = 1u << index;
        r->substitutes[index].needs[2].capabilities = 6;
        r->substitutes[index].needs[2].required = 1;
    }
#endif
    for (index = 0; index < REQUEST_UNITS * REQUEST_INCIDENTS; index += 1) r->travel_seconds[index] = NAN;
    for (index = 0; index < CITY_NODES; index += 1) r->idle_seconds[index] = 60.0f * (float)index;

    r->snapshot = no_snapshot;
    r->snapshot.time_seconds = 8 * 3600.0;
    r->snapshot.units = r->units;
    r->snapshot.unit_count = REQUEST_UNITS;
    r->snapshot.incidents = r->incidents;
    r->snapshot.incident_count = REQUEST_INCIDENTS;
    patrol_decide_options_init(&r->options);
    r->options.deadline_microseconds = 0; /* the answer is the optimum on every machine */
    r->answer = no_answer;
    r->answer.moves = r->moves;
    r->answer.move_capacity = REQUEST_UNITS;
    r->answer.assignments = r->assignments;
    r->answer.assignment_capacity = REQUEST_UNITS;
    r->answer.waits = r->waits;
    r->answer.wait_capacity = REQUEST_INCIDENTS;
}

/* Puts the optional arrays into the request too. */
CHECK_UNUSED static void request_add_all(request *r) {
    r->snapshot.travel_seconds = r->travel_seconds;
    r->snapshot.edge_changes = r->changes;
    r->snapshot.edge_change_count = 2;
    r->snapshot.location_idle_seconds = r->idle_seconds;
#ifdef PATROL_TABLE_PAIR_COSTS
    r->snapshot.pair_costs = r->costs;
    r->snapshot.pair_cost_count = 2;
    r->snapshot.substitutes = r->substitutes;
    r->snapshot.substitute_count = 2;
#endif
}

CHECK_UNUSED static int32_t request_decide(request *r, patrol_session *session, patrol_error *error) {
    return patrol_decide(session, &r->snapshot, &r->options, &r->answer, error);
}

/* Whether two requests got the same answer. The clock is not part of it. */
CHECK_UNUSED static int request_agrees(const request *a, const request *b) {
    return memcmp(a->moves, b->moves, sizeof a->moves) == 0 &&
           memcmp(a->assignments, b->assignments, sizeof a->assignments) == 0 &&
           memcmp(a->waits, b->waits, sizeof a->waits) == 0 && a->answer.move_count == b->answer.move_count &&
           a->answer.assignment_count == b->answer.assignment_count && a->answer.wait_count == b->answer.wait_count &&
           a->answer.solver_status == b->answer.solver_status && a->answer.objective == b->answer.objective &&
           a->answer.bound == b->answer.bound && a->answer.relative_gap == b->answer.relative_gap &&
           a->answer.nodes == b->answer.nodes;
}

#endif
