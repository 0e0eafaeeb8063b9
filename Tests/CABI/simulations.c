/*
 * Simulations: equal seeds give equal bytes, what a host sees is what the policies see, a batch is its simulations one by one,
 * and threads may step parts of one batch at once.
 */
#include <pthread.h>

#include "lab.h"

#define END (12 * 3600.0)

static patrol_area *area;
static patrol_scenario *scenario;
static patrol_engine *engine;

static void check_determinism(void) {
    static lab_trace first, again, other;
    patrol_metrics a = PATROL_METRICS_INIT, b = PATROL_METRICS_INIT;
    patrol_simulation *simulation = lab_simulation(scenario, engine, 5), *sliced = lab_simulation(scenario, engine, 6);
    double until;
    MUST(patrol_simulation_run(simulation, END, error));
    MUST(patrol_simulation_run(simulation, 0.0, error)); /* the past: nothing happens */
    MUST(patrol_simulation_get_metrics(simulation, &a, error));
    lab_read(simulation, &first);
    MUST(patrol_simulation_run(sliced, 7000.0, error));
    lab_read(sliced, &other);
    MUST(patrol_simulation_restart(sliced, 5, error));
    for (until = 0.0; until <= END; until += 100.0) MUST(patrol_simulation_run(sliced, until, error));
    MUST(patrol_simulation_get_metrics(sliced, &b, error));
    lab_read(sliced, &again);
    CHECK(first.count > 200 && first.count < LAB_EVENTS);
    CHECK(lab_agree(&first, &again) && !lab_agree(&first, &other));
    CHECK(memcmp(&a, &b, sizeof a) == 0);
    CHECK(a.calls > 10 && a.calls == a.served + a.lost + a.open && a.seconds == END && a.utilization > 0.0);
    patrol_simulation_destroy(simulation);
    patrol_simulation_destroy(sliced);
}

/* Counts of the events, of the measures and of the classes are the same counts. */
static void check_measures(void) {
    static lab_trace trace;
    patrol_simulation_state state = PATROL_SIMULATION_STATE_INIT;
    patrol_metrics metrics = PATROL_METRICS_INIT;
    patrol_response rows[24];
    patrol_unit_times times[LAB_UNITS];
    patrol_simulation *simulation = lab_simulation(scenario, engine, 8);
    uint64_t kinds[PATROL_EVENT_MEASURING_BEGAN + 1] = {0};
    size_t count = 0, k;
    int32_t class;
    MUST(patrol_simulation_run(simulation, END, error));
    MUST(patrol_simulation_get_state(simulation, &state, error));
    MUST(patrol_simulation_get_metrics(simulation, &metrics, error));
    lab_read(simulation, &trace);
    for (k = 0; k < trace.count; k += 1) {
        const patrol_simulation_event *event = &trace.events[k];
        CHECK(event->kind >= 0 && event->kind <= PATROL_EVENT_MEASURING_BEGAN && event->unit < LAB_UNITS);
        CHECK((event->incident_id == PATROL_NO_ID) == (event->priority == 0 && event->category == -1));
        CHECK(event->priority >= 0 && event->priority <= PATROL_PRIORITIES);
        CHECK(event->node == PATROL_NO_NODE || event->node < CITY_NODES);
        CHECK(k == 0 || event->time_seconds >= trace.events[k - 1].time_seconds);
        kinds[event->kind] += 1;
    }
    CHECK(metrics.calls == kinds[PATROL_EVENT_CALL_CAME] && metrics.served == kinds[PATROL_EVENT_CALL_ENDED]);
    CHECK(metrics.lost == kinds[PATROL_EVENT_CALL_LOST] && metrics.dispatches == kinds[PATROL_EVENT_UNIT_SENT]);
    CHECK(metrics.diversions == kinds[PATROL_EVENT_UNIT_DIVERTED] && metrics.open == state.open_incidents);
    CHECK(kinds[PATROL_EVENT_CALL_REACHED] == metrics.response.reached && metrics.response.mean > 0.0);
    CHECK(metrics.events == state.events && metrics.decisions == state.decisions && state.time_seconds == END);
    CHECK(fabs(metrics.cost_rate * END - state.cumulative_cost) < 1e-6 * state.cumulative_cost);
    for (class = PATROL_CLASS_PRIORITY; class <= PATROL_CLASS_HOUR; class += 1) {
        uint64_t calls = 0;
        MUST(patrol_simulation_get_responses(simulation, class, rows, 24, sizeof *rows, &count, error));
        for (k = 0; k < count; k += 1) calls += rows[k].calls;
        CHECK(calls == metrics.calls);
    }
    MUST(patrol_simulation_get_unit_times(simulation, times, LAB_UNITS, sizeof *times, &count, error));
    for (k = 0; k < LAB_UNITS; k += 1) {
        const patrol_unit_times *t = &times[k];
        double sum =
            t->off_duty + t->out_of_service + t->standing + t->driving + t->en_route + t->on_scene + t->self_initiated;
        CHECK(fabs(sum - END) < 1e-6);
    }
    patrol_simulation_destroy(simulation);
}

