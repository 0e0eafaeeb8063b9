/*
 * Simulations and batches: what must be refused. After every refusal outputs are as they were, and in the end the simulation
 * has gone the way of one that was never asked anything wrong.
 */
#include "lab.h"

static patrol_area *area, *elsewhere;
static patrol_scenario *scenario;
static patrol_engine *engine, *foreign;

/* An output that no refusal may touch. */
static struct {
    patrol_unit units[LAB_UNITS];
    patrol_incident incidents[16];
    patrol_candidate candidates[16];
    patrol_pair pairs[64];
    patrol_response responses[16];
    patrol_unit_times times[LAB_UNITS];
    patrol_simulation_event events[8];
    float features[64 * PATROL_STATE_FEATURES];
    uint8_t due[LAB_UNITS];
} out, untouched;

static patrol_error refusal;

/* Judges a call that must be refused and clears the table for the next. */
static void judge(int line, const char *title, int32_t status, int32_t expected, const char *culprit) {
    check_refusal(__FILE__, line, title, status, expected, &refusal, culprit);
    check(memcmp(&out, &untouched, sizeof out) == 0, __FILE__, line, "%s: an output was written", title);
    memset(&refusal, 0xA5, sizeof refusal);
}

#define REFUSED(call, expected, culprit) judge(__LINE__, #call, call, PATROL_ERROR_##expected, culprit)

static void check_creation(void) {
    patrol_simulation_options options = PATROL_SIMULATION_OPTIONS_INIT;
    patrol_simulation *simulation = NULL;
    float seconds = -1.0f;
    REFUSED(patrol_simulation_create(NULL, engine, NULL, &simulation, &refusal), INVALID_ARGUMENT, "scenario is NULL");
    REFUSED(patrol_simulation_create(scenario, NULL, NULL, &simulation, &refusal), INVALID_ARGUMENT, "engine is NULL");
    REFUSED(patrol_simulation_create(scenario, engine, NULL, NULL, &refusal), INVALID_ARGUMENT, "simulation is NULL");
    REFUSED(patrol_simulation_create(scenario, foreign, NULL, &simulation, &refusal), MISMATCH, "area");
    options.struct_size = 8;
    REFUSED(patrol_simulation_create(scenario, engine, &options, &simulation, &refusal), STRUCT_SIZE, "struct_size|8");
    patrol_simulation_options_init(&options);
    options.event_capacity = (1u << 24) + 1;
    REFUSED(patrol_simulation_create(scenario, engine, &options, &simulation, &refusal), INVALID_ARGUMENT,
            "event_capacity|16777217");
    patrol_simulation_options_init(&options);
    options.relative_gap = NAN;
    REFUSED(patrol_simulation_create(scenario, engine, &options, &simulation, &refusal), INVALID_NUMBER,
            "relative_gap|nan");
    options.relative_gap = -1.0;
    REFUSED(patrol_simulation_create(scenario, engine, &options, &simulation, &refusal), INVALID_NUMBER,
            "relative_gap|-1");
    CHECK(simulation == NULL);
    REFUSED(patrol_engine_post_seconds(NULL, 1, &seconds, &refusal), INVALID_ARGUMENT, "engine is NULL");
    REFUSED(patrol_engine_post_seconds(engine, 1, NULL, &refusal), INVALID_ARGUMENT, "seconds is NULL");
    REFUSED(patrol_engine_post_seconds(engine, 0, &seconds, &refusal), INVALID_ARGUMENT, "unit_count|0");
    CHECK(seconds == -1.0f);
    MUST(patrol_engine_post_seconds(engine, UINT32_MAX, &seconds, error));
    CHECK(seconds == 1.0f);
}

