/*
 * Checkpoints that are cut, altered or another trainer's: every one is refused with a status and a sentence, or read as the
 * state that it tells; what was read is worked on to the end. A refusal leaves the trainer as it was, and a good checkpoint
 * afterwards goes on byte for byte alike.
 */
#include "training.h"

static patrol_area *area;
static patrol_scenario *scenario;
static patrol_engine *engine;
static training_file good, altered, expected;

/* A status that a checkpoint may be refused with, and a sentence. */
static int judge(int line, int32_t status, const patrol_error *error, const char *title, long place) {
    if (status == PATROL_OK) return 1;
    check(status == PATROL_ERROR_INVALID_FILE || status == PATROL_ERROR_UNSUPPORTED || status == PATROL_ERROR_MISMATCH,
          __FILE__, line, "%s at %ld: %s", title, place, patrol_status_name(status));
    check(error->status == status && memchr(error->message, 0, sizeof error->message) != NULL &&
              strlen(error->message) > 10,
          __FILE__, line, "%s at %ld: no sentence", title, place);
    return 0;
}

/* Goes on from what was read: any status may come, the process must not end, and training must. */
static void work_on(patrol_trainer *t) {
    patrol_training_progress progress = PATROL_TRAINING_PROGRESS_INIT;
    patrol_error error;
    const char *patrol, *dispatch;
    size_t size = 0;
    int steps = 0;
    while (patrol_trainer_advance(t, &progress, &error) == PATROL_OK && progress.kind != PATROL_PHASE_NONE) steps += 1;
    CHECK(steps < 1000);
    (void)patrol_trainer_get_policies(t, &patrol, &dispatch, &error);
    (void)patrol_trainer_write_policy(t, NULL, NULL, 0, NULL, 0, &size, &error);
    (void)patrol_trainer_write_checkpoint(t, NULL, 0, &size, &error);
}

/* From the good checkpoint to the end. */
static void check_recovery(patrol_trainer *t) {
    MUST(patrol_trainer_read_checkpoint(t, good.bytes, good.size, error));
    CHECK(training_advance(t, 1000));
    training_checkpoint(t, &altered);
    CHECK(training_same(&altered, &expected));
}

static void check_cut(patrol_trainer *t) {
    size_t size, step = 1;
    patrol_error error;
    for (size = 0; size < good.size; size += step) {
        step = size < 64 ? 1 : good.size / 97;
        judge(__LINE__, patrol_trainer_read_checkpoint(t, good.bytes, size, &error), &error, "cut", (long)size);
        CHECK(error.status != PATROL_OK);
    }
    check_refusal(__FILE__, __LINE__, "bytes", patrol_trainer_read_checkpoint(t, NULL, 8, &error),
                  PATROL_ERROR_INVALID_ARGUMENT, &error, "bytes is NULL");
    check_refusal(__FILE__, __LINE__, "size", patrol_trainer_read_checkpoint(t, good.bytes, SIZE_MAX, &error),
                  PATROL_ERROR_INVALID_ARGUMENT, &error, "size");
    check_recovery(t);
}

/* Some bytes of the header and of the data. Each read makes a trainer anew, memory and all. */
static void check_altered(patrol_trainer *t) {
    uint64_t header = 0;
    size_t place, step = 1;
    int read = 0, refused = 0;
    patrol_error error;
    MUST(patrol_trainer_read_checkpoint(t, good.bytes, good.size, error));
    memcpy(&header, good.bytes, 8);
    memcpy(&altered, &good, sizeof good);
    for (place = 0; place < good.size; place += step) {
        step = place < 64 ? 1 : place < 8 + header ? 61 : good.size / 97;
        altered.bytes[place] ^= (uint8_t)(1u << (place % 7));
        if (judge(__LINE__, patrol_trainer_read_checkpoint(t, altered.bytes, good.size, &error), &error, "altered",
                  (long)place)) {
            read += 1;
            MUST(patrol_trainer_read_checkpoint(t, good.bytes, good.size, error));
        } else {
            refused += 1;
        }
        altered.bytes[place] = good.bytes[place];
    }
    CHECK(refused > 60 && read > 5);
    training_checkpoint(t, &altered);
    CHECK(training_same(&altered, &good));
    check_recovery(t);
}

