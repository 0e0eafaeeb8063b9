/*
 * Scenarios and simulations from random bytes: each input names a city and an engine, and is a scenario with extreme numbers
 * and a host that looks, decides and errs. Whatever the bytes, calls return, refuse with a sentence, or keep what
 * patrol_lab.h promises; the same bytes come to the same events.
 */
#include "make_scenario.h"

#define MOST_EVENTS 200

/* Of each class of calls, and of all classes together as many as there are. */
static void check_responses(patrol_simulation *simulation, uint64_t calls, const world *w) {
    const size_t rows_of[] = {PATROL_PRIORITIES, w->beats, w->groups, w->categories, 24};
    patrol_error error;
    int32_t class_of;
    for (class_of = PATROL_CLASS_PRIORITY; class_of <= PATROL_CLASS_SHIFT; class_of += 1) {
        size_t count = 0, known = 0, k;
        uint64_t sum = 0;
        patrol_response *rows;
        SUCCEEDS(patrol_simulation_get_responses(simulation, class_of, NULL, 0, 0, &count, &error));
        HOLDS(class_of == PATROL_CLASS_SHIFT ? count <= 24 : count == rows_of[class_of]);
        rows = exact(count, sizeof *rows);
        SUCCEEDS(patrol_simulation_get_responses(simulation, class_of, rows, count, sizeof *rows, &known, &error));
        HOLDS(known == count);
        for (k = 0; k < count; k += 1) {
            HOLDS(rows[k].reached + rows[k].lost + rows[k].waiting == rows[k].calls);
            HOLDS(rows[k].calls == 0 || (rows[k].within_target >= 0.0 && rows[k].within_target <= 1.0));
            sum += rows[k].calls;
        }
        HOLDS(class_of == PATROL_CLASS_BEAT ? sum <= calls
                                            : sum == calls || (class_of == PATROL_CLASS_SHIFT && count == 0));
    }
}

/* Every number that a simulation tells is one, and calls are neither lost nor made. */
static void check_measures(patrol_simulation *simulation, const world *w, const staged *l) {
    patrol_error error;
    patrol_metrics m = PATROL_METRICS_INIT;
    patrol_simulation_state state = PATROL_SIMULATION_STATE_INIT;
    patrol_unit_times *times = exact(l->units, sizeof *times);
    size_t count = 0, k;
    SUCCEEDS(patrol_simulation_get_metrics(simulation, &m, &error));
    SUCCEEDS(patrol_simulation_get_state(simulation, &state, &error));
    HOLDS(m.calls == m.served + m.lost + m.open && m.open <= state.open_incidents);
    HOLDS(m.response.calls == m.calls && m.response.reached + m.response.lost + m.response.waiting == m.calls);
    HOLDS(m.calls == 0 || (isfinite(m.response.charged_mean) && m.response.charged_mean >= 0.0));
    HOLDS(m.seconds >= 0.0 && m.utilization >= 0.0 && m.utilization <= 1.0 + 1e-9);
    HOLDS(isfinite(state.cumulative_cost) && isfinite(state.time_seconds));
    /* One call more than the queue holds waits while its decision is due; the units' own are not in the queue. */
    HOLDS(state.queued_incidents <= l->queue + 1 + l->units && state.queued_incidents <= state.open_incidents);
    SUCCEEDS(patrol_simulation_get_unit_times(simulation, times, l->units, sizeof *times, &count, &error));
    HOLDS(count == l->units);
    for (k = 0; k < count; k += 1) {
        const patrol_unit_times *t = &times[k];
        double sum =
            t->off_duty + t->out_of_service + t->standing + t->driving + t->en_route + t->on_scene + t->self_initiated;
        HOLDS(fabs(sum - m.seconds) <= 1e-6 * (1.0 + state.time_seconds));
    }
    check_responses(simulation, m.calls, w);
}

