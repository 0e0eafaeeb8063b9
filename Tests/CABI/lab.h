/* A scenario of the city, with storage of its own so that a test can break any value in place, and what is made of it. */
#ifndef LAB_H
#define LAB_H

#include <patrol_lab.h>

#include "city.h"

#define LAB_UNITS 3
#define LAB_CALLS 4

typedef struct lab {
    patrol_fleet_unit units[LAB_UNITS];
    patrol_shift shifts[3];
    patrol_call_category categories[CITY_CATEGORIES];
    float samples[5];
    float group_weights[2];
    patrol_storm storms[2];
    patrol_logged_call calls[LAB_CALLS];
    float work[24];
    patrol_scenario_arrays arrays;
} lab;

/* Every array is in use but the log, which a test turns on by its count. */
CHECK_UNUSED static void lab_init(lab *l) {
    static const patrol_shift shifts[] = {{2, 0.0f, 84.0f, 0}, {2, 84.0f, 168.0f, 0}, {1, 160.0f, 300.0f, 0}};
    static const patrol_storm storms[] = {{3600.0, 7200.0, 3.0}, {5400.0, 9000.0, 0.5}};
    static const patrol_call_category categories[] = {
        {0, 1500.0, 0.7, 3.0f, 1, 2, PATROL_SERVICE_LOG_NORMAL, 0, 0},
        {1, 0.0, 0.0, 1.0f, 2, 1, PATROL_SERVICE_EMPIRICAL, 1, 4},
    };
    static const float samples[] = {0.0f, 300.0f, 900.0f, 0.0f, 1800.0f};
    static const patrol_scenario_arrays usual = PATROL_SCENARIO_ARRAYS_INIT;
    uint32_t k;
    memset(l, 0, sizeof *l);
    for (k = 0; k < LAB_UNITS; k += 1) {
        l->units[k].id = 70 + k;
        l->units[k].capabilities = k == 0 ? 3 : 1;
        l->units[k].start_node = 4 * k;
        l->units[k].home_beat = (int32_t)k - 1;
    }
    memcpy(l->shifts, shifts, sizeof shifts);
    memcpy(l->storms, storms, sizeof storms);
    memcpy(l->categories, categories, sizeof categories);
    memcpy(l->samples, samples, sizeof samples);
    l->group_weights[0] = 1.0f;
    l->group_weights[1] = 2.0f;
    for (k = 0; k < LAB_CALLS; k += 1) {
        l->calls[k].time_seconds = 100.0 * k;
        l->calls[k].node = 8 - k;
        l->calls[k].category = (int32_t)k % CITY_CATEGORIES;
        l->calls[k].service_seconds = k == 1 ? NAN : 600.0f;
    }
    for (k = 0; k < 24; k += 1) l->work[k] = 0.1f;
    l->arrays = usual; /* with the strides of this header, whatever its structs have grown to */
    l->arrays.unit_count = LAB_UNITS;
    l->arrays.units = l->units;
    l->arrays.shifts = l->shifts;
    l->arrays.shift_count = 3;
    l->arrays.categories = l->categories;
    l->arrays.service_samples = l->samples;
    l->arrays.service_sample_count = 5;
    l->arrays.group_weights = l->group_weights;
    l->arrays.storms = l->storms;
    l->arrays.storm_count = 2;
    l->arrays.calls = l->calls;
    l->arrays.work_per_hour = l->work;
    l->arrays.work_hours = 24;
    l->arrays.work_interruptible_priority = 1;
    l->arrays.out_of_service_per_hour = 0.02;
    l->arrays.queue_capacity = 3;
    l->arrays.response_target_seconds[0] = 200.0f;
}

CHECK_UNUSED static patrol_scenario *lab_scenario(const patrol_area *area) {
    lab l;
    patrol_scenario *scenario = NULL;
    lab_init(&l);
    MUST(patrol_scenario_create(area, &l.arrays, &scenario, error));
    return scenario;
}

CHECK_UNUSED static patrol_engine *lab_engine(const patrol_area *area, const char *patrol, const char *dispatch) {
    patrol_engine_options options = PATROL_ENGINE_OPTIONS_INIT;
    patrol_engine *engine = NULL;
    options.patrol_policy = patrol;
    options.dispatch_policy = dispatch;
    options.preemption[1][0] = 1;
    MUST(patrol_engine_create(area, NULL, &options, &engine, error));
    return engine;
}

#define LAB_EVENTS 4096

CHECK_UNUSED static patrol_simulation *lab_simulation(const patrol_scenario *scenario, const patrol_engine *engine,
                                                      uint64_t seed) {
    patrol_simulation_options options = PATROL_SIMULATION_OPTIONS_INIT;
    patrol_simulation *simulation = NULL;
    options.event_capacity = LAB_EVENTS;
    options.seed = seed;
    MUST(patrol_simulation_create(scenario, engine, &options, &simulation, error));
    return simulation;
}

/* The events of a run so far, as bytes to compare. */
typedef struct lab_trace {
    size_t count;
    patrol_simulation_event events[LAB_EVENTS];
} lab_trace;

CHECK_UNUSED static void lab_read(patrol_simulation *simulation, lab_trace *trace) {
    memset(trace, 0, sizeof *trace);
    MUST(patrol_simulation_read_events(simulation, trace->events, LAB_EVENTS, sizeof trace->events[0], &trace->count,
                                       error));
}

CHECK_UNUSED static int lab_agree(const lab_trace *a, const lab_trace *b) {
    return a->count == b->count && memcmp(a->events, b->events, a->count * sizeof *a->events) == 0;
}

#endif
