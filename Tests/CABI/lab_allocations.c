/*
 * Simulations allocate nothing once they are made; where memory is refused, creation says so. A trainer whose step had no
 * memory goes on from a checkpoint.
 */
#include "counting.h"
#include "training.h"

static patrol_area *area;
static patrol_scenario *scenario;

static void check_simulation(const patrol_engine *engine) {
    patrol_simulation *simulation = lab_simulation(scenario, engine, 2), *copy = lab_simulation(scenario, engine, 4);
    patrol_simulation_event events[16];
    patrol_candidate candidates[16];
    patrol_pair pairs[64];
    patrol_unit units[LAB_UNITS];
    patrol_incident incidents[16];
    uint8_t due_units[LAB_UNITS];
    size_t count = 0, more = 0;
    int32_t due = -1;
    long before = allocations;
    largest = 0; /* without memory it goes as well */
    MUST(patrol_simulation_run(simulation, 40000.0, error));
    MUST(patrol_simulation_restart(simulation, 3, error));
    do {
        MUST(patrol_simulation_step(simulation, 40000.0, &due, error));
        if (due == PATROL_DUE_NOTHING) break;
        MUST(patrol_simulation_get_snapshot(simulation, units, LAB_UNITS, 0, &count, incidents, 16, 0, &more, NULL,
                                            NULL, due_units, error));
        for (count = 0; count < LAB_UNITS; count += 1)
            if (due_units[count])
                MUST(patrol_simulation_get_candidates(simulation, (uint32_t)count, candidates, 16, 0, &more, NULL,
                                                      error));
        if (due == PATROL_DUE_DISPATCH)
            MUST(patrol_simulation_get_pairs(simulation, pairs, 64, 0, &more, NULL, NULL, NULL, error));
        MUST(patrol_simulation_copy(copy, simulation, due == PATROL_DUE_DISPATCH, error));
        MUST(patrol_simulation_renew_future(copy, 1, error));
        MUST(patrol_simulation_decide(simulation, error));
        MUST(patrol_simulation_read_events(simulation, events, 16, 0, &count, error));
    } while (due != PATROL_DUE_NOTHING);
    largest = SIZE_MAX;
    CHECK(allocations == before);
    patrol_simulation_destroy(simulation);
    patrol_simulation_destroy(copy);
}

static void check_batch(const patrol_engine *engine) {
    enum { SIMULATIONS = 4 };
    static float features[SIMULATIONS * 16 * PATROL_CANDIDATE_FEATURES];
    uint32_t moves[SIMULATIONS], width = 0;
    patrol_batch_options options = PATROL_BATCH_OPTIONS_INIT;
    patrol_batch_arrays arrays = PATROL_BATCH_ARRAYS_INIT;
    patrol_batch *batch = NULL;
    long before;
    int step;
    options.simulations = SIMULATIONS;
    options.episode_seconds = 4000.0;
    MUST(patrol_batch_create(scenario, engine, &options, &batch, error));
    MUST(patrol_batch_get_width(batch, &width, error));
    CHECK(width <= 16);
    arrays.features = features;
    arrays.moves = moves;
    before = allocations;
    for (step = 0; step < 500; step += 1) MUST(patrol_batch_step(batch, 0, SIMULATIONS, NULL, &arrays, error));
    CHECK(allocations == before);
    patrol_batch_destroy(batch);
}

