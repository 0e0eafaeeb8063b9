/* What patrol.h promises of the functions that look inside a decision (its section 9). */
#ifndef LOOK_INSIDE_H
#define LOOK_INSIDE_H

#include "answers.h"
#include "source.h"

/* What a question within a time may say: it has the answer, or had no time. */
static int is_answered(const world *w, int32_t status, const patrol_error *error) {
    if (status == PATROL_OK) return 1;
    check_refused(status, error);
    HOLDS(status == PATROL_ERROR_NO_TIME && !is_repeatable(w));
    return 0;
}

static void look_at_pairs(patrol_session *session, const world *w) {
    patrol_error error;
    size_t count = 0, known = 0, most = w->snapshot.unit_count * w->snapshot.incident_count;
    patrol_pair *pairs;
    float *features, *deltas, state[PATROL_STATE_FEATURES];
    size_t k;
    HOLDS(patrol_eligible_pairs(session, &w->snapshot, NULL, 0, 0, &count, NULL, NULL, NULL, &error) == PATROL_OK);
    HOLDS(count <= most);
    pairs = exact(count, sizeof *pairs);
    features = exact(count * PATROL_PAIR_FEATURES, sizeof *features);
    deltas = exact(count * PATROL_STATE_FEATURES, sizeof *deltas);
    if (!is_answered(w,
                     patrol_eligible_pairs_within(session, &w->snapshot, &w->options, pairs, count, sizeof *pairs,
                                                  &known, features, deltas, state, &error),
                     &error))
        return;
    HOLDS(known == count);
    for (k = 0; k < count; k += 1) {
        HOLDS(pairs[k].unit < w->snapshot.unit_count && pairs[k].incident < w->snapshot.incident_count);
        HOLDS(isfinite(pairs[k].travel_seconds) && isfinite(pairs[k].value) && isfinite(pairs[k].reward));
        HOLDS(pairs[k].travel_seconds >= 0.0f && pairs[k].reward <= 0.0);
    }
    for (k = 0; k < count * PATROL_PAIR_FEATURES; k += 1) HOLDS(isfinite(features[k]));
    for (k = 0; k < count * PATROL_STATE_FEATURES; k += 1) HOLDS(isfinite(deltas[k]));
    for (k = 0; k < PATROL_STATE_FEATURES; k += 1) HOLDS(isfinite(state[k]));
}

static void look_at_units(patrol_session *session, const world *w, const answer *given) {
    patrol_error error;
    size_t i, k, of_id;
    for (i = 0; i < w->snapshot.unit_count; i += 1) {
        size_t count = 0, known = 0;
        patrol_candidate *candidates;
        float *features;
        int32_t status =
            patrol_unit_candidates(session, &w->snapshot, w->units[i].id, NULL, 0, 0, &count, NULL, &error);
        for (of_id = 0; of_id < w->snapshot.unit_count; of_id += 1)
            if (w->units[of_id].id == w->units[i].id && !is_left_out(given, PATROL_TABLE_UNITS, of_id)) break;
        if (of_id == w->snapshot.unit_count || w->units[of_id].status != PATROL_UNIT_PATROLLING) {
            check_refused(status, &error);
            HOLDS(status == PATROL_ERROR_INVALID_ID && count == 0);
            continue;
        }
        HOLDS(status == PATROL_OK && count >= 1);
        candidates = exact(count, sizeof *candidates);
        features = exact(count * PATROL_CANDIDATE_FEATURES, sizeof *features);
        if (!is_answered(w,
                         patrol_unit_candidates_within(session, &w->snapshot, &w->options, w->units[i].id, candidates,
                                                       count, sizeof *candidates, &known, features, &error),
                         &error))
            continue;
        HOLDS(known == count);
        for (k = 0; k < count; k += 1) {
            HOLDS(candidates[k].node < w->nodes && candidates[k].next_node < w->nodes);
            HOLDS(candidates[k].travel_seconds >= 0.0f && isfinite(candidates[k].travel_seconds));
            HOLDS(isfinite(candidates[k].value));
        }
        for (k = 0; k < count * PATROL_CANDIDATE_FEATURES; k += 1) HOLDS(isfinite(features[k]));
    }
}