/* Of events that nobody reads the oldest are lost, and counted. */
static void check_ring(void) {
    static lab_trace whole;
    patrol_simulation_options options = PATROL_SIMULATION_OPTIONS_INIT;
    patrol_simulation_state state = PATROL_SIMULATION_STATE_INIT;
    patrol_simulation_event last[8];
    patrol_simulation *simulation = lab_simulation(scenario, engine, 5), *forgetful = NULL;
    size_t count = 0, more = 99;
    options.seed = 5;
    options.event_capacity = 7;
    MUST(patrol_simulation_create(scenario, engine, &options, &forgetful, error));
    MUST(patrol_simulation_run(simulation, END, error));
    MUST(patrol_simulation_run(forgetful, END, error));
    lab_read(simulation, &whole);
    MUST(patrol_simulation_get_state(forgetful, &state, error));
    MUST(patrol_simulation_read_events(forgetful, last, 3, sizeof *last, &count, error));
    MUST(patrol_simulation_read_events(forgetful, last + 3, 5, sizeof *last, &more, error));
    CHECK(count == 3 && more == 4 && state.events_lost == whole.count - 7);
    CHECK(memcmp(last, whole.events + whole.count - 7, 7 * sizeof *last) == 0);
    MUST(patrol_simulation_read_events(forgetful, NULL, 0, 0, &count, error));
    CHECK(count == 0);
    patrol_simulation_destroy(simulation);
    patrol_simulation_destroy(forgetful);
}

