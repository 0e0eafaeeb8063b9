/*
 * Times a short joint training.
 *
 *     joint AREA UNITS CALLS_PER_HOUR COMPARISONS POPULATION
 *
 * AREA is a file. Trains dispatch, then patrol, once each, on one thread: two iterations of COMPARISONS, and one generation of
 * POPULATION policies in each search. Prints a line for each of the two: its name, its processor seconds and its events.
 */
#define _POSIX_C_SOURCE 200809L
#include <patrol_lab.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { KINDS = 5 };

static void check(int32_t status, const patrol_error *error) {
    if (status == PATROL_OK) return;
    fprintf(stderr, "joint: %s: %s\n", patrol_status_name(status), error->message);
    exit(1);
}

static double processor_seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static patrol_scenario *make_scenario(const patrol_area *area, uint32_t units, double calls_per_hour) {
    patrol_error error;
    patrol_scenario *scenario = NULL;
    patrol_area_info info = PATROL_AREA_INFO_INIT;
    patrol_scenario_arrays arrays = PATROL_SCENARIO_ARRAYS_INIT;
    check(patrol_area_get_info(area, &info, &error), &error);
    arrays.unit_count = units;
    arrays.queue_capacity = 30;
    arrays.rate_scale = calls_per_hour / info.calls_per_hour;
    check(patrol_scenario_create(area, &arrays, &scenario, &error), &error);
    return scenario;
}

static void choose(patrol_trainer_options *options, uint32_t comparisons, uint32_t population) {
    static const char *const patrols[] = {"backup_coverage"}, *const dispatches[] = {"minimum_weighted_travel"};
    memset(options, 0, sizeof *options);
    options->struct_size = sizeof *options;
    patrol_trainer_options_init(options);
    options->seed = options->rounds = options->threads = 1;
    options->heuristic_patrols = patrols, options->heuristic_patrol_count = 1;
    options->heuristic_dispatches = dispatches, options->heuristic_dispatch_count = 1;
    options->validations = 2, options->validation_seconds = 600;
#ifdef HAS_VALIDATION_LIMIT
    options->validation_limit = 2;
#endif
    options->bootstrap_comparisons = options->comparisons = comparisons, options->iterations = 1;
    options->search_population = population, options->search_replications = 1;
    options->dispatch_generations = options->patrol_generations = 1;
}

int main(int count, char **arguments) {
    if (count != 6) {
        fprintf(stderr, "usage: joint AREA UNITS CALLS_PER_HOUR COMPARISONS POPULATION\n");
        return 2;
    }
    patrol_error error;
    patrol_area *area = NULL;
    patrol_engine *engine = NULL;
    patrol_trainer *trainer = NULL;
    patrol_trainer_options options;
    check(patrol_area_load_file(arguments[1], NULL, &area, &error), &error);
    check(patrol_engine_create(area, NULL, NULL, &engine, &error), &error);
    patrol_scenario *scenario = make_scenario(area, (uint32_t)atoi(arguments[2]), atof(arguments[3]));
    choose(&options, (uint32_t)atoi(arguments[4]), (uint32_t)atoi(arguments[5]));
    check(patrol_trainer_create((const patrol_scenario *const[]){scenario}, (const patrol_engine *const[]){engine}, 1,
                                &options, &trainer, &error),
          &error);

    double seconds[KINDS] = {0};
    uint64_t events[KINDS] = {0}, before = 0;
    patrol_training_progress progress = PATROL_TRAINING_PROGRESS_INIT;
    int32_t kind = PATROL_PHASE_HEURISTIC;
    uint32_t is_validating = 1;
    while (kind != PATROL_PHASE_NONE) {
        const double start = processor_seconds();
        check(patrol_trainer_advance(trainer, &progress, &error), &error);
        if (!is_validating) seconds[kind] += processor_seconds() - start, events[kind] += progress.events - before;
        before = progress.events, kind = progress.kind, is_validating = progress.is_validating;
    }
    printf("dispatch %.3f %llu\n", seconds[PATROL_PHASE_DISPATCH], (unsigned long long)events[PATROL_PHASE_DISPATCH]);
    printf("patrol %.3f %llu\n", seconds[PATROL_PHASE_PATROL], (unsigned long long)events[PATROL_PHASE_PATROL]);
    patrol_trainer_destroy(trainer);
    patrol_scenario_destroy(scenario);
    patrol_engine_destroy(engine);
    patrol_area_destroy(area);
    return 0;
}
