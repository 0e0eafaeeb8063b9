/* What patrol.h promises of an answer, whatever the snapshot. */
#ifndef ANSWERS_H
#define ANSWERS_H

#include "checks.h"

/* The city that was made and what is asked about it. */
typedef struct world {
    uint32_t nodes, edges, coordinates, beats, groups, categories, locations;
    int32_t never_hold;
    uint32_t edge[64][2];
    patrol_unit *units;
    patrol_incident *incidents;
    patrol_snapshot snapshot;
    patrol_decide_options options;
} world;

/* An answer with buffers as large as a snapshot needs. */
typedef struct answer {
    patrol_answer answer, before;
    patrol_move *moves;
    patrol_assignment *assignments;
    patrol_wait *waits;
    patrol_row_issue *issues;
    patrol_plan *plans;
    size_t units, incidents;
} answer;

static void answer_init(answer *a, const world *w) {
    static const patrol_answer no_answer = PATROL_ANSWER_INIT;
    a->answer = no_answer;
    a->units = w->snapshot.unit_count;
    a->incidents = w->snapshot.incident_count;
    a->answer.moves = a->moves = exact(a->units, sizeof *a->moves);
    a->answer.assignments = a->assignments = exact(a->units, sizeof *a->assignments);
    a->answer.waits = a->waits = exact(a->incidents, sizeof *a->waits);
    a->answer.move_capacity = a->answer.assignment_capacity = a->units;
    a->answer.wait_capacity = a->incidents;
    a->answer.issue_capacity = a->units + a->incidents;
    a->answer.issues = a->issues = exact(a->answer.issue_capacity, sizeof *a->issues);
    a->answer.plan_capacity = a->incidents;
    a->answer.plans = a->plans = exact(a->answer.plan_capacity, sizeof *a->plans);
    a->before = a->answer;
}

/* Success, or a refusal that left the answer and its buffers alone. */
static void check_either(int32_t status, const patrol_error *error, const answer *a) {
    if (status == PATROL_OK) return;
    check_refused(status, error);
    HOLDS(memcmp(&a->answer, &a->before, sizeof a->answer) == 0);
    HOLDS(untouched(a->moves, a->units * sizeof *a->moves));
    HOLDS(untouched(a->assignments, a->units * sizeof *a->assignments));
    HOLDS(untouched(a->waits, a->incidents * sizeof *a->waits));
    HOLDS(untouched(a->issues, a->answer.issue_capacity * sizeof *a->issues));
    HOLDS(untouched(a->plans, a->answer.plan_capacity * sizeof *a->plans));
}

/* Whether the decision did without a row. Units and incidents are judged first: there is room for all of their issues. */
static int is_left_out(const answer *a, uint32_t table, size_t row) {
    size_t k;
    for (k = 0; k < a->answer.issue_count && k < a->answer.issue_capacity; k += 1)
        if (a->issues[k].table == table && a->issues[k].row == row) return 1;
    return 0;
}

/* Whether the clock has no say in the answer. */
static int is_repeatable(const world *w) { return w->options.deadline_microseconds == 0 && w->options.cancel == NULL; }

static int agree(const answer *a, const answer *b, const world *w) {
    if (a->answer.move_count != b->answer.move_count || a->answer.assignment_count != b->answer.assignment_count ||
        a->answer.wait_count != b->answer.wait_count)
        return 0;
    if ((w->options.tasks & PATROL_TASK_DISPATCH) &&
        (a->answer.solver_status != b->answer.solver_status || a->answer.objective != b->answer.objective ||
         a->answer.bound != b->answer.bound || a->answer.relative_gap != b->answer.relative_gap ||
         a->answer.nodes != b->answer.nodes))
        return 0;
    return memcmp(a->moves, b->moves, a->units * sizeof *a->moves) == 0 &&
           memcmp(a->assignments, b->assignments, a->units * sizeof *a->assignments) == 0 &&
           memcmp(a->waits, b->waits, a->incidents * sizeof *a->waits) == 0;
}

