/*
 * Everything between an area and a replayed record, from random bytes: each input is a small city, an engine and some
 * snapshots, with extreme numbers throughout. Whatever the bytes, calls return, refuse with a sentence and untouched
 * outputs, or answer as patrol.h promises.
 */
#include "make.h"

static void look_at_area(source *s, const patrol_area *area, const world *w) {
    patrol_error error;
    patrol_area_info info = PATROL_AREA_INFO_INIT;
    uint32_t from = draw(s, w->nodes), to = draw(s, w->nodes);
    float table[4] = {-1.0f, -1.0f, -1.0f, -1.0f}, seconds = -1.0f, factors[2 * PATROL_WEEK_HOURS];
    uint32_t pair[2] = {from, to}, *nodes;
    size_t count = 0, known;
    int32_t status;
    HOLDS(patrol_area_get_info(area, &info, &error) == PATROL_OK);
    HOLDS(info.node_count == w->nodes && info.patrol_location_count >= 1 && info.demand_point_count >= 1);
    HOLDS(isfinite(info.calls_per_hour) && info.calls_per_hour >= 0.0);
    HOLDS(patrol_area_get_travel_factors(area, factors, &error) == PATROL_OK);
    for (count = 0; count < 2 * PATROL_WEEK_HOURS; count += 1) HOLDS(factors[count] >= 0.1f && factors[count] <= 10.0f);
    HOLDS(patrol_area_travel_times(area, draw(s, 2), pair, 2, pair, 2, table, &error) == PATROL_OK);
    HOLDS(table[0] == 0.0f && table[3] == 0.0f && table[1] >= 0.0f && table[2] >= 0.0f);
    status = patrol_area_path(area, PATROL_MODE_PATROL, from, to, NULL, 0, &count, &seconds, &error);
    if (status != PATROL_OK) {
        HOLDS(status == PATROL_ERROR_UNREACHABLE);
        return;
    }
    nodes = exact(count, sizeof *nodes);
    HOLDS(patrol_area_path(area, PATROL_MODE_PATROL, from, to, nodes, count, &known, &seconds, &error) == PATROL_OK);
    HOLDS(known == count && nodes[0] == from && nodes[count - 1] == to && seconds >= 0.0f && isfinite(seconds));
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
    HOLDS(patrol_eligible_pairs(session, &w->snapshot, pairs, count, sizeof *pairs, &known, features, deltas, state,
                                &error) == PATROL_OK);
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
        HOLDS(patrol_unit_candidates(session, &w->snapshot, w->units[i].id, candidates, count, sizeof *candidates,
                                     &known, features, &error) == PATROL_OK);
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
        size_t count = 99, room = w->snapshot.unit_count;
        patrol_ranked_unit *units = exact(room, sizeof *units);
        int32_t status =
            patrol_rank_units(session, &w->snapshot, w->incidents[j].id, units, room, sizeof *units, &count, &error);
        if (status != PATROL_OK) {
            check_refused(status, &error);
            HOLDS(status == PATROL_ERROR_INVALID_ID && count == 99);
            continue;
        }
        HOLDS(count <= room);
        for (k = 0; k < count; k += 1) {
            HOLDS(isfinite(units[k].worth) && isfinite(units[k].travel_seconds) && units[k].reserved == 0);
            HOLDS(k == 0 || units[k - 1].worth >= units[k].worth);
        }
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
    HOLDS(patrol_write_program(session, &w->snapshot, text, size, &known, &error) == PATROL_OK && known == size);
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

/* The record replays; what is left of it after a change is refused or decided, and never believed. */
static void replay(source *s, const patrol_engine *engine, const world *w, const answer *given) {
    static const int32_t cancelled = 1;
    patrol_error error;
    patrol_replay_options options = PATROL_REPLAY_OPTIONS_INIT;
    answer again;
    int32_t status;
    size_t size = 0, known = 0, changes;
    uint8_t *record;
    SUCCEEDS(patrol_decision_record(engine, &w->snapshot, &w->options, &given->answer, NULL, 0, &size, &error));
    record = exact(size, 1);
    SUCCEEDS(patrol_decision_record(engine, &w->snapshot, &w->options, &given->answer, record, size, &known, &error));
    HOLDS(known == size);
    answer_init(&again, w);
    SUCCEEDS(patrol_decision_replay(engine, record, size, &again.answer, &error));
    HOLDS(agree(&again, given, w));
    counted_decisions += 1;
    options.deadline_microseconds = draw(s, 3);
    if (draw(s, 4) == 0) options.cancel = &cancelled;
    answer_init(&again, w);
    status = patrol_decision_replay_within(engine, record, size, &options, &again.answer, &error);
    check_either(status, &error, &again);
    HOLDS(status == PATROL_ERROR_NO_TIME || (status == PATROL_OK && agree(&again, given, w)));
    for (changes = draw(s, 4); changes > 0; changes -= 1) {
        size_t place = (draw(s, 256) << 8 | draw(s, 256)) % size;
        record[place] = (uint8_t)draw(s, 256);
        if (draw(s, 8) == 0) size -= draw(s, 256) % size / 8 * 8;
        if (size < 16) return;
        record_seal(record, size);
        answer_init(&again, w);
        status = patrol_decision_replay(engine, record, size, &again.answer, &error);
        check_either(status, &error, &again);
        counted_decisions += status == PATROL_OK;
    }
}

static void decide(source *s, const patrol_engine *engine, patrol_session *session, world *w) {
    patrol_error error;
    answer first, second;
    int32_t status;
    make_snapshot(s, w);
    make_decide_options(s, w);
    make_substitutes(s, w);
    answer_init(&first, w);
    status = patrol_decide(session, &w->snapshot, &w->options, &first.answer, &error);
    check_either(status, &error, &first);
    if (status != PATROL_OK) return;
    counted_decisions += 1;
    check_answer(&first, w);
    answer_init(&second, w);
    SUCCEEDS(patrol_decide_many(session, &w->snapshot, sizeof w->snapshot, 1, &w->options, &second.answer,
                                sizeof second.answer, &status, NULL, &error));
    HOLDS(status == PATROL_OK);
    counted_decisions += 1;
    HOLDS(!is_repeatable(w) || agree(&first, &second, w));
    look_at_pairs(session, w);
    look_at_units(session, w, &first);
    look_at_calls(session, w);
    look_at_program(session, w);
    explain(session, w, &first);
    replay(s, engine, w, &first);
}

/* The solver by itself against every choice that a few rows have. */
static double best_choice(const double *values, size_t rows, size_t columns, size_t row, uint32_t taken, int complete) {
    double best;
    size_t column;
    if (row == rows) return 0.0;
    best = complete ? -INFINITY : best_choice(values, rows, columns, row + 1, taken, complete);
    for (column = 0; column < columns; column += 1) {
        double value = values[row * columns + column];
        if (taken >> column & 1 || value == -INFINITY) continue;
        value += best_choice(values, rows, columns, row + 1, taken | 1u << column, complete);
        if (value > best) best = value;
    }
    return best;
}

static void solve(source *s) {
    static const double scales[] = {1.0, 1.0, 1e-300, 1e91, 1e12};
    patrol_error error;
    size_t rows = draw(s, 5), columns = rows + draw(s, 2), k;
    double *values = exact(rows * columns, sizeof *values), objective = 7.0, scale = scales[draw(s, 5)];
    double best, largest = 0.0;
    int32_t *chosen = exact(rows, sizeof *chosen), status;
    uint32_t complete = draw(s, 2), taken = 0;
    for (k = 0; k < rows * columns; k += 1)
        values[k] = draw(s, 8) == 0 ? -INFINITY : ((double)number(s, 10.0f) - 10.0) * scale;
    status = patrol_assignment_solve(values, rows, columns, complete, chosen, &objective, &error);
    for (k = 0; k < rows * columns; k += 1)
        if (!isfinite(values[k]) && values[k] != -INFINITY) HOLDS(status == PATROL_ERROR_INVALID_NUMBER);
    if (status != PATROL_OK) {
        check_refused(status, &error);
        HOLDS(objective == 7.0 && untouched(chosen, rows * sizeof *chosen));
        if (status == PATROL_ERROR_INVALID_NUMBER) return;
    }
    best = best_choice(values, rows, columns, 0, 0, (int)complete);
    HOLDS((status == PATROL_OK) == (best > -INFINITY));
    if (status != PATROL_OK) return;
    for (k = 0; k < rows * columns; k += 1) largest = fmax(largest, isfinite(values[k]) ? fabs(values[k]) : 0.0);
    HOLDS(fabs(objective - best) <= 1e-9 * largest);
    for (k = 0; k < rows; k += 1) {
        HOLDS(chosen[k] >= -1 && chosen[k] < (int32_t)columns);
        if (chosen[k] < 0) continue;
        HOLDS(!(taken >> chosen[k] & 1) && values[k * columns + (size_t)chosen[k]] > -INFINITY);
        taken |= 1u << chosen[k];
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    source bytes = {data, data + size, 0}, *s = &bytes;
    patrol_area *area = NULL;
    patrol_policy *policy = NULL;
    patrol_engine *engine = NULL;
    patrol_session *session = NULL;
    static world w;
    patrol_error error;
    int rounds;
    s->wild = draw(s, 4) == 0;
    memset(&w, 0, sizeof w);
    solve(s);
    area = make_area(s, &w);
    if (area != NULL) {
        look_at_area(s, area, &w);
        policy = make_policy(s);
        engine = make_engine(s, &w, area, policy);
    }
    if (engine != NULL) {
        uint64_t bytes = 0;
        SUCCEEDS(patrol_session_bytes(engine, MOST_UNITS, MOST_INCIDENTS, &bytes, &error));
        SUCCEEDS(patrol_session_create(engine, MOST_UNITS, MOST_INCIDENTS, &session, &error));
    }
    if (engine != NULL && w.never_hold % 2) {
        /* By way of another engine, where it goes: it decides as ever. */
        source copy = *s; /* no bytes of its own: the inputs in seeds/ keep their meaning */
        const int32_t never_hold = w.never_hold;
        patrol_engine *other = make_engine(&copy, &w, area, policy);
        const int32_t status = other == NULL ? PATROL_OK : patrol_session_move(session, other, &error);
        HOLDS(status == PATROL_OK || status == PATROL_ERROR_MISMATCH);
        w.never_hold = never_hold;
        patrol_engine_destroy(other);
        patrol_engine_retain(engine);
        SUCCEEDS(patrol_session_move(session, engine, &error));
        patrol_engine_destroy(engine);
    }
    for (rounds = 0; session != NULL && rounds < 4 && s->next < s->end; rounds += 1) decide(s, engine, session, &w);
    patrol_area_destroy(area);
    patrol_policy_destroy(policy);
    patrol_engine_destroy(engine);
    patrol_session_destroy(session);
    exact_free();
    return 0;
}