static void check_null(void) {
    int32_t due = -7;
    size_t count = 77, other = 77;
    REFUSED(patrol_simulation_restart(NULL, 1, &refusal), INVALID_ARGUMENT, "simulation is NULL");
    REFUSED(patrol_simulation_run(NULL, 1.0, &refusal), INVALID_ARGUMENT, "simulation is NULL");
    REFUSED(patrol_simulation_step(NULL, 1.0, &due, &refusal), INVALID_ARGUMENT, "simulation is NULL");
    REFUSED(patrol_simulation_decide(NULL, &refusal), INVALID_ARGUMENT, "simulation is NULL");
    REFUSED(patrol_simulation_assign(NULL, 0, 0, &refusal), INVALID_ARGUMENT, "simulation is NULL");
    REFUSED(patrol_simulation_move(NULL, 0, 0, &refusal), INVALID_ARGUMENT, "simulation is NULL");
    REFUSED(patrol_simulation_copy(NULL, NULL, 1, &refusal), INVALID_ARGUMENT, "simulation is NULL");
    REFUSED(patrol_simulation_renew_future(NULL, 1, &refusal), INVALID_ARGUMENT, "simulation is NULL");
    REFUSED(patrol_simulation_get_state(NULL, NULL, &refusal), INVALID_ARGUMENT, "simulation is NULL");
    REFUSED(patrol_simulation_get_snapshot(NULL, out.units, 3, 0, &count, out.incidents, 16, 0, &other, NULL, NULL,
                                           NULL, &refusal),
            INVALID_ARGUMENT, "simulation is NULL");
    REFUSED(patrol_simulation_get_candidates(NULL, 0, out.candidates, 16, 0, &count, NULL, &refusal), INVALID_ARGUMENT,
            "simulation is NULL");
    REFUSED(patrol_simulation_get_pairs(NULL, out.pairs, 64, 0, &count, NULL, NULL, NULL, &refusal), INVALID_ARGUMENT,
            "simulation is NULL");
    REFUSED(patrol_simulation_read_events(NULL, out.events, 8, 0, &count, &refusal), INVALID_ARGUMENT,
            "simulation is NULL");
    REFUSED(patrol_simulation_get_metrics(NULL, NULL, &refusal), INVALID_ARGUMENT, "simulation is NULL");
    REFUSED(patrol_simulation_get_responses(NULL, 0, out.responses, 16, 0, &count, &refusal), INVALID_ARGUMENT,
            "simulation is NULL");
    REFUSED(patrol_simulation_get_unit_times(NULL, out.times, 3, 0, &count, &refusal), INVALID_ARGUMENT,
            "simulation is NULL");
    CHECK(due == -7 && count == 77 && other == 77);
}