static void check_refusals(const patrol_engine *engine) {
    patrol_simulation_options options = PATROL_SIMULATION_OPTIONS_INIT;
    patrol_batch_options batch_options = PATROL_BATCH_OPTIONS_INIT;
    patrol_simulation *const no_simulation = (patrol_simulation *)&allocations;
    patrol_batch *const no_batch = (patrol_batch *)&allocations;
    patrol_scenario *const no_scenario = (patrol_scenario *)&allocations;
    patrol_simulation *simulation = no_simulation;
    patrol_batch *batch = no_batch;
    patrol_scenario *refused = no_scenario;
    patrol_metrics metrics = PATROL_METRICS_INIT;
    patrol_error error;
    int32_t status;
    lab l;
    lab_init(&l);
    options.event_capacity = 1 << 20;
    batch_options.simulations = 65536;
    largest = 1 << 10;
    check_refusal(__FILE__, __LINE__, "simulation",
                  patrol_simulation_create(scenario, engine, &options, &simulation, &error), PATROL_ERROR_OUT_OF_MEMORY,
                  &error, "memory");
    check_refusal(__FILE__, __LINE__, "batch", patrol_batch_create(scenario, engine, &batch_options, &batch, &error),
                  PATROL_ERROR_OUT_OF_MEMORY, &error, "memory");
    l.arrays.unit_count = 4096;
    l.arrays.units = NULL;
    check_refusal(__FILE__, __LINE__, "scenario", patrol_scenario_create(area, &l.arrays, &refused, &error),
                  PATROL_ERROR_OUT_OF_MEMORY, &error, "memory");
    largest = SIZE_MAX;
    CHECK(simulation == no_simulation && batch == no_batch && refused == no_scenario);
    simulation = lab_simulation(scenario, engine, 1);
    MUST(patrol_simulation_run(simulation, 20000.0, error));
    largest = 512;
    memset(&metrics.seconds, 0xA5, sizeof metrics - 8);
    status = patrol_simulation_get_metrics(simulation, &metrics, &error);
    largest = SIZE_MAX;
    check_refusal(__FILE__, __LINE__, "metrics", status, PATROL_ERROR_OUT_OF_MEMORY, &error, "memory");
    CHECK(metrics.calls == 0xA5A5A5A5A5A5A5A5u);
    MUST(patrol_simulation_get_metrics(simulation, &metrics, error));
    patrol_simulation_destroy(simulation);
}

static void check_trainer(const patrol_engine *engine) {
    static training_file begun, expected, resumed;
    const patrol_scenario *scenarios[] = {scenario};
    const patrol_engine *engines[] = {engine};
    patrol_trainer *const no_trainer = (patrol_trainer *)&allocations;
    patrol_trainer *refused = no_trainer, *trainer;
    patrol_trainer_options options;
    patrol_error error;
    int32_t status;
    training_options(&options);
    largest = 2048;
    status = patrol_trainer_create(scenarios, engines, 1, &options, &refused, &error);
    largest = SIZE_MAX;
    check_refusal(__FILE__, __LINE__, "trainer", status, PATROL_ERROR_OUT_OF_MEMORY, &error, "memory");
    CHECK(refused == no_trainer);
    trainer = training_create(scenario, engine, &options);
    training_advance(trainer, 1);
    training_checkpoint(trainer, &begun);
    largest = 2048;
    status = patrol_trainer_advance(trainer, NULL, &error);
    largest = SIZE_MAX;
    check_refusal(__FILE__, __LINE__, "step", status, PATROL_ERROR_OUT_OF_MEMORY, &error, "memory");
    check_refusal(__FILE__, __LINE__, "next step", patrol_trainer_advance(trainer, NULL, &error),
                  PATROL_ERROR_INVALID_ARGUMENT, &error, "checkpoint");
    MUST(patrol_trainer_read_checkpoint(trainer, begun.bytes, begun.size, error));
    training_advance(trainer, 1000);
    training_checkpoint(trainer, &resumed);
    patrol_trainer_destroy(trainer);
    trainer = training_create(scenario, engine, &options);
    training_advance(trainer, 1000);
    training_checkpoint(trainer, &expected);
    CHECK(training_same(&resumed, &expected));
    patrol_trainer_destroy(trainer);
}

int main(void) {
    patrol_engine *engine;
    area = city_area();
    scenario = lab_scenario(area);
    engine = lab_engine(area, "marginal_coverage", "minimum_weighted_travel");
    check_simulation(engine);
    check_batch(engine);
    check_refusals(engine);
    check_trainer(engine);
    patrol_engine_destroy(engine);
    engine = lab_engine(area, "dmexclp", "weighted_index");
    check_simulation(engine);
    patrol_engine_destroy(engine);
    patrol_scenario_destroy(scenario);
    patrol_area_destroy(area);
    return check_done("lab_allocations");
}
