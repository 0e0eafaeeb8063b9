/*
 * Simulates a week with one patrol policy and two ways to dispatch, on the same calls, and prints the results.
 *
 *     simulate                   the city of sample_city.h, made from arrays
 *     simulate AREA [UNITS]      an area file and a fleet of that many units (default 3)
 *
 * Build: cc simulate.c $(pkg-config --cflags --libs libpatrol_lab)
 */
#include <patrol_lab.h>
#include <stdio.h>
#include <stdlib.h>

#include "sample_city.h"

enum { HOURS = 168 };

static int32_t make_city(patrol_area **area, patrol_error *error) {
    patrol_area_arrays arrays = PATROL_AREA_ARRAYS_INIT;
    make_sample_city(&arrays);
    return patrol_area_create(&arrays, NULL, area, error);
}

/* One line of the table. The engine is made for this line alone; the simulation keeps it. */
static int32_t simulate(const patrol_area *area, const patrol_scenario *scenario, const char *dispatch,
                        patrol_error *error) {
    patrol_engine_options options = PATROL_ENGINE_OPTIONS_INIT;
    patrol_metrics metrics = PATROL_METRICS_INIT;
    patrol_engine *engine = NULL;
    patrol_simulation *simulation = NULL;
    int32_t status;
    int hour;
    options.patrol_policy = "marginal_coverage";
    options.dispatch_policy = dispatch;
    status = patrol_engine_create(area, NULL, &options, &engine, error);
    if (status == PATROL_OK) status = patrol_simulation_create(scenario, engine, NULL, &simulation, error);
    for (hour = 1; hour <= HOURS && status == PATROL_OK; hour += 1) /* in slices: a host could show progress here */
        status = patrol_simulation_run(simulation, 3600.0 * hour, error);
    if (status == PATROL_OK) status = patrol_simulation_get_metrics(simulation, &metrics, error);
    if (status == PATROL_OK)
        printf("%-24s %6llu calls  mean response %6.1f s  90 %% within %6.1f s  units busy %4.1f %%\n", dispatch,
               (unsigned long long)metrics.calls, metrics.response.mean, metrics.response.p90,
               100.0 * metrics.utilization);
    patrol_simulation_destroy(simulation);
    patrol_engine_destroy(engine);
    return status;
}

int main(int count, char **arguments) {
    patrol_area *area = NULL;
    patrol_scenario *scenario = NULL;
    patrol_scenario_arrays arrays = PATROL_SCENARIO_ARRAYS_INIT;
    patrol_error error;
    int32_t status = patrol_abi_check(PATROL_ABI_VERSION, &error);
    arrays.unit_count = count > 2 ? (uint32_t)strtoul(arguments[2], NULL, 10) : 3;
    if (status == PATROL_OK)
        status = count > 1 ? patrol_area_load_file(arguments[1], NULL, &area, &error) : make_city(&area, &error);
    if (status == PATROL_OK) status = patrol_scenario_create(area, &arrays, &scenario, &error);
    if (status == PATROL_OK) status = simulate(area, scenario, "closest_fcfs", &error);
    if (status == PATROL_OK) status = simulate(area, scenario, "minimum_weighted_travel", &error);
    if (status != PATROL_OK) fprintf(stderr, "simulate: %s: %s\n", patrol_status_name(status), error.message);
    patrol_scenario_destroy(scenario);
    patrol_area_destroy(area);
    return status == PATROL_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