/* At any time. */
static void check_values(patrol_simulation *s) {
    patrol_simulation_state state = PATROL_SIMULATION_STATE_INIT;
    patrol_metrics metrics = PATROL_METRICS_INIT;
    int32_t due = -7;
    size_t count = 77;
    REFUSED(patrol_simulation_run(s, NAN, &refusal), INVALID_NUMBER, "until_seconds|nan");
    REFUSED(patrol_simulation_run(s, INFINITY, &refusal), INVALID_NUMBER, "until_seconds|inf");
    REFUSED(patrol_simulation_run(s, -1.0, &refusal), INVALID_NUMBER, "until_seconds|-1");
    REFUSED(patrol_simulation_run(s, 1.1e12, &refusal), INVALID_NUMBER, "until_seconds|11000000");
    REFUSED(patrol_simulation_step(s, NAN, &due, &refusal), INVALID_NUMBER, "until_seconds|nan");
    REFUSED(patrol_simulation_step(s, 1.0, NULL, &refusal), INVALID_ARGUMENT, "due is NULL");
    REFUSED(patrol_simulation_get_state(s, NULL, &refusal), INVALID_ARGUMENT, "state is NULL");
    state.struct_size = 4;
    REFUSED(patrol_simulation_get_state(s, &state, &refusal), STRUCT_SIZE, "struct_size|4");
    REFUSED(patrol_simulation_get_metrics(s, NULL, &refusal), INVALID_ARGUMENT, "metrics is NULL");
    metrics.struct_size = 4;
    REFUSED(patrol_simulation_get_metrics(s, &metrics, &refusal), STRUCT_SIZE, "struct_size|4");
    REFUSED(patrol_simulation_get_responses(s, 6, out.responses, 16, 0, &count, &refusal), INVALID_ARGUMENT,
            "call_class|6");
    REFUSED(patrol_simulation_get_responses(s, -1, out.responses, 16, 0, &count, &refusal), INVALID_ARGUMENT,
            "call_class|-1");
    REFUSED(patrol_simulation_get_responses(s, 0, out.responses, 16, 0, NULL, &refusal), INVALID_ARGUMENT,
            "count is NULL");
    REFUSED(patrol_simulation_get_responses(s, 0, NULL, 16, 0, &count, &refusal), INVALID_ARGUMENT, "rows is NULL");
    REFUSED(patrol_simulation_get_responses(s, 0, out.responses, 16, 12, &count, &refusal), INVALID_ARGUMENT,
            "rows|12");
    REFUSED(patrol_simulation_get_unit_times(s, out.times, 3, 0, NULL, &refusal), INVALID_ARGUMENT, "count is NULL");
    REFUSED(patrol_simulation_get_unit_times(s, NULL, 3, 0, &count, &refusal), INVALID_ARGUMENT, "rows is NULL");
    REFUSED(patrol_simulation_read_events(s, out.events, 8, 0, NULL, &refusal), INVALID_ARGUMENT, "count is NULL");
    REFUSED(patrol_simulation_read_events(s, NULL, 8, 0, &count, &refusal), INVALID_ARGUMENT, "events is NULL");
    REFUSED(patrol_simulation_read_events(s, out.events, 8, 20, &count, &refusal), INVALID_ARGUMENT, "events|20");
    REFUSED(patrol_simulation_read_events(s, out.events, SIZE_MAX, 0, &count, &refusal), INVALID_ARGUMENT, "capacity");
    CHECK(count == 77 && due == -7);
    REFUSED(patrol_simulation_get_responses(s, 0, out.responses, 7, 0, &count, &refusal), CAPACITY, "rows|7|8");
    CHECK(count == 8);
    REFUSED(patrol_simulation_get_responses(s, 1, out.responses, 1, 0, &count, &refusal), CAPACITY, "rows|1|2");
    REFUSED(patrol_simulation_get_unit_times(s, out.times, 2, 0, &count, &refusal), CAPACITY, "rows|2|3");
    CHECK(count == 3);
    MUST(patrol_simulation_get_responses(s, 3, NULL, 0, 0, &count, error));
    CHECK(count == 2);
}

/* While no decision is due. */
static void check_nothing_due(patrol_simulation *s) {
    size_t count = 77, other = 77;
    REFUSED(patrol_simulation_assign(s, 0, 0, &refusal), INVALID_ARGUMENT, "no dispatch decision is due");
    REFUSED(patrol_simulation_move(s, 0, 0, &refusal), INVALID_ARGUMENT, "no patrol decision|0");
    REFUSED(patrol_simulation_get_snapshot(s, out.units, 3, 0, &count, out.incidents, 16, 0, &other, NULL, NULL, NULL,
                                           &refusal),
            INVALID_ARGUMENT, "no decision is due");
    REFUSED(patrol_simulation_get_candidates(s, 0, out.candidates, 16, 0, &count, out.features, &refusal),
            INVALID_ARGUMENT, "no patrol decision|0");
    REFUSED(patrol_simulation_get_pairs(s, out.pairs, 64, 0, &count, out.features, NULL, NULL, &refusal),
            INVALID_ARGUMENT, "no dispatch decision is due");
    CHECK(count == 77 && other == 77);
    MUST(patrol_simulation_decide(s, error)); /* nothing happens */
}