/* Where a tensor's data begin in the good checkpoint. */
static size_t data_of(const char *name) {
    static char header[1 << 16];
    char quoted[64];
    uint64_t length = 0;
    unsigned long begin = 0;
    const char *entry;
    memcpy(&length, good.bytes, 8);
    memcpy(header, good.bytes + 8, (size_t)length);
    header[length] = '\0';
    snprintf(quoted, sizeof quoted, "\"%s\":", name);
    entry = strstr(header, quoted);
    if (entry == NULL || sscanf(strstr(entry, "data_offsets"), "data_offsets\":[%lu", &begin) != 1) exit(2);
    return 8 + (size_t)length + begin;
}

/* Counters that no trainer has written. */
static void check_counters(patrol_trainer *t, const char *name, size_t count) {
    static const int64_t values[] = {0, 2, 1000, -1, INT64_MAX, INT64_MIN};
    const size_t first = data_of(name);
    size_t slot, k;
    patrol_error error;
    memcpy(&altered, &good, sizeof good);
    for (slot = 0; slot < count; slot += 1) {
        for (k = 0; k < sizeof values / sizeof *values; k += 1) {
            memcpy(altered.bytes + first + 8 * slot, &values[k], 8);
            if (judge(__LINE__, patrol_trainer_read_checkpoint(t, altered.bytes, good.size, &error), &error, name,
                      (long)slot))
                work_on(t);
        }
        memcpy(altered.bytes + first + 8 * slot, good.bytes + first + 8 * slot, 8);
    }
    check_recovery(t);
}

static void check_foreign(patrol_trainer *t, const patrol_trainer_options *options) {
    patrol_trainer_options others[5];
    patrol_error error;
    size_t k;
    for (k = 0; k < 5; k += 1) others[k] = *options;
    others[0].seed += 1;
    others[1].variant = options->variant == PATROL_VARIANT_APART ? PATROL_VARIANT_JOINT : PATROL_VARIANT_APART;
    others[2].validations += 1;
    others[3].patrol_layers[0] += 1;
    others[4].horizon_seconds += 1.0;
    for (k = 0; k < 5; k += 1) {
        patrol_trainer *other = training_create(scenario, engine, &others[k]);
        patrol_training_progress progress = PATROL_TRAINING_PROGRESS_INIT;
        check_refusal(__FILE__, __LINE__, "another trainer",
                      patrol_trainer_read_checkpoint(other, good.bytes, good.size, &error), PATROL_ERROR_MISMATCH,
                      &error, k == 0 ? "seed" : "options");
        MUST(patrol_trainer_advance(other, &progress, error));
        patrol_trainer_destroy(other);
        other = training_create(scenario, engine, &others[k]);
        training_advance(other, 3);
        training_checkpoint(other, &altered);
        check_refusal(__FILE__, __LINE__, "another's",
                      patrol_trainer_read_checkpoint(t, altered.bytes, altered.size, &error), PATROL_ERROR_MISMATCH,
                      &error, k == 0 ? "seed" : "options");
        patrol_trainer_destroy(other);
        check_recovery(t);
    }
    {
        patrol_engine *otherwise = lab_engine(area, "stay", "closest_fcfs");
        patrol_trainer *other = training_create(scenario, otherwise, options);
        check_refusal(__FILE__, __LINE__, "another engine",
                      patrol_trainer_read_checkpoint(other, good.bytes, good.size, &error), PATROL_ERROR_MISMATCH,
                      &error, "engines");
        check_recovery(t);
        patrol_trainer_destroy(other);
        patrol_engine_destroy(otherwise);
    }
}

/* The state after `steps` steps. */
static void check_stage(const patrol_trainer_options *options, int steps) {
    patrol_trainer *t = training_create(scenario, engine, options);
    training_advance(t, steps);
    training_checkpoint(t, &good);
    training_advance(t, 1000);
    training_checkpoint(t, &expected);
    check_recovery(t);
    if (steps == 1000) check_cut(t), check_altered(t);
    check_counters(t, "counters", 5);
    check_counters(t, "dispatch.counters", 8);
    check_counters(t, "patrol.counters", 7);
    check_foreign(t, options);
    patrol_trainer_destroy(t);
}

int main(void) {
    patrol_trainer_options options;
    area = city_area();
    scenario = lab_scenario(area);
    engine = lab_engine(area, "marginal_coverage", "minimum_weighted_travel");
    training_options(&options);
    check_stage(&options, 4);  /* in a dispatch phase */
    check_stage(&options, 20); /* in a patrol phase */
    options.variant = PATROL_VARIANT_APART;
    options.goal = PATROL_GOAL_WORST_GROUP;
    check_stage(&options, 1000); /* done */
    patrol_engine_destroy(engine);
    patrol_scenario_destroy(scenario);
    patrol_area_destroy(area);
    return check_done("bad_checkpoints");
}