/* A host's turn: it looks, and sends units here and there, also where they cannot go. */
static void host(source *s, patrol_simulation *simulation, const world *w, const staged *l) {
    patrol_error error;
    size_t units = 0, incidents = 0, known = 0, count = 0, k;
    patrol_unit *shown = exact(l->units, sizeof *shown);
    patrol_incident *calls = exact(l->queue + 1 + l->units, sizeof *calls);
    uint8_t *due = exact(l->units, 1);
    SUCCEEDS(patrol_simulation_get_snapshot(simulation, NULL, 0, 0, &units, NULL, 0, 0, &incidents, NULL, NULL, due,
                                            &error));
    HOLDS(units == l->units && incidents <= l->queue + 1 + l->units);
    SUCCEEDS(patrol_simulation_get_snapshot(simulation, shown, units, sizeof *shown, &known, calls, incidents,
                                            sizeof *calls, &count, NULL, NULL, NULL, &error));
    HOLDS(known == units && count == incidents);
    for (k = 0; k < units; k += 1) HOLDS(shown[k].node < w->nodes && shown[k].seconds_to_node >= 0.0f);
    for (k = 0; k < incidents; k += 1)
        HOLDS(calls[k].node < w->nodes && calls[k].units_assigned <= calls[k].units_required);
    for (k = draw(s, 4); k > 0; k -= 1) {
        uint32_t unit = draw(s, l->units + 1), place = draw(s, w->nodes + 1);
        int32_t status = draw(s, 2) ? patrol_simulation_move(simulation, unit, place, &error)
                                    : patrol_simulation_assign(simulation, unit, place, &error);
        if (status != PATROL_OK) check_refused(status, &error);
    }
    if (draw(s, 4) == 0) {
        patrol_candidate candidate;
        int32_t status = patrol_simulation_get_candidates(simulation, draw(s, l->units), &candidate, 1,
                                                          sizeof candidate, &count, NULL, &error);
        if (status != PATROL_OK) check_refused(status, &error);
        status = patrol_simulation_get_pairs(simulation, NULL, 0, 0, &count, NULL, NULL, NULL, &error);
        if (status != PATROL_OK) check_refused(status, &error);
    }
    if (draw(s, 8) == 0) return;
    SUCCEEDS(patrol_simulation_decide(simulation, &error));
    counted_decisions += 1;
}

/* Some steps with a host, which reads its bytes from `s`. - Returns: a digest of the events. */
static uint64_t run(source *s, patrol_simulation *simulation, const world *w, const staged *l) {
    static patrol_simulation_event events[MOST_EVENTS];
    patrol_error error;
    uint64_t digest = 0, decisions = 0;
    double until = l->start;
    size_t count = 0, k;
    int32_t due = -1;
    int slices;
    for (slices = 0; slices < 6; slices += 1) {
        until += 5.0 + 30.0 * draw(s, 40);
        do {
            SUCCEEDS(patrol_simulation_step(simulation, until, &due, &error));
            if (due != PATROL_DUE_NOTHING) host(s, simulation, w, l);
            decisions += 1;
        } while (due != PATROL_DUE_NOTHING && decisions < 400);
        if (exact_count > 3000) break;
    }
    counted_simulations += 1;
    check_measures(simulation, w, l);
    SUCCEEDS(patrol_simulation_read_events(simulation, events, MOST_EVENTS, sizeof *events, &count, &error));
    for (k = 0; k < count; k += 1) {
        const uint8_t *bytes = (const uint8_t *)&events[k];
        size_t b;
        HOLDS(events[k].kind >= 0 && events[k].kind <= PATROL_EVENT_MEASURING_BEGAN);
        HOLDS(events[k].unit >= -1 && events[k].unit < (int32_t)l->units);
        HOLDS(k == 0 || events[k].time_seconds >= events[k - 1].time_seconds);
        for (b = 0; b < sizeof events[k]; b += 1) digest = (digest ^ bytes[b]) * 0x100000001B3u;
    }
    return digest;
}

/* A copy goes on as what it was made of, and with another future keeps its promises too. */
static void copy(source *s, patrol_simulation *simulation, const world *w, const staged *l) {
    patrol_simulation_options options = PATROL_SIMULATION_OPTIONS_INIT;
    patrol_simulation_state own = PATROL_SIMULATION_STATE_INIT, its = PATROL_SIMULATION_STATE_INIT;
    patrol_simulation *other = NULL;
    patrol_error error;
    double until;
    int k;
    options.node_limit = 50;
    SUCCEEDS(patrol_simulation_create(l->scenario, l->engine, &options, &other, &error));
    SUCCEEDS(patrol_simulation_copy(other, simulation, 1, &error));
    SUCCEEDS(patrol_simulation_get_state(simulation, &own, &error));
    until = own.time_seconds + 300.0;
    for (k = 0; k < 2; k += 1) {
        SUCCEEDS(patrol_simulation_run(k == 0 ? simulation : other, until, &error));
        SUCCEEDS(patrol_simulation_get_state(k == 0 ? simulation : other, k == 0 ? &own : &its, &error));
    }
    HOLDS(own.cumulative_cost == its.cumulative_cost && own.events == its.events && own.decisions == its.decisions);
    HOLDS(own.open_incidents == its.open_incidents && own.due == its.due && own.time_seconds == its.time_seconds);
    SUCCEEDS(patrol_simulation_copy(other, simulation, draw(s, 2), &error));
    SUCCEEDS(patrol_simulation_renew_future(other, draw(s, 256), &error));
    SUCCEEDS(patrol_simulation_run(other, until + 300.0, &error));
    SUCCEEDS(patrol_simulation_restart(other, 5, &error));
    SUCCEEDS(patrol_simulation_run(other, l->start + 600.0, &error));
    counted_simulations += 2;
    check_measures(other, w, l);
    patrol_simulation_destroy(other);
}