static void check_patrol_due(patrol_simulation *s) {
    size_t count = 77;
    uint32_t unit = 0, none = LAB_UNITS;
    uint8_t due[LAB_UNITS];
    size_t units = 0, incidents = 0;
    MUST(patrol_simulation_get_snapshot(s, NULL, 0, 0, &units, NULL, 0, 0, &incidents, NULL, NULL, due, error));
    while (due[unit] == 0) unit += 1;
    for (none = 0; none < LAB_UNITS && due[none] == 1;) none += 1;
    REFUSED(patrol_simulation_assign(s, 0, 0, &refusal), INVALID_ARGUMENT, "no dispatch decision is due");
    REFUSED(patrol_simulation_get_pairs(s, out.pairs, 64, 0, &count, NULL, NULL, NULL, &refusal), INVALID_ARGUMENT,
            "no dispatch decision is due");
    REFUSED(patrol_simulation_move(s, LAB_UNITS, 0, &refusal), OUT_OF_RANGE, "unit is 3");
    REFUSED(patrol_simulation_move(s, UINT32_MAX, 0, &refusal), OUT_OF_RANGE, "unit is 4294967295");
    REFUSED(patrol_simulation_move(s, unit, CITY_NODES, &refusal), OUT_OF_RANGE, "node is 9");
    REFUSED(patrol_simulation_move(s, unit, PATROL_NO_NODE, &refusal), OUT_OF_RANGE, "node is 4294967295");
    if (none < LAB_UNITS) REFUSED(patrol_simulation_move(s, none, 0, &refusal), INVALID_ARGUMENT, "no patrol decision");
    REFUSED(patrol_simulation_get_candidates(s, 3, out.candidates, 16, 0, &count, NULL, &refusal), OUT_OF_RANGE,
            "unit|3");
    REFUSED(patrol_simulation_get_candidates(s, unit, out.candidates, 16, 0, NULL, NULL, &refusal), INVALID_ARGUMENT,
            "count is NULL");
    REFUSED(patrol_simulation_get_candidates(s, unit, NULL, 16, 0, &count, NULL, &refusal), INVALID_ARGUMENT,
            "candidates is NULL");
    REFUSED(patrol_simulation_get_candidates(s, unit, out.candidates, 16, 6, &count, NULL, &refusal), INVALID_ARGUMENT,
            "candidates|6");
    CHECK(count == 77);
    REFUSED(patrol_simulation_get_candidates(s, unit, out.candidates, 1, 0, &count, out.features, &refusal), CAPACITY,
            "candidates|1");
    CHECK(count >= 3 && count <= 16);
}

static void check_dispatch_due(patrol_simulation *s) {
    size_t count = 77, other = 77, units, incidents, pairs;
    MUST(patrol_simulation_get_pairs(s, NULL, 0, 0, &pairs, NULL, NULL, NULL, error));
    REFUSED(patrol_simulation_move(s, 0, 0, &refusal), INVALID_ARGUMENT, "no patrol decision|0");
    REFUSED(patrol_simulation_assign(s, 3, 0, &refusal), OUT_OF_RANGE, "unit is 3");
    REFUSED(patrol_simulation_assign(s, UINT32_MAX, 0, &refusal), OUT_OF_RANGE, "unit is 4294967295");
    REFUSED(patrol_simulation_assign(s, 0, 99, &refusal), OUT_OF_RANGE, "incident is 99");
    REFUSED(patrol_simulation_get_pairs(s, out.pairs, 64, 0, NULL, NULL, NULL, NULL, &refusal), INVALID_ARGUMENT,
            "count is NULL");
    if (pairs > 0)
        REFUSED(patrol_simulation_get_pairs(s, NULL, 64, 0, &count, NULL, NULL, NULL, &refusal), INVALID_ARGUMENT,
                "pairs is NULL");
    REFUSED(patrol_simulation_get_pairs(s, out.pairs, 64, 20, &count, NULL, NULL, NULL, &refusal), INVALID_ARGUMENT,
            "pairs|20");
    REFUSED(patrol_simulation_get_snapshot(s, out.units, 3, 0, NULL, out.incidents, 16, 0, &other, NULL, NULL, NULL,
                                           &refusal),
            INVALID_ARGUMENT, "unit_count is NULL");
    REFUSED(patrol_simulation_get_snapshot(s, out.units, 3, 0, &count, out.incidents, 16, 0, NULL, NULL, NULL, NULL,
                                           &refusal),
            INVALID_ARGUMENT, "incident_count is NULL");
    REFUSED(
        patrol_simulation_get_snapshot(s, NULL, 3, 0, &count, out.incidents, 16, 0, &other, NULL, NULL, NULL, &refusal),
        INVALID_ARGUMENT, "units is NULL");
    REFUSED(patrol_simulation_get_snapshot(s, out.units, 3, 0, &count, NULL, 16, 0, &other, NULL, NULL, NULL, &refusal),
            INVALID_ARGUMENT, "incidents is NULL");
    REFUSED(patrol_simulation_get_snapshot(s, out.units, 3, 79, &count, out.incidents, 16, 0, &other, NULL, NULL, NULL,
                                           &refusal),
            INVALID_ARGUMENT, "units|79");
    CHECK(count == 77 && other == 77);
    MUST(patrol_simulation_get_snapshot(s, NULL, 0, 0, &units, NULL, 0, 0, &incidents, NULL, NULL, NULL, error));
    REFUSED(patrol_simulation_get_snapshot(s, out.units, 2, 0, &count, out.incidents, 16, 0, &other, out.features, NULL,
                                           out.due, &refusal),
            CAPACITY, "units|2|3");
    CHECK(count == units && other == incidents && units == LAB_UNITS && incidents > 0);
    if (incidents > 1)
        REFUSED(patrol_simulation_get_snapshot(s, out.units, 3, 0, &count, out.incidents, 1, 0, &other, out.features,
                                               NULL, out.due, &refusal),
                CAPACITY, "incidents|1");
}