static void look_at_calls(patrol_session *session, const world *w) {
    patrol_error error;
    size_t j, k;
    for (j = 0; j < w->snapshot.incident_count; j += 1) {
        size_t count = 99, known = 99, room = w->snapshot.unit_count;
        patrol_ranked_unit *units = exact(room, sizeof *units), *again = exact(room, sizeof *again);
        int32_t status = patrol_rank_units_within(session, &w->snapshot, &w->options, w->incidents[j].id, units, room,
                                                  sizeof *units, &count, &error);
        if (status == PATROL_ERROR_INVALID_ID || !is_answered(w, status, &error)) {
            check_refused(status, &error);
            HOLDS(count == 99);
            continue;
        }
        HOLDS(count <= room);
        for (k = 0; k < count; k += 1) {
            HOLDS(isfinite(units[k].travel_seconds) && units[k].reserved == 0);
            HOLDS(isfinite(units[k].worth) || (isnan(units[0].worth) && isnan(units[k].worth) && !is_repeatable(w)));
            if (k == 0) continue;
            HOLDS(isnan(units[k].worth) ? units[k - 1].travel_seconds <= units[k].travel_seconds
                                        : units[k - 1].worth >= units[k].worth);
        }
        HOLDS(patrol_rank_units(session, &w->snapshot, w->incidents[j].id, again, room, sizeof *again, &known,
                                &error) == PATROL_OK);
        HOLDS(known == count && (!is_repeatable(w) || memcmp(units, again, count * sizeof *units) == 0));
    }
}

static void look_at_program(patrol_session *session, const world *w) {
    patrol_error error;
    size_t size = 0, known = 0;
    char *text;
    int32_t status = patrol_write_program(session, &w->snapshot, NULL, 0, &size, &error);
    if (status != PATROL_OK) {
        check_refused(status, &error);
        HOLDS(status == PATROL_ERROR_UNSUPPORTED && size == 0);
        return;
    }
    text = exact(size + 1, 1);
    status = patrol_write_program_within(session, &w->snapshot, &w->options, text, size, &known, &error);
    if (!is_answered(w, status, &error)) return;
    HOLDS(known == size);
    text[size] = '\0';
    HOLDS(strstr(text, "nan") == NULL && strstr(text, "inf") == NULL);
}

static void explain(patrol_session *session, const world *w, const answer *given) {
    patrol_error error;
    size_t count = 99, room = w->snapshot.unit_count, k;
    patrol_explanation *explanations = exact(room, sizeof *explanations);
    HOLDS(patrol_explain(session, &w->snapshot, &w->options, explanations, room, sizeof *explanations, &count,
                         &error) == PATROL_OK);
    HOLDS(count <= room);
    for (k = 0; k < count; k += 1) {
        HOLDS(explanations[k].least_loss <= explanations[k].objective_loss);
        HOLDS(isfinite(explanations[k].value_change) || (isnan(explanations[k].value_change) && !is_repeatable(w)));
        HOLDS(isfinite(explanations[k].reward) && isfinite(explanations[k].travel_seconds));
        HOLDS(explanations[k].solver_status >= 0 && explanations[k].solver_status <= PATROL_SOLVER_NO_TIME);
        HOLDS((explanations[k].runner_up_unit_id == PATROL_NO_ID) == !!isnan(explanations[k].runner_up_travel_seconds));
    }
    if (!is_repeatable(w) || !(w->options.tasks & PATROL_TASK_DISPATCH)) return;
    HOLDS(count == given->answer.assignment_count);
    for (k = 0; k < count; k += 1) {
        HOLDS(explanations[k].unit_id == given->assignments[k].unit_id);
        HOLDS(explanations[k].incident_id == given->assignments[k].incident_id);
    }
}

/* The row that an id stands for: the first that the decision takes part with; the number of rows where there is none. */
static size_t row_of_unit(const world *w, const answer *given, uint64_t id) {
    size_t i = 0;
    while (i < w->snapshot.unit_count && (w->units[i].id != id || is_left_out(given, PATROL_TABLE_UNITS, i))) i += 1;
    return i;
}

static size_t row_of_call(const world *w, const answer *given, uint64_t id) {
    size_t j = 0;
    while (j < w->snapshot.incident_count &&
           (w->incidents[j].id != id || is_left_out(given, PATROL_TABLE_INCIDENTS, j)))
        j += 1;
    return j;
}

/* One call's explanations are those of all, but for the other calls. */
static void explain_call(source *s, patrol_session *session, const world *w, const answer *given) {
    patrol_error error;
    size_t count = 99, all = 0, room = w->snapshot.unit_count, k, next = 0;
    patrol_explanation *of_call = exact(room, sizeof *of_call), *of_all = exact(room, sizeof *of_all);
    uint64_t id = 100 + draw(s, (uint32_t)w->snapshot.incident_count + 1);
    int32_t status =
        patrol_explain_call(session, &w->snapshot, &w->options, id, of_call, room, sizeof *of_call, &count, &error);
    if (status != PATROL_OK) {
        check_refused(status, &error);
        HOLDS(status == PATROL_ERROR_INVALID_ID && count == 99 && untouched(of_call, room * sizeof *of_call));
        HOLDS(row_of_call(w, given, id) == w->snapshot.incident_count);
        return;
    }
    for (k = 0; k < count; k += 1) HOLDS(of_call[k].incident_id == id);
    if (!is_repeatable(w)) return;
    SUCCEEDS(patrol_explain(session, &w->snapshot, &w->options, of_all, room, sizeof *of_all, &all, &error));
    for (k = 0; k < all; k += 1)
        if (of_all[k].incident_id == id)
            HOLDS(next < count && memcmp(&of_all[k], &of_call[next++], sizeof *of_all) == 0);
    HOLDS(next == count);
}