/* A host that gives what it sees to patrol_decide, and does what that says, is the engine. */
static void check_snapshots(void) {
    static lab_trace engines, hosts;
    static patrol_unit units[LAB_UNITS];
    static patrol_incident incidents[16];
    static patrol_move moves[LAB_UNITS];
    static patrol_assignment assignments[LAB_UNITS];
    static patrol_wait waits[16];
    float travel[LAB_UNITS * 16], idle[CITY_NODES];
    uint8_t due_units[LAB_UNITS];
    patrol_simulation *simulation = lab_simulation(scenario, engine, 9), *hosted = lab_simulation(scenario, engine, 9);
    patrol_session *session = NULL;
    int32_t due = -1;
    uint64_t decided = 0;
    MUST(patrol_session_create(engine, LAB_UNITS, 16, &session, error));
    MUST(patrol_simulation_run(simulation, END, error));
    for (;;) {
        patrol_snapshot snapshot = PATROL_SNAPSHOT_INIT;
        patrol_decide_options options = PATROL_DECIDE_OPTIONS_INIT;
        patrol_answer answer = PATROL_ANSWER_INIT;
        patrol_simulation_state state = PATROL_SIMULATION_STATE_INIT;
        size_t k;
        MUST(patrol_simulation_step(hosted, END, &due, error));
        if (due == PATROL_DUE_NOTHING) break;
        MUST(patrol_simulation_get_state(hosted, &state, error));
        MUST(patrol_simulation_get_snapshot(hosted, units, LAB_UNITS, sizeof *units, &snapshot.unit_count, incidents,
                                            16, sizeof *incidents, &snapshot.incident_count, travel, idle, due_units,
                                            error));
        CHECK(snapshot.unit_count == LAB_UNITS && snapshot.incident_count == state.open_incidents && state.due == due);
        snapshot.time_seconds = state.time_seconds;
        snapshot.units = units;
        snapshot.incidents = incidents;
        snapshot.travel_seconds = travel;
        snapshot.location_idle_seconds = idle;
        options.tasks = due == PATROL_DUE_DISPATCH ? PATROL_TASK_DISPATCH : PATROL_TASK_PATROL;
        options.deadline_microseconds = 0;
        options.node_limit = 2000;
        answer.moves = moves, answer.assignments = assignments, answer.waits = waits;
        answer.move_capacity = answer.assignment_capacity = LAB_UNITS, answer.wait_capacity = 16;
        MUST(patrol_decide(session, &snapshot, &options, &answer, error));
        for (k = 0; k < LAB_UNITS && due == PATROL_DUE_PATROL; k += 1) {
            CHECK(due_units[k] == (moves[k].target_node != PATROL_NO_NODE));
            if (due_units[k]) MUST(patrol_simulation_move(hosted, (uint32_t)k, moves[k].target_node, error));
        }
        for (k = 0; k < answer.assignment_count; k += 1) {
            uint32_t unit = 0, call = 0;
            while (units[unit].id != assignments[k].unit_id) unit += 1;
            while (incidents[call].id != assignments[k].incident_id) call += 1;
            MUST(patrol_simulation_assign(hosted, unit, call, error));
        }
        decided += 1;
    }
    lab_read(simulation, &engines);
    lab_read(hosted, &hosts);
    CHECK(decided > 200 && lab_agree(&engines, &hosts));
    patrol_session_destroy(session);
    patrol_simulation_destroy(simulation);
    patrol_simulation_destroy(hosted);
}

/* What follows from where a simulation stands, the engine deciding. */
static void go_on(patrol_simulation *simulation, lab_trace *trace) {
    lab_read(simulation, trace); /* forgets what was before */
    MUST(patrol_simulation_run(simulation, END, error));
    lab_read(simulation, trace);
}

/* A copy goes on as the original does, the decision that is due included; with renewed futures, as its seed says. */
static void check_copies(void) {
    static lab_trace expected, copied, futures[3];
    patrol_metrics a = PATROL_METRICS_INIT, b = PATROL_METRICS_INIT;
    patrol_simulation *original = lab_simulation(scenario, engine, 7), *copy = lab_simulation(scenario, engine, 8);
    int32_t wanted = PATROL_DUE_DISPATCH, due;
    size_t k;
    for (; wanted <= PATROL_DUE_PATROL; wanted += 1) {
        patrol_simulation_state state = PATROL_SIMULATION_STATE_INIT;
        MUST(patrol_simulation_restart(original, 7, error));
        MUST(patrol_simulation_run(original, END / 3, error));
        do {
            MUST(patrol_simulation_step(original, END, &due, error));
            if (due != wanted) MUST(patrol_simulation_decide(original, error));
        } while (due != wanted);
        for (k = 0; k < 3; k += 1) {
            MUST(patrol_simulation_run(copy, 7000.0, error)); /* it has a past of its own */
            MUST(patrol_simulation_copy(copy, original, 0, error));
            MUST(patrol_simulation_renew_future(copy, k / 2, error));
            MUST(patrol_simulation_get_state(copy, &state, error));
            CHECK(state.due == wanted);
            go_on(copy, &futures[k]);
            MUST(patrol_simulation_get_metrics(copy, &b, error));
            CHECK(b.seconds == 0.0 && b.calls == 0);
            MUST(patrol_simulation_restart(copy, k, error));
        }
        MUST(patrol_simulation_copy(copy, original, 1, error));
        go_on(copy, &copied);
        go_on(original, &expected);
        CHECK(expected.count > 100 && lab_agree(&expected, &copied));
        CHECK(lab_agree(&futures[0], &futures[1]) && !lab_agree(&futures[0], &futures[2]));
        CHECK(!lab_agree(&futures[0], &expected));
        MUST(patrol_simulation_get_metrics(original, &a, error));
        MUST(patrol_simulation_get_metrics(copy, &b, error));
        CHECK(memcmp(&a, &b, sizeof a) == 0 && a.calls > 10);
        MUST(patrol_simulation_restart(copy, 8, error));
    }
    patrol_simulation_destroy(original);
    patrol_simulation_destroy(copy);
}