/* What cannot be copied. */
static void check_copy(patrol_simulation *s, const patrol_simulation *quiet) {
    patrol_scenario *twin = lab_scenario(area);
    patrol_simulation *other = lab_simulation(twin, engine, 3);
    REFUSED(patrol_simulation_copy(s, NULL, 1, &refusal), INVALID_ARGUMENT, "other is NULL");
    REFUSED(patrol_simulation_copy(s, s, 1, &refusal), INVALID_ARGUMENT, "other is the simulation itself");
    REFUSED(patrol_simulation_copy(s, quiet, 2, &refusal), INVALID_ARGUMENT, "measuring is 2");
    REFUSED(patrol_simulation_copy(s, quiet, UINT32_MAX, &refusal), INVALID_ARGUMENT, "measuring is 4294967295");
    REFUSED(patrol_simulation_copy(s, other, 1, &refusal), MISMATCH, "another scenario");
    patrol_simulation_destroy(other);
    patrol_scenario_destroy(twin);
}

/* One simulation is asked every wrong thing at every decision; another none. */
static void check_simulation(void) {
    static lab_trace asked, spared;
    patrol_simulation *s = lab_simulation(scenario, engine, 3), *quiet = lab_simulation(scenario, engine, 3);
    int32_t due = -1;
    int decisions[3] = {0, 0, 0};
    check_null();
    check_nothing_due(s);
    for (;;) {
        MUST(patrol_simulation_step(s, 6 * 3600.0, &due, error));
        check_values(s);
        decisions[due] += 1;
        if (due == PATROL_DUE_NOTHING) break;
        if (due == PATROL_DUE_PATROL) check_patrol_due(s);
        if (due == PATROL_DUE_DISPATCH) check_dispatch_due(s);
        check_copy(s, quiet);
        MUST(patrol_simulation_decide(s, error));
        check_nothing_due(s);
    }
    CHECK(decisions[PATROL_DUE_DISPATCH] > 5 && decisions[PATROL_DUE_PATROL] > 100);
    MUST(patrol_simulation_run(quiet, 6 * 3600.0, error));
    lab_read(s, &asked);
    lab_read(quiet, &spared);
    CHECK(spared.count > 100 && lab_agree(&asked, &spared));
    patrol_simulation_destroy(s);
    patrol_simulation_destroy(quiet);
    /* A simulation that keeps no events says so. */
    MUST(patrol_simulation_create(scenario, engine, NULL, &s, error));
    {
        size_t count = 77;
        REFUSED(patrol_simulation_read_events(s, out.events, 8, 0, &count, &refusal), INVALID_ARGUMENT,
                "event_capacity");
    }
    patrol_simulation_destroy(s);
}