static void check_moves(const answer *a, const world *w) {
    size_t i;
    HOLDS(a->answer.move_count == a->units);
    for (i = 0; i < a->units; i += 1) {
        const patrol_move *move = &a->moves[i];
        int decided = move->reason < PATROL_MOVE_NOT_DUE;
        HOLDS(move->unit_id == w->units[i].id && move->reserved == 0);
        HOLDS(move->reason >= 0 && move->reason <= PATROL_MOVE_NO_TIME);
        HOLDS(move->reason != PATROL_MOVE_NO_TIME || !is_repeatable(w));
        HOLDS((move->reason == PATROL_MOVE_LEFT_OUT) == is_left_out(a, PATROL_TABLE_UNITS, i));
        HOLDS(decided ? move->target_node < w->nodes && move->next_node < w->nodes
                      : move->target_node == PATROL_NO_NODE && move->next_node == PATROL_NO_NODE);
        HOLDS(isfinite(move->travel_seconds) && isfinite(move->value) && isfinite(move->gain));
        HOLDS(isfinite(move->dwell_seconds) &&
              (move->reason != PATROL_MOVE_NOT_FREE || w->units[i].status != 1 || a->answer.assignment_count > 0));
    }
}

/* A call that asks for what it goes by, if units are sent to it. */
static patrol_incident gone_by(const answer *a, const world *w, size_t j) {
    patrol_incident call = w->incidents[j];
    const patrol_substitute *substitute = NULL;
    size_t k, sent = 0;
    for (k = 0; k < a->answer.assignment_count; k += 1) {
        uint32_t number = a->assignments[k].substitute;
        if (a->assignments[k].incident_id != call.id) continue;
        HOLDS(number <= w->snapshot.substitute_count);
        HOLDS(sent == 0 || substitute == (number > 0 ? &w->snapshot.substitutes[number - 1] : NULL)); /* no mixture */
        substitute = number > 0 ? &w->snapshot.substitutes[number - 1] : NULL;
        sent += 1;
    }
    if (substitute == NULL) return call;
    HOLDS(substitute->incident == j);
    call.units_required = substitute->units_required;
    call.required_capabilities = substitute->required_capabilities;
    memcpy(call.needs, substitute->needs, sizeof call.needs);
    return call;
}

static void check_assignments(const answer *a, const world *w) {
    size_t k, i = 0, j;
    uint32_t room[64];
    uint8_t out[64];
    patrol_incident calls[64];
    for (j = 0; j < a->incidents; j += 1) {
        out[j] = (uint8_t)is_left_out(a, PATROL_TABLE_INCIDENTS, j);
        calls[j] = out[j] ? w->incidents[j] : gone_by(a, w, j);
        room[j] = out[j] ? 0 : calls[j].units_required - calls[j].units_assigned;
    }
    for (k = 0; k < a->answer.assignment_count; k += 1)
        for (j = 0; j < a->incidents; j += 1)
            room[j] += !out[j] && w->incidents[j].id == a->assignments[k].diverted_from;
    HOLDS(a->answer.assignment_count <= a->units);
    for (k = 0; k < a->answer.assignment_count; k += 1, i += 1) {
        const patrol_assignment *assignment = &a->assignments[k];
        /* In order, so each at most once. */
        while (i < a->units && (w->units[i].id != assignment->unit_id || is_left_out(a, PATROL_TABLE_UNITS, i))) i += 1;
        HOLDS(i < a->units);
        for (j = 0; j < a->incidents && (out[j] || w->incidents[j].id != assignment->incident_id);) j += 1;
        HOLDS(j < a->incidents && room[j] > 0);
        room[j] -= 1;
        HOLDS((w->units[i].status != PATROL_UNIT_PATROLLING) == (assignment->diverted_from != PATROL_NO_ID));
        HOLDS(w->units[i].status == PATROL_UNIT_EN_ROUTE || w->units[i].status == PATROL_UNIT_PATROLLING ||
              (w->units[i].status == PATROL_UNIT_ON_SCENE && w->units[i].may_leave_scene));
        HOLDS(w->incidents[j].not_before_seconds <= w->incidents[j].lead_seconds);
        HOLDS(assignment->diverted_from == PATROL_NO_ID || assignment->diverted_from == w->units[i].incident_id);
        HOLDS((w->units[i].capabilities & calls[j].required_capabilities) == calls[j].required_capabilities);
        HOLDS(w->units[i].priorities == 0 || w->units[i].priorities >> (w->incidents[j].priority - 1) & 1);
        HOLDS(assignment->need >= -1 && assignment->need < PATROL_NEEDS);
        if (assignment->need >= 0) {
            const patrol_need *need = &calls[j].needs[assignment->need];
            HOLDS((w->units[i].capabilities & need->capabilities) == need->capabilities);
            HOLDS(need->required > need->assigned);
        }
        HOLDS(isfinite(assignment->travel_seconds) && assignment->travel_seconds >= 0.0f);
        HOLDS(isfinite(assignment->reward) && assignment->reward <= 0.0);
    }
    for (j = 0; j < a->incidents; j += 1)
        HOLDS(out[j] || !(w->incidents[j].flags & PATROL_INCIDENT_ALL_OR_NONE) || room[j] == 0 ||
              room[j] == calls[j].units_required - calls[j].units_assigned);
}

