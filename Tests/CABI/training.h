/* A training that takes less than a second, and the results of one as bytes. */
#ifndef TRAINING_H
#define TRAINING_H

#include "lab.h"

#define TRAINING_BYTES (1 << 22)

/* Heuristics that are easily beaten, since what is learned is written only where it is better. */
CHECK_UNUSED static const char *const training_patrols[] = {"random_walk"};
CHECK_UNUSED static const char *const training_dispatches[] = {"closest_fcfs"};

CHECK_UNUSED static void training_options(patrol_trainer_options *options) {
    patrol_trainer_options_init(options);
    options->struct_size = sizeof *options;
    options->goal_price = 0.0f;
    options->goal_priority = 0;
    options->rounds = 1;
    options->seed = 1;
    options->threads = 1;
    options->validations = 12;
    options->validation_limit = 96;
    options->validation_seconds = 7200.0;
    options->heuristic_patrols = training_patrols;
    options->heuristic_patrol_count = 1;
    options->heuristic_dispatches = training_dispatches;
    options->heuristic_dispatch_count = 1;
    options->pair_layers[0] = 5;
    options->pair_layers[1] = 0;
    options->value_hidden = 2;
    options->bootstrap_comparisons = 32;
    options->comparisons = 40;
    options->iterations = 2;
    options->horizon_seconds = 1200.0;
    options->dispatch_generations = 2;
    options->search_population = 2;
    options->search_replications = 1;
    options->patrol_method = PATROL_METHOD_Q_LEARNING;
    options->patrol_generations = 2;
    options->patrol_layers[0] = 6;
    options->patrol_layers[1] = 0;
    options->patrol_rounds = 4;
    options->patrol_heuristic_rounds = 1;
    options->patrol_episodes = 2;
    options->patrol_steps = 3;
    options->patrol_episode_seconds = 3600.0;
}

CHECK_UNUSED static patrol_trainer *training_create(const patrol_scenario *scenario, const patrol_engine *engine,
                                                    const patrol_trainer_options *options) {
    patrol_trainer *trainer = NULL;
    MUST(patrol_trainer_create(&scenario, &engine, 1, options, &trainer, error));
    return trainer;
}

/* Advances up to `steps` times; whether training is done. */
CHECK_UNUSED static int training_advance(patrol_trainer *trainer, int steps) {
    patrol_training_progress progress = PATROL_TRAINING_PROGRESS_INIT;
    while (steps > 0) {
        MUST(patrol_trainer_advance(trainer, &progress, error));
        if (progress.kind == PATROL_PHASE_NONE) return 1;
        steps -= 1;
    }
    return 0;
}

/* Bytes that the library wrote. */
typedef struct training_file {
    size_t size;
    uint8_t bytes[TRAINING_BYTES];
} training_file;

CHECK_UNUSED static void training_checkpoint(const patrol_trainer *trainer, training_file *file) {
    MUST(patrol_trainer_write_checkpoint(trainer, file->bytes, TRAINING_BYTES, &file->size, error));
}

CHECK_UNUSED static int training_same(const training_file *a, const training_file *b) {
    return a->size == b->size && memcmp(a->bytes, b->bytes, a->size) == 0;
}

/* A training that accepted patrol or dispatch, done: by the first seed that comes to one. */
CHECK_UNUSED static patrol_trainer *training_accepted(const patrol_scenario *scenario, const patrol_engine *engine,
                                                      patrol_trainer_options *options) {
    for (options->seed = 1; options->seed < 100; options->seed += 1) {
        const char *patrol = NULL, *dispatch = NULL;
        patrol_trainer *trainer = training_create(scenario, engine, options);
        training_advance(trainer, 1000);
        MUST(patrol_trainer_get_policies(trainer, &patrol, &dispatch, error));
        if (strcmp(patrol, "learned") == 0 || strcmp(dispatch, "learned") == 0) return trainer;
        patrol_trainer_destroy(trainer);
    }
    fprintf(stderr, "nothing that was learned was better than the heuristics\n");
    exit(2);
}

#endif