static void check_batch_options(void) {
    patrol_batch_options options = PATROL_BATCH_OPTIONS_INIT;
    patrol_batch *batch = NULL;
    uint32_t width = 77;
    REFUSED(patrol_batch_create(NULL, engine, NULL, &batch, &refusal), INVALID_ARGUMENT, "scenario is NULL");
    REFUSED(patrol_batch_create(scenario, NULL, NULL, &batch, &refusal), INVALID_ARGUMENT, "engine is NULL");
    REFUSED(patrol_batch_create(scenario, engine, NULL, NULL, &refusal), INVALID_ARGUMENT, "batch is NULL");
    REFUSED(patrol_batch_create(scenario, foreign, NULL, &batch, &refusal), MISMATCH, "area");
    options.simulations = 0;
    REFUSED(patrol_batch_create(scenario, engine, &options, &batch, &refusal), INVALID_ARGUMENT, "simulations|0");
    options.simulations = 65537;
    REFUSED(patrol_batch_create(scenario, engine, &options, &batch, &refusal), INVALID_ARGUMENT, "simulations|65537");
    options.simulations = 1;
    options.episode_seconds = 0.0;
    REFUSED(patrol_batch_create(scenario, engine, &options, &batch, &refusal), INVALID_NUMBER, "episode_seconds|0.0");
    options.episode_seconds = NAN;
    REFUSED(patrol_batch_create(scenario, engine, &options, &batch, &refusal), INVALID_NUMBER, "episode_seconds|nan");
    options.struct_size = 0;
    REFUSED(patrol_batch_create(scenario, engine, &options, &batch, &refusal), STRUCT_SIZE, "struct_size|0");
    CHECK(batch == NULL);
    REFUSED(patrol_batch_get_width(NULL, &width, &refusal), INVALID_ARGUMENT, "batch is NULL");
    CHECK(width == 77);
}

static void check_batch(void) {
    enum { SIMULATIONS = 3, WIDTH = 16 };
    static float features[SIMULATIONS * WIDTH * PATROL_CANDIDATE_FEATURES];
    uint32_t moves[SIMULATIONS], before[SIMULATIONS], width = 0;
    int32_t choices[SIMULATIONS] = {99, -99, 0};
    patrol_batch_options options = PATROL_BATCH_OPTIONS_INIT;
    patrol_batch_arrays arrays = PATROL_BATCH_ARRAYS_INIT;
    patrol_batch *batch = NULL;
    options.simulations = SIMULATIONS;
    MUST(patrol_batch_create(scenario, engine, &options, &batch, error));
    MUST(patrol_batch_get_width(batch, &width, error));
    CHECK(width >= 5 && width <= WIDTH);
    arrays.moves = moves;
    memset(moves, 0xA5, sizeof moves);
    REFUSED(patrol_batch_get_width(batch, NULL, &refusal), INVALID_ARGUMENT, "width is NULL");
    REFUSED(patrol_batch_step(NULL, 0, 3, NULL, &arrays, &refusal), INVALID_ARGUMENT, "batch is NULL");
    REFUSED(patrol_batch_step(batch, 0, 3, NULL, NULL, &refusal), INVALID_ARGUMENT, "arrays is NULL");
    REFUSED(patrol_batch_step(batch, 0, 3, NULL, &arrays, &refusal), INVALID_ARGUMENT, "features is NULL");
    arrays.features = features;
    arrays.moves = NULL;
    REFUSED(patrol_batch_step(batch, 0, 3, NULL, &arrays, &refusal), INVALID_ARGUMENT, "moves is NULL");
    arrays.moves = moves;
    arrays.reserved = 1;
    REFUSED(patrol_batch_step(batch, 0, 3, NULL, &arrays, &refusal), INVALID_ARGUMENT, "reserved|1");
    arrays.reserved = 0;
    arrays.struct_size = 16;
    REFUSED(patrol_batch_step(batch, 0, 3, NULL, &arrays, &refusal), STRUCT_SIZE, "struct_size|16");
    arrays.struct_size = sizeof arrays;
    REFUSED(patrol_batch_step(batch, 0, 4, NULL, &arrays, &refusal), INVALID_ARGUMENT, "4|3");
    REFUSED(patrol_batch_step(batch, 4, 0, NULL, &arrays, &refusal), INVALID_ARGUMENT, "4|3");
    REFUSED(patrol_batch_step(batch, 3, SIZE_MAX - 2, NULL, &arrays, &refusal), INVALID_ARGUMENT, "3");
    REFUSED(patrol_batch_step(batch, SIZE_MAX, 1, NULL, &arrays, &refusal), INVALID_ARGUMENT, "3");
    CHECK(moves[0] == 0xA5A5A5A5 && features[0] == 0.0f);
    MUST(patrol_batch_step(batch, 0, 0, NULL, &arrays, error));
    MUST(patrol_batch_step(batch, 0, 2, choices, &arrays, error)); /* nothing to decide yet: choices are not read */
    CHECK(moves[0] >= 3 && moves[1] >= 3 && moves[2] == 0xA5A5A5A5);
    MUST(patrol_batch_step(batch, 2, 1, choices, &arrays, error));
    memcpy(before, moves, sizeof moves);
    choices[0] = 0;
    choices[1] = (int32_t)moves[1];
    REFUSED(patrol_batch_step(batch, 0, 3, choices, &arrays, &refusal), OUT_OF_RANGE, "choices[1]");
    choices[1] = -2;
    REFUSED(patrol_batch_step(batch, 0, 3, choices, &arrays, &refusal), OUT_OF_RANGE, "choices[1]|-2");
    CHECK(memcmp(before, moves, sizeof moves) == 0);
    choices[1] = -1;
    MUST(patrol_batch_step(batch, 0, 3, choices, &arrays, error));
    patrol_batch_destroy(batch);
}

