/* Every function of patrol_lab.h that can fail, under refusal of memory: see refusing.h. */
#include "refusing.h"
#include "training.h"

static patrol_area *area;
static patrol_scenario *scenario;
static patrol_engine *engine;
static patrol_simulation *simulation, *other;
static patrol_batch *batch;

static int32_t scenario_create(patrol_error *error) {
    patrol_scenario *made = NULL;
    lab l;
    int32_t status;
    lab_init(&l);
    l.arrays.call_count = LAB_CALLS;
    status = REFUSING(patrol_scenario_create(area, &l.arrays, &made, error));
    CHECK((made != NULL) == (status == PATROL_OK));
    patrol_scenario_destroy(made);
    return status;
}

static int32_t engine_post_seconds(patrol_error *error) {
    float seconds = 0.0f;
    return REFUSING(patrol_engine_post_seconds(engine, 2, &seconds, error));
}

static int32_t simulation_create(patrol_error *error) {
    patrol_simulation_options options = PATROL_SIMULATION_OPTIONS_INIT;
    patrol_simulation *made = NULL;
    int32_t status;
    options.event_capacity = 16;
    status = REFUSING(patrol_simulation_create(scenario, engine, &options, &made, error));
    CHECK((made != NULL) == (status == PATROL_OK));
    patrol_simulation_destroy(made);
    return status;
}

/* Simulates to a decision of a kind, with memory. */
static void run_to(patrol_simulation *city, int32_t kind) {
    int32_t due = PATROL_DUE_NOTHING;
    MUST(patrol_simulation_restart(city, 1, error));
    do MUST(patrol_simulation_step(city, 1e6, &due, error));
    while (due != kind);
}

static int32_t simulation_restart(patrol_error *error) {
    return REFUSING(patrol_simulation_restart(simulation, 2, error));
}

static int32_t simulation_run(patrol_error *error) {
    MUST(patrol_simulation_restart(simulation, 1, error));
    return REFUSING(patrol_simulation_run(simulation, 40000.0, error));
}

static int32_t simulation_step(patrol_error *error) {
    int32_t due = -1;
    return REFUSING(patrol_simulation_step(simulation, 1e6, &due, error));
}

static int32_t simulation_decide(patrol_error *error) {
    run_to(simulation, PATROL_DUE_DISPATCH);
    return REFUSING(patrol_simulation_decide(simulation, error));
}

static int32_t simulation_assign(patrol_error *error) {
    patrol_pair pairs[16];
    size_t count = 0;
    do {
        run_to(simulation, PATROL_DUE_DISPATCH);
        MUST(patrol_simulation_get_pairs(simulation, pairs, 16, 0, &count, NULL, NULL, NULL, error));
    } while (count == 0);
    return REFUSING(patrol_simulation_assign(simulation, pairs[0].unit, pairs[0].incident, error));
}

static uint32_t due_unit(patrol_simulation *city) {
    uint8_t due[LAB_UNITS];
    size_t units = 0, incidents = 0;
    patrol_unit rows[LAB_UNITS];
    patrol_incident calls[16];
    uint32_t unit = 0;
    run_to(city, PATROL_DUE_PATROL);
    MUST(patrol_simulation_get_snapshot(city, rows, LAB_UNITS, 0, &units, calls, 16, 0, &incidents, NULL, NULL, due,
                                        error));
    while (unit + 1 < LAB_UNITS && !due[unit]) unit += 1;
    return unit;
}

static int32_t simulation_move(patrol_error *error) {
    const uint32_t unit = due_unit(simulation);
    return REFUSING(patrol_simulation_move(simulation, unit, 4, error));
}

static int32_t simulation_copy(patrol_error *error) {
    return REFUSING(patrol_simulation_copy(simulation, other, 1, error));
}

static int32_t simulation_renew_future(patrol_error *error) {
    return REFUSING(patrol_simulation_renew_future(simulation, 5, error));
}