static int is_all_or_none(const world *w, uint64_t id) {
    size_t j;
    for (j = 0; j < w->snapshot.incident_count; j += 1)
        if (w->incidents[j].id == id && (w->incidents[j].flags & PATROL_INCIDENT_ALL_OR_NONE)) return 1;
    return 0;
}

/* What a reason says of the rows is so, whatever the policy. */
static void check_reason(const world *w, const patrol_pair_explanation *e, const patrol_unit *unit,
                         const patrol_incident *call) {
    const int32_t reason = e->reason;
    HOLDS((reason == PATROL_WHY_NOT_OFF_DUTY) == (unit->status == PATROL_UNIT_OFF_DUTY));
    HOLDS(reason != PATROL_WHY_NOT_BUSY || unit->status >= PATROL_UNIT_EN_ROUTE);
    HOLDS(reason != PATROL_WHY_NOT_NO_UNIT_MISSING || call->units_required <= call->units_assigned);
    HOLDS(reason != PATROL_WHY_NOT_CAPABILITIES || (call->required_capabilities & ~unit->capabilities) != 0);
    HOLDS(reason != PATROL_WHY_NOT_PRIORITIES ||
          (unit->priorities != 0 && !(unit->priorities >> (call->priority - 1) & 1)));
    HOLDS(reason != PATROL_WHY_NOT_NOT_YET || call->not_before_seconds > call->lead_seconds);
    HOLDS(reason != PATROL_WHY_NOT_PLANNED || call->priority > w->never_hold);
    HOLDS(reason != PATROL_WHY_NOT_STALE_POSITION || unit->position_age_seconds > 0.0f);
    HOLDS(reason != PATROL_WHY_NOT_ALL_OR_NONE || (call->flags & PATROL_INCIDENT_ALL_OR_NONE) ||
          is_all_or_none(w, e->assigned_incident_id));
    HOLDS(reason != PATROL_WHY_NOT_ASSIGNED || e->assigned_incident_id == call->id);
}

static void explain_pair(source *s, patrol_session *session, const world *w, const answer *given) {
    static const patrol_pair_explanation none = PATROL_PAIR_EXPLANATION_INIT;
    patrol_error error;
    patrol_pair_explanation e = none;
    uint32_t row = draw(s, (uint32_t)w->snapshot.unit_count + 1);
    uint64_t unit = row < w->snapshot.unit_count ? w->units[row].id : 7777;
    uint64_t call = 100 + draw(s, (uint32_t)w->snapshot.incident_count + 1);
    size_t i = row_of_unit(w, given, unit), j = row_of_call(w, given, call), k = 0;
    int32_t status = patrol_explain_pair(session, &w->snapshot, &w->options, unit, call, &e, &error);
    HOLDS((status == PATROL_OK) == (i < w->snapshot.unit_count && j < w->snapshot.incident_count));
    if (status != PATROL_OK) {
        check_refused(status, &error);
        HOLDS(status == PATROL_ERROR_INVALID_ID && memcmp(&e, &none, sizeof e) == 0);
        return;
    }
    HOLDS(e.struct_size == sizeof e && e.reserved == 0);
    HOLDS(e.reason >= PATROL_WHY_NOT_ASSIGNED && e.reason <= PATROL_WHY_NOT_PLANNED);
    HOLDS(e.solver_status >= PATROL_SOLVER_OPTIMAL && e.solver_status <= PATROL_SOLVER_NOT_ASKED);
    HOLDS(isnan(e.travel_seconds) || e.travel_seconds >= 0.0f);
    if (e.reason == PATROL_WHY_NOT_ASSIGNED)
        HOLDS(e.objective_loss == 0.0 && e.least_loss == 0.0);
    else if (e.reason == PATROL_WHY_NOT_WORSE)
        HOLDS(e.least_loss <= e.objective_loss);
    else
        HOLDS(isnan(e.objective_loss) && isnan(e.least_loss));
    check_reason(w, &e, &w->units[i], &w->incidents[j]);
    if (!is_repeatable(w)) return;
    HOLDS(e.reason != PATROL_WHY_NOT_NO_TIME || w->options.node_limit > 0);
    if (!(w->options.tasks & PATROL_TASK_DISPATCH)) return;
    while (k < given->answer.assignment_count && given->assignments[k].unit_id != unit) k += 1;
    if (k < given->answer.assignment_count)
        HOLDS(e.assigned_incident_id == given->assignments[k].incident_id);
    else
        HOLDS(e.assigned_incident_id == PATROL_NO_ID || e.assigned_incident_id == w->units[i].incident_id);
}

#endif
