/*
 * Scenarios and simulations from random bytes: each input is a small city, an engine, a scenario with extreme numbers and a
 * host that looks, decides and errs. Whatever the bytes, calls return, refuse with a sentence, or keep what patrol_lab.h
 * promises; the same bytes come to the same events.
 */
#include <patrol_lab.h>

#include "../decide/make.h"

#define MOST_CALLS 24
#define MOST_EVENTS 200

/* What a simulation may be asked of: sizes that are known without asking it. */
typedef struct lab {
    const patrol_scenario *scenario;
    const patrol_engine *engine;
    uint32_t units, queue;
    double start, calls_per_hour; /* at most, about */
} lab;

static patrol_scenario *make_scenario(source *s, const world *w, const patrol_area *area, lab *l) {
    patrol_scenario_arrays a = PATROL_SCENARIO_ARRAYS_INIT;
    patrol_area_info info = PATROL_AREA_INFO_INIT;
    patrol_scenario *scenario = NULL;
    patrol_error error;
    patrol_fleet_unit *units;
    patrol_shift *shifts;
    patrol_call_category *categories = exact(w->categories, sizeof *categories);
    patrol_storm *storms;
    patrol_logged_call *calls;
    float *samples = exact(4, sizeof *samples), *work, *groups = exact(w->groups, sizeof *groups);
    double time = 0.0;
    uint32_t k;
    a.unit_count = l->units = draw(s, 16) ? 1 + draw(s, MOST_UNITS) : draw(s, 20);
    units = exact(a.unit_count, sizeof *units);
    for (k = 0; k < a.unit_count; k += 1) {
        units[k].id = make_id(s, 50 - k);
        units[k].capabilities = draw(s, 4) ? UINT64_MAX : draw(s, 4);
        units[k].start_node = draw(s, w->nodes + (s->wild && !draw(s, 32)));
        units[k].home_beat = (int32_t)draw(s, w->beats + 1) - 1;
    }
    if (draw(s, 4)) a.units = units;
    a.shift_count = draw(s, 3) ? 0 : draw(s, 4);
    shifts = exact(a.shift_count, sizeof *shifts);
    for (k = 0; k < a.shift_count; k += 1) {
        shifts[k].unit = draw(s, a.unit_count + 1);
        shifts[k].start_hour = (float)draw(s, 200) * 0.9f;
        shifts[k].end_hour = shifts[k].start_hour + number(s, 8.0f);
        shifts[k].reserved = s->wild ? draw(s, 64) == 1 : 0;
    }
    a.shifts = shifts;
    for (k = 0; k < 4; k += 1) samples[k] = number(s, 900.0f);
    a.service_samples = samples;
    a.service_sample_count = draw(s, 5);
    for (k = 0; k < w->categories; k += 1) {
        categories[k].required_capabilities = draw(s, 4) ? 0 : draw(s, 4);
        categories[k].service_mean_seconds = (double)positive(s, 900.0f);
        categories[k].service_variation = (double)draw(s, 20) * (draw(s, 4) ? 0.1 : 6.0);
        categories[k].weight = positive(s, 2.0f);
        categories[k].priority = (int32_t)draw(s, PATROL_PRIORITIES + 1) + !s->wild;
        categories[k].units_required = draw(s, 8) ? 1 + draw(s, 3) : draw(s, 66);
        categories[k].service_kind = (int32_t)draw(s, 4) + (s->wild && !draw(s, 32));
        categories[k].first_sample = draw(s, 2);
        categories[k].sample_count = draw(s, 4);
    }
    if (draw(s, 3)) a.categories = categories;
    for (k = 0; k < w->groups; k += 1) groups[k] = positive(s, 1.0f);
    if (draw(s, 2)) a.group_weights = groups;
    a.storm_count = draw(s, 3);
    storms = exact(a.storm_count, sizeof *storms);
    for (k = 0; k < a.storm_count; k += 1) {
        storms[k].start_seconds = (double)number(s, 3600.0f);
        storms[k].end_seconds = draw(s, 8) ? storms[k].start_seconds + (double)number(s, 3600.0f) : 1e12;
        storms[k].multiplier = (double)number(s, 1.0f);
    }
    a.storms = storms;
    a.call_count = draw(s, 2) ? 0 : draw(s, MOST_CALLS);
    calls = exact(a.call_count, sizeof *calls);
    for (k = 0; k < a.call_count; k += 1) {
        time += (double)number(s, 300.0f);
        calls[k].time_seconds = time;
        calls[k].node = draw(s, w->nodes + (s->wild && !draw(s, 64)));
        calls[k].category = (int32_t)draw(s, w->categories);
        calls[k].priority = (int32_t)draw(s, PATROL_PRIORITIES + 1);
        calls[k].service_seconds = draw(s, 3) ? number(s, 900.0f) : NAN;
    }
    a.calls = calls;
    a.work_hours = draw(s, 3) ? 0 : draw(s, 2) ? 1 : 24;
    work = exact(a.work_hours, sizeof *work);
    for (k = 0; k < a.work_hours; k += 1) work[k] = number(s, 2.0f);
    a.work_per_hour = work;
    a.work_mean_seconds = (double)positive(s, 600.0f);
    a.work_interruptible_priority = (int32_t)draw(s, PATROL_PRIORITIES + 1);
    if (draw(s, 3) == 0) a.out_of_service_per_hour = (double)number(s, 1.0f);
    a.out_of_service_mean_seconds = (double)positive(s, 600.0f);
    a.rate_scale = (double)number(s, 2.0f);
    a.overflow_seconds = (double)number(s, 3600.0f);
    a.compliance = draw(s, 2) ? 1.0 : (double)draw(s, 256) / 255.0;
    a.reassessment_seconds = 1.0 + (double)number(s, 60.0f);
    a.start_seconds = l->start = draw(s, 2) ? 0.0 : (double)number(s, 90000.0f);
    a.warm_up_seconds = draw(s, 2) ? 0.0 : (double)number(s, 600.0f);
    a.queue_capacity = l->queue = draw(s, 12);
    for (k = 0; k < PATROL_PRIORITIES; k += 1) a.response_target_seconds[k] = limit(s, 300.0f);
    SUCCEEDS(patrol_area_get_info(area, &info, &error));
    l->calls_per_hour = info.calls_per_hour * info.period_hours * a.rate_scale;
    for (k = 0; k < a.storm_count; k += 1) l->calls_per_hour *= fmax(1.0, storms[k].multiplier);
    check_made(patrol_scenario_create(area, &a, &scenario, &error), &error, &scenario);
    return scenario;
}