/* A host takes a part of the decision that is due: sends the first unit that can go, or has the first that is due stay. */
static int take_part(patrol_simulation *simulation) {
    static patrol_unit units[LAB_UNITS];
    static patrol_incident incidents[16];
    uint8_t due[LAB_UNITS];
    size_t unit_count, incident_count, unit, call;
    MUST(patrol_simulation_get_snapshot(simulation, units, LAB_UNITS, sizeof *units, &unit_count, incidents, 16,
                                        sizeof *incidents, &incident_count, NULL, NULL, due, error));
    for (unit = 0; unit < unit_count; unit += 1) {
        patrol_error refusal;
        uint32_t index = (uint32_t)unit;
        if (due[unit]) return patrol_simulation_move(simulation, index, units[unit].node, &refusal) == PATROL_OK;
        for (call = 0; call < incident_count; call += 1)
            if (patrol_simulation_assign(simulation, index, (uint32_t)call, &refusal) == PATROL_OK) return 1;
    }
    return 0;
}

/* The rest of a decision that a host has taken a part of, and what follows, is the same for a copy. */
static void check_copies_amid_decisions(void) {
    static lab_trace expected, copied;
    patrol_simulation *original = lab_simulation(scenario, engine, 10), *copy = lab_simulation(scenario, engine, 11);
    int copies[PATROL_DUE_PATROL + 1] = {0};
    int32_t due = -1;
    for (;;) {
        double until;
        patrol_simulation_state state = PATROL_SIMULATION_STATE_INIT;
        MUST(patrol_simulation_step(original, END, &due, error));
        if (due == PATROL_DUE_NOTHING) break;
        if (!take_part(original)) continue;
        MUST(patrol_simulation_copy(copy, original, 1, error));
        MUST(patrol_simulation_get_state(original, &state, error));
        until = state.time_seconds + 300.0;
        lab_read(original, &expected);
        lab_read(copy, &copied);
        MUST(patrol_simulation_decide(original, error));
        MUST(patrol_simulation_decide(copy, error));
        MUST(patrol_simulation_run(original, until, error));
        MUST(patrol_simulation_run(copy, until, error));
        lab_read(original, &expected);
        lab_read(copy, &copied);
        CHECK(expected.count > 0 && lab_agree(&expected, &copied));
        copies[due] += 1;
    }
    CHECK(copies[PATROL_DUE_DISPATCH] > 5 && copies[PATROL_DUE_PATROL] > 20);
    patrol_simulation_destroy(original);
    patrol_simulation_destroy(copy);
}

enum { SIMULATIONS = 6, WIDTH = 16, STEPS = 150 };
#define EPISODE 5400.0

/* Everything that a batch tells, for each simulation and step. */
typedef struct record {
    float features[SIMULATIONS][WIDTH][PATROL_CANDIDATE_FEATURES];
    uint32_t moves[SIMULATIONS], nodes[SIMULATIONS][WIDTH], units[SIMULATIONS];
    double time_seconds[SIMULATIONS], cumulative_cost[SIMULATIONS], ended_cost[SIMULATIONS];
    uint8_t interrupted[SIMULATIONS], ended[SIMULATIONS];
} record;

static record steps[STEPS], threaded[STEPS];

/* The same seeds from the first one on, or one by one. */
static patrol_batch *make_batch(uint32_t *width, int one_by_one) {
    static const uint64_t seeds[SIMULATIONS] = {40, 41, 42, 43, 44, 45};
    patrol_batch_options options = PATROL_BATCH_OPTIONS_INIT;
    patrol_batch *batch = NULL;
    options.simulations = SIMULATIONS;
    if (one_by_one)
        options.seeds = seeds;
    else
        options.seed = seeds[0];
    options.episode_seconds = EPISODE;
    MUST(patrol_batch_create(scenario, engine, &options, &batch, error));
    MUST(patrol_batch_get_width(batch, width, error));
    CHECK(*width <= WIDTH);
    return batch;
}