static void simulate(source *s, const world *w, const staged *l) {
    patrol_simulation_options options = PATROL_SIMULATION_OPTIONS_INIT;
    patrol_simulation *simulation = NULL;
    patrol_error error;
    uint32_t looks = draw(s, 8);
    source again = *s;
    uint64_t first;
    options.event_capacity = MOST_EVENTS;
    options.seed = 3;
    options.node_limit = 50;
    SUCCEEDS(patrol_simulation_create(l->scenario, l->engine, &options, &simulation, &error));
    first = run(s, simulation, w, l);
    if (looks == 1) {
        SUCCEEDS(patrol_simulation_restart(simulation, 3, &error));
        HOLDS(run(&again, simulation, w, l) == first);
    } else if (looks == 2) {
        copy(s, simulation, w, l);
    }
    patrol_simulation_destroy(simulation);
}

static void step_batch(source *s, const staged *l) {
    patrol_batch_options options = PATROL_BATCH_OPTIONS_INIT;
    patrol_batch_arrays arrays = PATROL_BATCH_ARRAYS_INIT;
    patrol_batch *batch = NULL;
    patrol_error error;
    uint32_t width = 0, k, moves[2];
    int32_t choices[2] = {0, 0}, status = PATROL_OK;
    size_t cell;
    options.simulations = 2;
    options.episode_seconds = 600.0;
    options.node_limit = 50;
    SUCCEEDS(patrol_batch_create(l->scenario, l->engine, &options, &batch, &error));
    SUCCEEDS(patrol_batch_get_width(batch, &width, &error));
    arrays.features = exact(2 * width * PATROL_CANDIDATE_FEATURES, sizeof(float));
    arrays.moves = moves;
    for (k = 0; k < 12 && status == PATROL_OK; k += 1) {
        status = patrol_batch_step(batch, 0, 2, choices, &arrays, &error);
        if (status != PATROL_OK) {
            check_refused(status, &error);
            HOLDS(status == PATROL_ERROR_MISMATCH);
            break;
        }
        HOLDS(moves[0] >= 1 && moves[0] <= width && moves[1] >= 1 && moves[1] <= width);
        for (cell = 0; cell < 2 * width * PATROL_CANDIDATE_FEATURES; cell += 1) HOLDS(isfinite(arrays.features[cell]));
        choices[0] = (int32_t)draw(s, moves[0] + 1) - 1;
        choices[1] = (int32_t)draw(s, moves[1] + 1) - 1;
    }
    patrol_batch_destroy(batch);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    source bytes = {data, data + size, 0, 0}, *s = &bytes;
    staged l = {NULL, NULL, 0, 0, 0.0, 0.0};
    kept_city *c = city_of(s, 0);
    patrol_scenario *scenario;
    patrol_error error;
    float seconds = 0.0f;
    uint32_t kind = draw(s, 8);
    s->wild = kind == 1;
    s->calm = kind > 4;
    if (c->engine == NULL) return 0;
    scenario = make_scenario(s, &c->world, c->area, &l);
    /* Of too many calls an input would only take long. */
    if (scenario != NULL && l.calls_per_hour < 2000.0) {
        l.scenario = scenario;
        l.engine = c->engine;
        SUCCEEDS(patrol_engine_post_seconds(c->engine, l.units, &seconds, &error));
        HOLDS(seconds >= 1.0f && isfinite(seconds));
        simulate(s, &c->world, &l);
        if (draw(s, 8) == 1) step_batch(s, &l);
    }
    patrol_scenario_destroy(scenario);
    exact_free(0);
    return 0;
}
