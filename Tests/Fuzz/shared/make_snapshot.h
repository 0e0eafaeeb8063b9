/* Snapshots and what is asked of them, from bytes. */
#ifndef MAKE_SNAPSHOT_H
#define MAKE_SNAPSHOT_H

#include "answers.h"
#include "source.h"

/* Usual snapshots are small, since every rule shows on a few rows; a few are as large as the session. */
#define MOST_UNITS 24
#define MOST_INCIDENTS 24
#define USUAL_ROWS 6

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
    if (unit->seconds_until_free < 300.0f) unit->late_seconds_until_free = 1.5f * unit->seconds_until_free;
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

static uint64_t usual_unit_id(size_t k) { return k % 2 ? k : UINT64_MAX - 1 - k; }

static void make_snapshot(source *s, world *w) {
    patrol_snapshot *snapshot = &w->snapshot;
    patrol_edge_change *changes;
    static const patrol_snapshot no_snapshot = PATROL_SNAPSHOT_INIT;
    patrol_pair_cost *costs;
    patrol_substitute *substitutes;
    float *travel, *idle;
    size_t k;
    int is_large = draw(s, 32) == 1;
    *snapshot = no_snapshot;
    snapshot->time_seconds = (double)number(s, 604800.0f);
    snapshot->unit_count = draw(s, is_large ? MOST_UNITS + 1 : USUAL_ROWS + 1);
    snapshot->incident_count = draw(s, is_large ? MOST_INCIDENTS + 1 : USUAL_ROWS + 1);
    w->units = exact(snapshot->unit_count, sizeof *w->units);
    w->incidents = exact(snapshot->incident_count, sizeof *w->incidents);
    snapshot->units = w->units;
    snapshot->incidents = w->incidents;
    for (k = 0; k < snapshot->unit_count; k += 1) make_unit(s, w, &w->units[k], usual_unit_id(k));
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
        idle = exact(w->locations, sizeof *idle);
        for (k = 0; k < w->locations; k += 1) idle[k] = number(s, 600.0f);
        snapshot->location_idle_seconds = idle;
    }
    if (draw(s, 4) == 1) {
        snapshot->pair_cost_count = draw(s, 5);
        snapshot->pair_costs = costs = exact(snapshot->pair_cost_count, sizeof *costs);
        for (k = 0; k < snapshot->pair_cost_count; k += 1) {
            costs[k].unit = draw(s, (uint32_t)snapshot->unit_count + 1);
            costs[k].incident = draw(s, (uint32_t)snapshot->incident_count + 1);
            costs[k].seconds = draw(s, 2) ? number(s, 120.0f) : -number(s, 120.0f);
            costs[k].reserved = s->wild && draw(s, 64) == 1;
        }
    }
    if (draw(s, 4) == 1) {
        snapshot->substitute_count = draw(s, 5);
        snapshot->substitutes = substitutes = exact(snapshot->substitute_count, sizeof *substitutes);
        for (k = 0; k < snapshot->substitute_count; k += 1) {
            memset(&substitutes[k], 0, sizeof substitutes[k]);
            substitutes[k].incident = draw(s, (uint32_t)snapshot->incident_count + 1);
            substitutes[k].units_required = draw(s, 4);
            substitutes[k].required_capabilities = draw(s, 4);
            substitutes[k].needs[draw(s, PATROL_NEEDS)].capabilities = 1 + draw(s, 3);
            substitutes[k].needs[draw(s, PATROL_NEEDS)].required = draw(s, 3);
        }
    }
}

static void make_decide_options(source *s, world *w) {
    static const int32_t cancelled = 1;
    patrol_decide_options *options = &w->options;
    patrol_decide_options_init(options);
    options->tasks = 3 - draw(s, 3);
    options->deadline_microseconds = draw(s, 16) == 1 ? 1 + draw(s, 200) : 0;
    options->node_limit = draw(s, 8) == 1 ? 1 + draw(s, 4) : 0;
    if (draw(s, 2)) options->relative_gap = (double)number(s, 0.01f);
    if (draw(s, 32) == 1) options->cancel = &cancelled;
}

/* The next snapshot of a shift: one row anew, time that passes, or other options. */
static void vary(source *s, world *w) {
    uint32_t kind = draw(s, 4), k;
    float seconds;
    if (kind == 0 && w->snapshot.unit_count > 0) {
        k = draw(s, (uint32_t)w->snapshot.unit_count);
        make_unit(s, w, &w->units[k], usual_unit_id(k));
    } else if (kind == 1 && w->snapshot.incident_count > 0) {
        k = draw(s, (uint32_t)w->snapshot.incident_count);
        make_incident(s, w, &w->incidents[k], 100 + k);
    } else if (kind == 2) {
        make_decide_options(s, w);
    } else {
        seconds = number(s, 120.0f);
        w->snapshot.time_seconds += (double)seconds;
        for (k = 0; k < w->snapshot.incident_count; k += 1) w->incidents[k].seconds_waited += seconds;
        for (k = 0; k < w->snapshot.unit_count; k += 1)
            w->units[k].seconds_until_due = fmaxf(0.0f, w->units[k].seconds_until_due - seconds);
    }
}

#endif
