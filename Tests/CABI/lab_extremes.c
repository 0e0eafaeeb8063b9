/* Simulations at the edges of what is allowed: they end, and every number stays one. */
#include "lab.h"

static patrol_area *area;

static void check_finite(const patrol_metrics *m, const char *title) {
    CHECK(m->calls == m->served + m->lost + m->open);
    CHECK(m->response.reached == 0 || (isfinite(m->response.mean) && m->response.mean >= 0.0));
    check(isfinite(m->cost_rate) == (m->seconds > 0.0) && isfinite(m->utilization) && m->utilization <= 1.000001,
          __FILE__, __LINE__, "%s: cost %g, utilization %g", title, m->cost_rate, m->utilization);
}

static patrol_metrics run(const patrol_scenario_arrays *arrays, const char *patrol, const char *dispatch,
                          double until) {
    patrol_metrics metrics = PATROL_METRICS_INIT;
    patrol_scenario *scenario = NULL;
    patrol_simulation *simulation = NULL;
    patrol_engine *engine = lab_engine(area, patrol, dispatch);
    MUST(patrol_scenario_create(area, arrays, &scenario, error));
    MUST(patrol_simulation_create(scenario, engine, NULL, &simulation, error));
    MUST(patrol_simulation_run(simulation, until, error));
    MUST(patrol_simulation_get_metrics(simulation, &metrics, error));
    check_finite(&metrics, dispatch);
    patrol_simulation_destroy(simulation);
    patrol_scenario_destroy(scenario);
    patrol_engine_destroy(engine);
    return metrics;
}

/* A thousand calls a second, a queue of none, the last seconds that a simulation may have. */
static void check_flood(void) {
    lab l;
    patrol_metrics metrics;
    lab_init(&l);
    l.arrays.storm_count = 0;
    l.arrays.rate_scale = 700000.0; /* 4.5 calls an hour */
    l.arrays.queue_capacity = 0;
    metrics = run(&l.arrays, "stay", "closest_fcfs", 20.0);
    CHECK(metrics.calls > 15000 && metrics.lost > 15000);
    l.arrays.queue_capacity = 4;
    metrics = run(&l.arrays, "stay", "minimum_weighted_travel", 5.0);
    CHECK(metrics.calls > 3500);
}

static void check_silence(void) {
    lab l;
    patrol_metrics metrics;
    lab_init(&l);
    l.arrays.rate_scale = 0.0;
    l.arrays.work_hours = 0;
    l.arrays.shift_count = 0;
    l.arrays.out_of_service_per_hour = 0.0;
    metrics = run(&l.arrays, "stay", "closest_fcfs", 1e6);
    CHECK(metrics.calls == 0 && isnan(metrics.response.mean) && metrics.utilization == 0.0);
    /* Nothing is measured before the warm-up is over. */
    l.arrays.rate_scale = 1.0;
    l.arrays.warm_up_seconds = 1e9;
    metrics = run(&l.arrays, "stay", "closest_fcfs", 1e5);
    CHECK(metrics.calls == 0 && metrics.seconds == 0.0);
}

/* The largest fleet, all of it on self-initiated work that is left for calls, and calls that need 64 units. */
static void check_fleet(void) {
    lab l;
    patrol_metrics metrics;
    lab_init(&l);
    l.arrays.unit_count = 4096;
    l.arrays.units = NULL;
    l.arrays.shift_count = 0;
    l.arrays.work_hours = 0;
    l.arrays.queue_capacity = 8;
    l.arrays.rate_scale = 4.0;
    l.categories[0].units_required = 64;
    l.categories[1].required_capabilities = 0;
    metrics = run(&l.arrays, "stay", "closest_fcfs", 1800.0);
    CHECK(metrics.calls > 5 && metrics.dispatches > metrics.served);
}

/* Times, weights and durations as large and as small as they may be. */
static void check_numbers(void) {
    lab l;
    patrol_metrics metrics;
    lab_init(&l);
    l.arrays.start_seconds = 1e9;
    l.arrays.overflow_seconds = 1e9;
    l.categories[0].weight = 1e9f;
    l.categories[1].weight = 1e-30f;
    l.group_weights[1] = 1e9f;
    l.categories[0].service_mean_seconds = 1e9;
    l.categories[0].service_variation = 100.0;
    l.samples[4] = 1e9f;
    metrics = run(&l.arrays, "stay", "minimum_weighted_travel", 1e9 + 50000.0);
    CHECK(metrics.calls > 10);
    lab_init(&l);
    l.arrays.work_mean_seconds = 1e-300;
    l.arrays.out_of_service_mean_seconds = 1e-300;
    l.arrays.work_hours = 1;
    l.work[0] = 3600.0f;
    l.arrays.out_of_service_per_hour = 3600.0;
    l.categories[0].service_mean_seconds = 1e-300;
    l.categories[0].service_kind = PATROL_SERVICE_GAMMA;
    l.categories[0].service_variation = 100.0;
    metrics = run(&l.arrays, "dmexclp", "weighted_index", 3600.0);
    CHECK(metrics.calls > 0);
    /* The last seconds there are, in which a double is no finer than a tenth of a millisecond. */
    lab_init(&l);
    l.arrays.call_count = 2;
    l.calls[0].time_seconds = 1e12 - 5000.0;
    l.calls[1].time_seconds = 1e12;
    l.arrays.work_hours = 0;
    l.arrays.shift_count = 0;
    l.arrays.storm_count = 0;
    l.arrays.out_of_service_per_hour = 0.0;
    {
        patrol_engine_options options = PATROL_ENGINE_OPTIONS_INIT;
        patrol_scenario *scenario = NULL;
        patrol_engine *engine = NULL;
        patrol_simulation *simulation = NULL;
        options.patrol_policy = "stay";
        options.stay_seconds = 1e9f;
        MUST(patrol_engine_create(area, NULL, &options, &engine, error));
        MUST(patrol_scenario_create(area, &l.arrays, &scenario, error));
        MUST(patrol_simulation_create(scenario, engine, NULL, &simulation, error));
        MUST(patrol_simulation_run(simulation, 1e12, error));
        metrics.struct_size = sizeof metrics;
        MUST(patrol_simulation_get_metrics(simulation, &metrics, error));
        CHECK(metrics.calls == 2 && metrics.seconds == 1e12);
        patrol_simulation_destroy(simulation);
        patrol_scenario_destroy(scenario);
        patrol_engine_destroy(engine);
    }
}

/* Streets of no length. */
static void check_no_distance(void) {
    patrol_area *usual = area;
    city c;
    lab l;
    uint32_t edge;
    city_init(&c);
    lab_init(&l);
    for (edge = 0; edge < CITY_EDGES; edge += 1) c.patrol_seconds[edge] = c.emergency_seconds[edge] = 0.0f;
    area = NULL;
    MUST(patrol_area_create(&c.arrays, NULL, &area, error));
    run(&l.arrays, "random_walk", "minimum_weighted_travel", 20000.0);
    run(&l.arrays, "marginal_coverage", "priority_closest", 20000.0);
    patrol_area_destroy(area);
    area = usual;
}

int main(void) {
    area = city_area();
    check_flood();
    check_silence();
    check_fleet();
    check_numbers();
    check_no_distance();
    patrol_area_destroy(area);
    return check_done("lab_extremes");
}