static int32_t simulation_get_state(patrol_error *error) {
    patrol_simulation_state state = PATROL_SIMULATION_STATE_INIT;
    return REFUSING(patrol_simulation_get_state(simulation, &state, error));
}

static int32_t simulation_get_snapshot(patrol_error *error) {
    patrol_unit units[LAB_UNITS];
    patrol_incident incidents[16];
    size_t count = 0, more = 0;
    run_to(simulation, PATROL_DUE_DISPATCH);
    return REFUSING(patrol_simulation_get_snapshot(simulation, units, LAB_UNITS, 0, &count, incidents, 16, 0, &more,
                                                   NULL, NULL, NULL, error));
}

static int32_t simulation_get_candidates(patrol_error *error) {
    patrol_candidate candidates[16];
    size_t count = 0;
    const uint32_t unit = due_unit(simulation);
    return REFUSING(patrol_simulation_get_candidates(simulation, unit, candidates, 16, 0, &count, NULL, error));
}

static int32_t simulation_get_pairs(patrol_error *error) {
    patrol_pair pairs[16];
    size_t count = 0;
    run_to(simulation, PATROL_DUE_DISPATCH);
    return REFUSING(patrol_simulation_get_pairs(simulation, pairs, 16, 0, &count, NULL, NULL, NULL, error));
}

static int32_t simulation_read_events(patrol_error *error) {
    patrol_simulation_event events[4];
    size_t count = 0;
    return REFUSING(patrol_simulation_read_events(simulation, events, 4, 0, &count, error));
}

static int32_t simulation_get_metrics(patrol_error *error) {
    patrol_metrics metrics = PATROL_METRICS_INIT, usual = PATROL_METRICS_INIT;
    const int32_t status = REFUSING(patrol_simulation_get_metrics(other, &metrics, error));
    if (status == PATROL_OK) MUST(patrol_simulation_get_metrics(other, &usual, error));
    CHECK(memcmp(&metrics, &usual, sizeof usual) == 0);
    return status;
}

static int32_t simulation_get_responses(patrol_error *error) {
    patrol_response rows[24];
    size_t count = 0;
    return REFUSING(patrol_simulation_get_responses(other, PATROL_CLASS_HOUR, rows, 24, 0, &count, error));
}

static int32_t simulation_get_unit_times(patrol_error *error) {
    patrol_unit_times rows[LAB_UNITS];
    size_t count = 0;
    return REFUSING(patrol_simulation_get_unit_times(other, rows, LAB_UNITS, 0, &count, error));
}

enum { SIMULATIONS = 3, WIDTH = 16 };

static int32_t batch_create(patrol_error *error) {
    patrol_batch_options options = PATROL_BATCH_OPTIONS_INIT;
    patrol_batch *made = NULL;
    int32_t status;
    options.simulations = SIMULATIONS;
    status = REFUSING(patrol_batch_create(scenario, engine, &options, &made, error));
    CHECK((made != NULL) == (status == PATROL_OK));
    patrol_batch_destroy(made);
    return status;
}

static int32_t batch_get_width(patrol_error *error) {
    uint32_t width = 0;
    return REFUSING(patrol_batch_get_width(batch, &width, error));
}

static int32_t batch_step(patrol_error *error) {
    static float features[SIMULATIONS * WIDTH * PATROL_CANDIDATE_FEATURES];
    uint32_t moves[SIMULATIONS];
    patrol_batch_arrays arrays = PATROL_BATCH_ARRAYS_INIT;
    arrays.features = features;
    arrays.moves = moves;
    return REFUSING(patrol_batch_step(batch, 0, SIMULATIONS, NULL, &arrays, error));
}

/* ---- Training ---- */

static patrol_trainer_options training;
static patrol_trainer *trainer; /* done, with a policy that was accepted */
static training_file state, begun, written;