/* Every number that a simulation tells is one, and calls are neither lost nor made. */
static void check_measures(patrol_simulation *simulation, const lab *l) {
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
}

/* A host's turn: it looks, and sends units here and there, also where they cannot go. */
static void host(source *s, patrol_simulation *simulation, const world *w, const lab *l) {
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
static uint64_t run(source *s, patrol_simulation *simulation, const world *w, const lab *l) {
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
    check_measures(simulation, l);
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

static void simulate(source *s, const world *w, const lab *l) {
    patrol_simulation_options options = PATROL_SIMULATION_OPTIONS_INIT;
    patrol_simulation *simulation = NULL;
    patrol_error error;
    source again = *s;
    uint64_t first;
    options.event_capacity = MOST_EVENTS;
    options.seed = 3;
    options.node_limit = 50;
    SUCCEEDS(patrol_simulation_create(l->scenario, l->engine, &options, &simulation, &error));
    first = run(s, simulation, w, l);
    SUCCEEDS(patrol_simulation_restart(simulation, 3, &error));
    HOLDS(run(&again, simulation, w, l) == first);
    patrol_simulation_destroy(simulation);
}

static void train(source *s, const lab *l) {
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
    source bytes = {data, data + size, 0}, *s = &bytes;
    static world w;
    lab l = {NULL, NULL, 0, 0, 0.0, 0.0};
    patrol_area *area;
    patrol_policy *policy = NULL;
    patrol_engine *engine = NULL;
    patrol_scenario *scenario = NULL;
    s->wild = draw(s, 4) == 0;
    memset(&w, 0, sizeof w);
    area = make_area(s, &w);
    if (area != NULL) {
        policy = make_policy(s);
        engine = make_engine(s, &w, area, policy);
    }
    if (engine != NULL) scenario = make_scenario(s, &w, area, &l);
    /* Of too many calls an input would only take long. */
    if (scenario != NULL && l.calls_per_hour < 20000.0) {
        l.scenario = scenario;
        l.engine = engine;
        simulate(s, &w, &l);
        train(s, &l);
    }
    patrol_scenario_destroy(scenario);
    patrol_engine_destroy(engine);
    patrol_policy_destroy(policy);
    patrol_area_destroy(area);
    exact_free();
    return 0;
}