/* Some choice, the same in every test: a move, or the engine's where it is -1. */
static int32_t choice(size_t simulation, size_t step, uint32_t moves) {
    return (int32_t)((7 * simulation + 3 * step) % (moves + 1)) - 1;
}

static int32_t step_batch(patrol_batch *batch, uint32_t width, size_t step, size_t first, size_t count, record *all) {
    patrol_batch_arrays arrays = PATROL_BATCH_ARRAYS_INIT;
    static float rows[2][SIMULATIONS * WIDTH * PATROL_CANDIDATE_FEATURES]; /* of each half */
    static uint32_t nodes[2][SIMULATIONS * WIDTH];
    int32_t choices[SIMULATIONS] = {0}, status;
    float *row = rows[first > 0];
    record *now = &all[step];
    size_t k;
    for (k = first; k < first + count && step > 0; k += 1) choices[k] = choice(k, step, all[step - 1].moves[k]);
    arrays.features = row;
    arrays.nodes = nodes[first > 0];
    arrays.moves = now->moves;
    arrays.units = now->units;
    arrays.time_seconds = now->time_seconds;
    arrays.cumulative_cost = now->cumulative_cost;
    arrays.ended_cost = now->ended_cost;
    arrays.interrupted = now->interrupted;
    arrays.ended = now->ended;
    status = patrol_batch_step(batch, first, count, step == 0 ? NULL : choices, &arrays, NULL);
    for (k = first; k < first + count && status == PATROL_OK; k += 1) {
        memcpy(now->features[k], row + k * width * PATROL_CANDIDATE_FEATURES,
               width * PATROL_CANDIDATE_FEATURES * sizeof(float));
        memcpy(now->nodes[k], nodes[first > 0] + k * width, width * sizeof(uint32_t));
    }
    return status;
}

/* The same decisions taken in one simulation by the single calls. */
static void follow(size_t k, uint32_t width) {
    patrol_simulation *simulation = lab_simulation(scenario, engine, 40 + k);
    patrol_candidate candidates[WIDTH];
    static float features[WIDTH][PATROL_CANDIDATE_FEATURES];
    uint64_t seed = 40 + k;
    double ended_cost = 0.0;
    size_t step = 0;
    uint8_t ended = 0;
    int same = 1;
    while (step < STEPS) {
        patrol_simulation_state state = PATROL_SIMULATION_STATE_INIT;
        uint8_t due_units[LAB_UNITS];
        size_t units, incidents, count = 0;
        uint32_t unit = 0;
        int32_t due = -1;
        MUST(patrol_simulation_get_state(simulation, &state, error));
        if (state.due == PATROL_DUE_PATROL) {
            MUST(patrol_simulation_get_snapshot(simulation, NULL, 0, 0, &units, NULL, 0, 0, &incidents, NULL, NULL,
                                                due_units, error));
            while (unit < LAB_UNITS && due_units[unit] == 0) unit += 1;
        }
        if (state.due != PATROL_DUE_PATROL || unit == LAB_UNITS) {
            MUST(patrol_simulation_step(simulation, EPISODE, &due, error));
            if (due == PATROL_DUE_DISPATCH) MUST(patrol_simulation_decide(simulation, error));
            if (due != PATROL_DUE_NOTHING) continue;
            MUST(patrol_simulation_get_state(simulation, &state, error));
            ended = 1, ended_cost = state.cumulative_cost;
            seed += SIMULATIONS;
            MUST(patrol_simulation_restart(simulation, seed, error));
            continue;
        }
        memset(features, 0, sizeof features);
        MUST(patrol_simulation_get_candidates(simulation, unit, candidates, WIDTH, sizeof *candidates, &count,
                                              features[0], error));
        same = same && steps[step].moves[k] == count && steps[step].units[k] == unit &&
               steps[step].time_seconds[k] == state.time_seconds && steps[step].ended[k] == ended &&
               steps[step].cumulative_cost[k] == state.cumulative_cost && steps[step].ended_cost[k] == ended_cost &&
               memcmp(steps[step].features[k], features, width * sizeof *features) == 0;
        for (units = 0; units < width; units += 1)
            same = same && steps[step].nodes[k][units] == (units < count ? candidates[units].node : PATROL_NO_NODE);
        ended = 0, ended_cost = 0.0;
        step += 1;
        if (step < STEPS) {
            int32_t chosen = choice(k, step, (uint32_t)count);
            uint32_t best = 0, move;
            for (move = 1; move < count; move += 1)
                best = candidates[move].value > candidates[best].value ? move : best;
            MUST(patrol_simulation_move(simulation, unit, candidates[chosen < 0 ? (int32_t)best : chosen].node, error));
        }
    }
    CHECK(same);
    patrol_simulation_destroy(simulation);
}