/* Of many cities and rounds: what is kept for each of them takes no more from the reserve than it holds. */
static int32_t trainer_create_largest(patrol_error *error) {
    enum { TASKS = 1024 };
    static const patrol_scenario *scenarios[TASKS];
    static const patrol_engine *engines[TASKS];
    patrol_trainer_options options = training;
    patrol_trainer *made = NULL;
    int32_t status;
    size_t k;
    for (k = 0; k < TASKS; k += 1) {
        scenarios[k] = scenario;
        engines[k] = engine;
    }
    options.rounds = 1000;
    status = REFUSING(patrol_trainer_create(scenarios, engines, TASKS, &options, &made, error));
    CHECK((made != NULL) == (status == PATROL_OK));
    patrol_trainer_destroy(made);
    return status;
}

static int32_t trainer_create(patrol_error *error) {
    const patrol_scenario *scenarios[] = {scenario};
    const patrol_engine *engines[] = {engine};
    patrol_trainer *made = NULL;
    const int32_t status = REFUSING(patrol_trainer_create(scenarios, engines, 1, &training, &made, error));
    CHECK((made != NULL) == (status == PATROL_OK));
    patrol_trainer_destroy(made);
    return status;
}

/* A step from `begun`. One that failed leaves a trainer that goes on from a checkpoint as if nothing had happened. */
static int32_t trainer_advance(patrol_error *error) {
    patrol_trainer *made = training_create(scenario, engine, &training);
    patrol_error again;
    int32_t status;
    MUST(patrol_trainer_read_checkpoint(made, begun.bytes, begun.size, error));
    status = REFUSING(patrol_trainer_advance(made, NULL, error));
    if (status != PATROL_OK) {
        check_refusal(__FILE__, __LINE__, "next step", patrol_trainer_advance(made, NULL, &again),
                      PATROL_ERROR_INVALID_ARGUMENT, &again, "checkpoint");
        MUST(patrol_trainer_read_checkpoint(made, begun.bytes, begun.size, error));
        training_checkpoint(made, &state);
        CHECK(training_same(&state, &begun));
    }
    patrol_trainer_destroy(made);
    return status;
}

static int32_t trainer_get_outcomes(patrol_error *error) {
    patrol_phase_outcome outcomes[8];
    size_t count = 0;
    return REFUSING(patrol_trainer_get_outcomes(trainer, outcomes, 8, 0, &count, error));
}

static int32_t trainer_get_policies(patrol_error *error) {
    const char *patrol = NULL, *dispatch = NULL;
    return REFUSING(patrol_trainer_get_policies(trainer, &patrol, &dispatch, error));
}

static int32_t trainer_write_policy(patrol_error *error) {
    static char value[1 << 20];
    const char *keys[] = {"a", "of many words"}, *values[] = {"b", value};
    memset(value, 'x', sizeof value - 1);
    return REFUSING(
        patrol_trainer_write_policy(trainer, keys, values, 2, written.bytes, TRAINING_BYTES, &written.size, error));
}

static int32_t trainer_write_checkpoint(patrol_error *error) {
    const int32_t status =
        REFUSING(patrol_trainer_write_checkpoint(trainer, state.bytes, TRAINING_BYTES, &state.size, error));
    if (status == PATROL_OK) {
        training_checkpoint(trainer, &written);
        CHECK(training_same(&state, &written));
    }
    return status;
}

/* What cannot be read leaves the trainer as it was. */
static int32_t trainer_read_checkpoint(patrol_error *error) {
    patrol_trainer *made = training_create(scenario, engine, &training);
    int32_t status;
    MUST(patrol_trainer_advance(made, NULL, error));
    training_checkpoint(made, &written);
    status = REFUSING(patrol_trainer_read_checkpoint(made, begun.bytes, begun.size, error));
    training_checkpoint(made, &state);
    CHECK(training_same(&state, status == PATROL_OK ? &begun : &written));
    patrol_trainer_destroy(made);
    return status;
}