static void check_waits(const answer *a, const world *w) {
    size_t k, j = 0;
    for (k = 0; k < a->answer.wait_count; k += 1, j += 1) {
        const patrol_wait *wait = &a->waits[k];
        while (j < a->incidents && w->incidents[j].id != wait->incident_id) j += 1;
        HOLDS(j < a->incidents && wait->reason >= 0 && wait->reason <= PATROL_WAIT_PLANNED);
        HOLDS(wait->reason != PATROL_WAIT_NO_TIME || !is_repeatable(w));
        if (wait->reason == PATROL_WAIT_LEFT_OUT) continue;
        /* Units that may be taken off a call are missing there, beside those that the host says it lacks. */
        HOLDS(wait->units_missing > 0 && wait->units_missing <= 64 + a->units);
        HOLDS(wait->reason != PATROL_WAIT_HELD || w->incidents[j].priority > w->never_hold);
        HOLDS(wait->reason != PATROL_WAIT_PLANNED ||
              (w->incidents[j].priority > w->never_hold && wait->units_missing == 1));
    }
}

/* Of calls that wait, by units on duty that no other plan has. */
static void check_plans(const answer *a, const world *w) {
    size_t k, i, other;
    HOLDS(a->answer.plan_count <= a->answer.plan_capacity && a->answer.plan_count <= a->units);
    for (k = 0; k < a->answer.plan_count; k += 1) {
        const patrol_plan *plan = &a->plans[k];
        for (i = 0; i < a->units && (w->units[i].id != plan->unit_id || is_left_out(a, PATROL_TABLE_UNITS, i));) i += 1;
        HOLDS(i < a->units && w->units[i].status != PATROL_UNIT_OFF_DUTY);
        for (other = 0; other < k; other += 1) HOLDS(a->plans[other].unit_id != plan->unit_id);
        /* A row that was left out may have the id of one that was not. */
        for (other = 0; other < a->answer.wait_count && (a->waits[other].incident_id != plan->incident_id ||
                                                         a->waits[other].reason == PATROL_WAIT_LEFT_OUT);)
            other += 1;
        HOLDS(other < a->answer.wait_count &&
              (a->waits[other].reason <= PATROL_WAIT_UNITS_TAKEN || a->waits[other].reason == PATROL_WAIT_PLANNED));
        HOLDS(plan->seconds_until_arrival >= 0.0f && isfinite(plan->late_seconds_until_arrival) &&
              plan->late_seconds_until_arrival >= plan->seconds_until_arrival);
    }
}

static void check_answer(const answer *a, const world *w) {
    if (w->options.tasks & PATROL_TASK_PATROL) check_moves(a, w);
    HOLDS((a->answer.solver_status == PATROL_SOLVER_NOT_ASKED) == !(w->options.tasks & PATROL_TASK_DISPATCH));
    if (!(w->options.tasks & PATROL_TASK_DISPATCH)) return;
    check_assignments(a, w);
    check_waits(a, w);
    check_plans(a, w);
    HOLDS(a->answer.solver_status >= 0 && a->answer.solver_status <= PATROL_SOLVER_NO_TIME);
    HOLDS(isfinite(a->answer.objective) && a->answer.bound >= a->answer.objective);
    HOLDS(isinf(a->answer.bound) || a->answer.solver_status != PATROL_SOLVER_HEURISTIC);
    HOLDS(isfinite(a->answer.bound) || a->answer.solver_status == PATROL_SOLVER_HEURISTIC ||
          a->answer.solver_status == PATROL_SOLVER_DEADLINE || a->answer.solver_status == PATROL_SOLVER_NO_TIME ||
          a->answer.solver_status == PATROL_SOLVER_CANCELLED);
    HOLDS(a->answer.relative_gap >= 0.0);
}

#endif