/* A fleet that is never on duty in an episode. */
static void check_idle_episodes(void) {
    static float features[16 * PATROL_CANDIDATE_FEATURES];
    uint32_t moves = 0xA5A5A5A5;
    patrol_batch_options options = PATROL_BATCH_OPTIONS_INIT;
    patrol_batch_arrays arrays = PATROL_BATCH_ARRAYS_INIT;
    patrol_scenario *idle = NULL;
    patrol_batch *batch = NULL;
    lab l;
    lab_init(&l);
    l.arrays.unit_count = 1;
    l.arrays.shift_count = 1;
    l.shifts[0].unit = 0;
    l.shifts[0].start_hour = 80.0f;
    options.episode_seconds = 3600.0;
    arrays.features = features;
    arrays.moves = &moves;
    MUST(patrol_scenario_create(area, &l.arrays, &idle, error));
    MUST(patrol_batch_create(idle, engine, &options, &batch, error));
    REFUSED(patrol_batch_step(batch, 0, 1, NULL, &arrays, &refusal), MISMATCH, "10 episodes|decision");
    REFUSED(patrol_batch_step(batch, 0, 1, NULL, &arrays, &refusal), MISMATCH, "10 episodes|decision");
    CHECK(moves == 0xA5A5A5A5);
    patrol_batch_destroy(batch);
    patrol_scenario_destroy(idle);
}

int main(void) {
    memset(&out, 0xA5, sizeof out);
    memcpy(&untouched, &out, sizeof out);
    memset(&refusal, 0xA5, sizeof refusal);
    area = city_area();
    elsewhere = city_area(); /* equal, and another object */
    scenario = lab_scenario(area);
    engine = lab_engine(area, "marginal_coverage", "minimum_weighted_travel");
    foreign = lab_engine(elsewhere, "stay", "closest_fcfs");
    check_creation();
    check_simulation();
    check_batch_options();
    check_batch();
    check_idle_episodes();
    patrol_engine_destroy(foreign);
    patrol_engine_destroy(engine);
    patrol_scenario_destroy(scenario);
    patrol_area_destroy(elsewhere);
    patrol_area_destroy(area);
    return check_done("bad_simulations");
}