static void refuse_training(void) {
    patrol_trainer *made;
    int step;
    refusing_skips = 2; /* a trainer takes a tenth of a second to make */
    training_options(&training);
    trainer = training_accepted(scenario, engine, &training);
    made = training_create(scenario, engine, &training);
    training_checkpoint(made, &begun);
    refuse_each("patrol_trainer_create", trainer_create);
    refuse_each("patrol_trainer_create, largest", trainer_create_largest);
    for (step = 0;; step += 1) { /* heuristics, rollouts, fits, searches, patrol: some steps of each */
        training_checkpoint(made, &begun);
        if (step % 5 == 1 || step == 7) refuse_each("patrol_trainer_advance", trainer_advance);
        if (training_advance(made, 1)) break;
    }
    patrol_trainer_destroy(made);
    training_checkpoint(trainer, &begun);
    refuse_each("patrol_trainer_get_outcomes", trainer_get_outcomes);
    refuse_each("patrol_trainer_get_policies", trainer_get_policies);
    refuse_each("patrol_trainer_write_policy", trainer_write_policy);
    refuse_each("patrol_trainer_write_checkpoint", trainer_write_checkpoint);
    refuse_each("patrol_trainer_read_checkpoint", trainer_read_checkpoint);
    patrol_trainer_destroy(trainer);
}

/* ---- Simulations ---- */

static void refuse_simulations(void) {
    patrol_batch_options options = PATROL_BATCH_OPTIONS_INIT;
    uint32_t width = 0;
    simulation = lab_simulation(scenario, engine, 1);
    other = lab_simulation(scenario, engine, 2);
    MUST(patrol_simulation_run(other, 40000.0, error));
    options.simulations = SIMULATIONS;
    MUST(patrol_batch_create(scenario, engine, &options, &batch, error));
    MUST(patrol_batch_get_width(batch, &width, error));
    CHECK(width <= WIDTH);
    refuse_each("patrol_scenario_create", scenario_create);
    refuse_each("patrol_engine_post_seconds", engine_post_seconds);
    refuse_each("patrol_simulation_create", simulation_create);
    refuse_each("patrol_simulation_restart", simulation_restart);
    refuse_each("patrol_simulation_run", simulation_run);
    refuse_each("patrol_simulation_step", simulation_step);
    refuse_each("patrol_simulation_decide", simulation_decide);
    refuse_each("patrol_simulation_assign", simulation_assign);
    refuse_each("patrol_simulation_move", simulation_move);
    refuse_each("patrol_simulation_copy", simulation_copy);
    refuse_each("patrol_simulation_renew_future", simulation_renew_future);
    refuse_each("patrol_simulation_get_state", simulation_get_state);
    refuse_each("patrol_simulation_get_snapshot", simulation_get_snapshot);
    refuse_each("patrol_simulation_get_candidates", simulation_get_candidates);
    refuse_each("patrol_simulation_get_pairs", simulation_get_pairs);
    refuse_each("patrol_simulation_read_events", simulation_read_events);
    refuse_each("patrol_simulation_get_metrics", simulation_get_metrics);
    refuse_each("patrol_simulation_get_responses", simulation_get_responses);
    refuse_each("patrol_simulation_get_unit_times", simulation_get_unit_times);
    refuse_each("patrol_batch_create", batch_create);
    refuse_each("patrol_batch_get_width", batch_get_width);
    refuse_each("patrol_batch_step", batch_step);
    patrol_batch_destroy(batch);
    patrol_simulation_destroy(other);
    patrol_simulation_destroy(simulation);
}

int main(void) {
    area = city_area();
    scenario = lab_scenario(area);
    engine = lab_engine(area, "marginal_coverage", "minimum_weighted_travel");
    refuse_simulations();
    refuse_training();
    patrol_engine_destroy(engine);
    patrol_scenario_destroy(scenario);
    patrol_area_destroy(area);
    return check_done("lab_refusals");
}