typedef struct worker {
    patrol_batch *batch;
    uint32_t width;
    size_t first;
    int failed;
} worker;

static void *work(void *argument) {
    worker *self = (worker *)argument;
    size_t step;
    for (step = 0; step < STEPS; step += 1)
        self->failed |= step_batch(self->batch, self->width, step, self->first, SIMULATIONS / 2, threaded) != PATROL_OK;
    return NULL;
}

static void check_batch(void) {
    uint32_t width = 0, episodes = 0, interruptions = 0;
    patrol_batch *batch = make_batch(&width, 0);
    size_t step, k;
    worker halves[2];
    pthread_t threads[2];
    for (step = 0; step < STEPS; step += 1) {
        CHECK(step_batch(batch, width, step, 0, SIMULATIONS, steps) == PATROL_OK);
        for (k = 0; k < SIMULATIONS; k += 1) {
            episodes += steps[step].ended[k];
            interruptions += steps[step].interrupted[k];
        }
    }
    CHECK(episodes >= SIMULATIONS && interruptions >= LAB_UNITS * SIMULATIONS &&
          interruptions < SIMULATIONS * STEPS / 2);
    for (k = 0; k < SIMULATIONS; k += 1) follow(k, width);
    patrol_batch_destroy(batch);
    batch = make_batch(&width, 1);
    for (k = 0; k < 2; k += 1) {
        const worker half = {batch, width, k * (SIMULATIONS / 2), 0};
        halves[k] = half;
        CHECK(pthread_create(&threads[k], NULL, work, &halves[k]) == 0);
    }
    for (k = 0; k < 2; k += 1) CHECK(pthread_join(threads[k], NULL) == 0 && !halves[k].failed);
    CHECK(memcmp(steps, threaded, sizeof steps) == 0);
    patrol_batch_destroy(batch);
}

/* A log is replayed, with the fleet that is made where none is given; objects are destroyed in any order. */
static void check_log(void) {
    patrol_metrics metrics = PATROL_METRICS_INIT;
    patrol_scenario *replay = NULL;
    patrol_engine *hold = lab_engine(area, "stay", "closest_fcfs");
    patrol_simulation *simulation = NULL;
    lab l;
    lab_init(&l);
    l.arrays.call_count = LAB_CALLS;
    l.arrays.units = NULL;
    l.arrays.shift_count = 0;
    MUST(patrol_scenario_create(area, &l.arrays, &replay, error));
    MUST(patrol_simulation_create(replay, hold, NULL, &simulation, error));
    patrol_scenario_destroy(replay);
    patrol_engine_destroy(hold);
    MUST(patrol_simulation_run(simulation, 1e5, error));
    MUST(patrol_simulation_get_metrics(simulation, &metrics, error));
    CHECK(metrics.calls == LAB_CALLS && metrics.served + metrics.lost + metrics.open == LAB_CALLS &&
          metrics.served >= 2);
    patrol_simulation_destroy(simulation);
}

int main(void) {
    area = city_area();
    scenario = lab_scenario(area);
    engine = lab_engine(area, "marginal_coverage", "minimum_weighted_travel");
    check_determinism();
    check_measures();
    check_ring();
    check_snapshots();
    check_copies();
    check_copies_amid_decisions();
    check_batch();
    check_log();
    patrol_engine_destroy(engine);
    patrol_scenario_destroy(scenario);
    patrol_area_destroy(area);
    return check_done("simulations");
}
