/*
 * Trainers: what must be refused. Each row breaks one value of good options, or asks a good trainer something wrong; outputs
 * stay as they were, and in the end the trainer has gone the way of one that was never asked anything wrong.
 */
#include "training.h"

static patrol_area *area, *elsewhere;
static const patrol_scenario *scenarios[2];
static const patrol_engine *engines[2];
static patrol_engine *foreign;
static patrol_error refusal;

/* Judges a call that must be refused and clears the error for the next. */
static void judge(int line, const char *title, int32_t status, int32_t expected, const char *culprit) {
    check_refusal(__FILE__, line, title, status, expected, &refusal, culprit);
    memset(&refusal, 0xA5, sizeof refusal);
}

#define REFUSED(call, expected, culprit) judge(__LINE__, #call, call, PATROL_ERROR_##expected, culprit)

static int32_t create(const patrol_trainer_options *options) {
    patrol_trainer *const untouched = (patrol_trainer *)&refusal;
    patrol_trainer *trainer = untouched;
    int32_t status = patrol_trainer_create(scenarios, engines, 1, options, &trainer, &refusal);
    check(status == PATROL_OK || trainer == untouched, __FILE__, __LINE__, "the handle was written");
    if (status == PATROL_OK) patrol_trainer_destroy(trainer);
    return status;
}

/* Creation with one change to good options. */
#define ROW(change, expected, culprit)                                                                                 \
    do {                                                                                                               \
        patrol_trainer_options o;                                                                                      \
        training_options(&o);                                                                                          \
        change;                                                                                                        \
        judge(__LINE__, #change, create(&o), PATROL_ERROR_##expected, culprit);                                        \
    } while (0)

/* Numbers below, above and not in a range. */
#define INTEGER(field, least, most)                                                                                    \
    do {                                                                                                               \
        if ((least) > 0) ROW(o.field = (least) - 1, INVALID_ARGUMENT, #field);                                         \
        ROW(o.field = (most) + 1, INVALID_ARGUMENT, #field);                                                           \
        ROW(o.field = UINT32_MAX, INVALID_ARGUMENT, #field "|4294967295");                                             \
    } while (0)
#define NUMBER(field)                                                                                                  \
    do {                                                                                                               \
        ROW(o.field = NAN, INVALID_NUMBER, #field "|nan");                                                             \
        ROW(o.field = INFINITY, INVALID_NUMBER, #field "|inf");                                                        \
        ROW(o.field = -1, INVALID_NUMBER, #field "|-1");                                                               \
    } while (0)
#define KIND(field, count)                                                                                             \
    do {                                                                                                               \
        ROW(o.field = (count), INVALID_ARGUMENT, #field);                                                              \
        ROW(o.field = -1, INVALID_ARGUMENT, #field "|-1");                                                             \
    } while (0)

static void check_options(void) {
    static const char *const unknown[] = {"stay", "holt"}, *const learned[] = {"learned"}, *const missing[] = {NULL};
    static const char *const twice[] = {"stay", "stay"};
    ROW(o.struct_size = 8, STRUCT_SIZE, "struct_size|8");
    ROW(o.struct_size = 0, STRUCT_SIZE, "struct_size|0");
    ROW(o.reserved = 1, INVALID_ARGUMENT, "reserved");
    KIND(variant, 4);
    KIND(goal, 5);
    ROW(o.goal_price = NAN, INVALID_NUMBER, "goal_price|nan");
    ROW(o.goal_price = -1.0f, INVALID_NUMBER, "goal_price|-1");
    ROW(o.goal_price = 1001.0f, INVALID_NUMBER, "goal_price|1001");
    ROW(o.goal_priority = 1, INVALID_ARGUMENT, "goal_priority|1");
    ROW((o.goal = PATROL_GOAL_P90, o.goal_priority = 9), INVALID_ARGUMENT, "goal_priority|9");
    ROW((o.goal = PATROL_GOAL_P90, o.goal_priority = 8), MISMATCH, "goal_priority|8");
    ROW((o.goal = PATROL_GOAL_WITHIN_TARGET, o.goal_priority = 2), MISMATCH, "within_target|response targets");
    KIND(value_form, 3);
    KIND(patrol_method, 3);
    KIND(patrol_reward, 4);
    ROW(o.warm_start = 2, INVALID_ARGUMENT, "warm_start|2");
    ROW(o.learns_pairs = 2, INVALID_ARGUMENT, "learns_pairs|2");
    ROW(o.patrol_spans_calls = 2, INVALID_ARGUMENT, "patrol_spans_calls|2");
    ROW(o.threads = 0, INVALID_ARGUMENT, "threads|0");
    ROW(o.threads = 65, INVALID_ARGUMENT, "threads|65");
    INTEGER(rounds, 1, 1000);
    INTEGER(validations, 2, 100000);
    ROW(o.validation_limit = 100001, INVALID_ARGUMENT, "validation_limit|100001");
    NUMBER(validation_seconds);
    ROW(o.validation_seconds = 59.0, INVALID_NUMBER, "validation_seconds|59");

    ROW(o.heuristic_patrols = NULL, INVALID_ARGUMENT, "heuristic_patrols is NULL");
    ROW(o.heuristic_dispatches = NULL, INVALID_ARGUMENT, "heuristic_dispatches is NULL");
    ROW(o.heuristic_patrol_count = 65, INVALID_ARGUMENT, "heuristic_patrols|65");
    ROW(o.heuristic_dispatch_count = UINT32_MAX, INVALID_ARGUMENT, "heuristic_dispatches|4294967295");
    ROW((o.heuristic_patrols = twice, o.heuristic_patrol_count = 2), INVALID_ARGUMENT, "heuristic_patrols[1]|stay");
    ROW((o.heuristic_patrols = unknown, o.heuristic_patrol_count = 2), UNKNOWN_NAME, "heuristic_patrols[1]|holt");
    ROW(o.heuristic_dispatches = unknown, UNKNOWN_NAME, "heuristic_dispatches[0]|stay");
    ROW(o.heuristic_patrols = learned, INVALID_ARGUMENT, "heuristic_patrols|learned");
    ROW(o.heuristic_dispatches = learned, INVALID_ARGUMENT, "heuristic_dispatches|learned");
    ROW(o.heuristic_patrols = missing, INVALID_ARGUMENT, "heuristic_patrols[0] is NULL");
}

static void check_learners(void) {
    ROW((o.value_form = PATROL_VALUE_NONE, o.learns_pairs = 0), INVALID_ARGUMENT, "pair|value");
    ROW(o.value_hidden = 0, INVALID_ARGUMENT, "value_hidden|value_block");
    ROW(o.pair_layers[0] = 1025, INVALID_ARGUMENT, "pair_layers|1025");
    ROW(o.pair_layers[0] = UINT32_MAX, INVALID_ARGUMENT, "pair_layers|4294967295");
    INTEGER(value_hidden, 0, 64);
    INTEGER(value_block, 0, 16);
    INTEGER(bootstrap_comparisons, 1, 10000000);
    INTEGER(comparisons, 1, 10000000);
    ROW(o.comparisons = 10000000, INVALID_ARGUMENT, "comparisons|10000000|MB of memory");
    ROW(o.bootstrap_comparisons = 10000000, INVALID_ARGUMENT, "bootstrap_comparisons|10000000|MB of memory");
    INTEGER(iterations, 1, 1000);
    NUMBER(horizon_seconds);
    NUMBER(compared_share);
    ROW(o.compared_share = 0.0f, INVALID_NUMBER, "compared_share|0");
    ROW(o.compared_share = 1.5f, INVALID_NUMBER, "compared_share|1.5");
    NUMBER(explored_share);

    INTEGER(patrol_generations, 1, 100000);
    ROW(o.reserved_end = 1, INVALID_ARGUMENT, "reserved_end");
    ROW((o.patrol_method = PATROL_METHOD_ROLLOUTS, o.comparisons = 500001), INVALID_ARGUMENT, "comparisons|500001");
    ROW((o.patrol_method = PATROL_METHOD_ROLLOUTS, o.patrol_layers[0] = 0), INVALID_ARGUMENT, "patrol_layers");
    INTEGER(dispatch_generations, 0, 100000);
    INTEGER(search_population, 2, 1024);
    ROW(o.search_population = 5, INVALID_ARGUMENT, "search_population|5|even");
    INTEGER(search_replications, 1, 10000);
    NUMBER(patrol_presence);
    NUMBER(patrol_driving_price);
    ROW(o.patrol_layers[0] = UINT32_MAX, INVALID_ARGUMENT, "patrol_layers|4294967295");
    ROW(o.patrol_layers[1] = 1025, INVALID_ARGUMENT, "patrol_layers|1025");
    INTEGER(patrol_rounds, 1, 1000000);
    INTEGER(patrol_heuristic_rounds, 1, 4);
    INTEGER(patrol_episodes, 1, 64);
    INTEGER(patrol_steps, 0, 1000000);
    NUMBER(patrol_episode_seconds);
    ROW(o.patrol_episode_seconds = 59.0, INVALID_NUMBER, "patrol_episode_seconds|59");
    NUMBER(patrol_discount_rate);
}

static void check_tasks(void) {
    const patrol_scenario *const *const no_scenarios = NULL;
    const patrol_engine *const *const no_engines = NULL;
    patrol_trainer_options options;
    patrol_trainer *trainer = NULL;
    training_options(&options);
    REFUSED(patrol_trainer_create(no_scenarios, engines, 1, &options, &trainer, &refusal), INVALID_ARGUMENT,
            "scenarios is NULL");
    REFUSED(patrol_trainer_create(scenarios, no_engines, 1, &options, &trainer, &refusal), INVALID_ARGUMENT,
            "engines is NULL");
    REFUSED(patrol_trainer_create(scenarios, engines, 1, &options, NULL, &refusal), INVALID_ARGUMENT,
            "trainer is NULL");
    REFUSED(patrol_trainer_create(scenarios, engines, 0, &options, &trainer, &refusal), INVALID_ARGUMENT, "count is 0");
    REFUSED(patrol_trainer_create(scenarios, engines, 1025, &options, &trainer, &refusal), INVALID_ARGUMENT,
            "count is 1025");
    REFUSED(patrol_trainer_create(scenarios, engines, SIZE_MAX, &options, &trainer, &refusal), INVALID_ARGUMENT,
            "count");
    REFUSED(patrol_trainer_create(scenarios, engines, 2, &options, &trainer, &refusal), INVALID_ARGUMENT, "NULL");
    scenarios[1] = scenarios[0];
    REFUSED(patrol_trainer_create(scenarios, engines, 2, &options, &trainer, &refusal), INVALID_ARGUMENT,
            "engine|NULL");
    engines[1] = foreign;
    REFUSED(patrol_trainer_create(scenarios, engines, 2, &options, &trainer, &refusal), MISMATCH, "area");
    scenarios[1] = NULL;
    engines[1] = NULL;
    CHECK(trainer == NULL);
}

static void check_null(void) {
    const char *patrol = "p", *dispatch = "d";
    size_t count = 77;
    uint8_t byte = 0xA5;
    REFUSED(patrol_trainer_advance(NULL, NULL, &refusal), INVALID_ARGUMENT, "trainer is NULL");
    REFUSED(patrol_trainer_get_outcomes(NULL, NULL, 0, 0, &count, &refusal), INVALID_ARGUMENT, "trainer is NULL");
    REFUSED(patrol_trainer_get_policies(NULL, &patrol, &dispatch, &refusal), INVALID_ARGUMENT, "trainer is NULL");
    REFUSED(patrol_trainer_write_policy(NULL, NULL, NULL, 0, &byte, 1, &count, &refusal), INVALID_ARGUMENT,
            "trainer is NULL");
    REFUSED(patrol_trainer_write_checkpoint(NULL, &byte, 1, &count, &refusal), INVALID_ARGUMENT, "trainer is NULL");
    REFUSED(patrol_trainer_read_checkpoint(NULL, &byte, 1, &refusal), INVALID_ARGUMENT, "trainer is NULL");
    CHECK(count == 77 && byte == 0xA5 && patrol[0] == 'p' && dispatch[0] == 'd');
}

/* At any time. */
static void check_calls(patrol_trainer *t, size_t ended) {
    patrol_training_progress progress = PATROL_TRAINING_PROGRESS_INIT;
    patrol_phase_outcome outcomes[4];
    const char *name = "n";
    size_t count = 77;
    uint8_t bytes[16];
    memset(bytes, 0xA5, sizeof bytes);
    memset(outcomes, 0xA5, sizeof outcomes);
    progress.struct_size = 4;
    REFUSED(patrol_trainer_advance(t, &progress, &refusal), STRUCT_SIZE, "struct_size|4");
    REFUSED(patrol_trainer_get_outcomes(t, outcomes, 4, 0, NULL, &refusal), INVALID_ARGUMENT, "count is NULL");
    REFUSED(patrol_trainer_get_outcomes(t, outcomes, 4, 12, &count, &refusal), INVALID_ARGUMENT, "outcomes|12");
    REFUSED(patrol_trainer_get_policies(t, NULL, &name, &refusal), INVALID_ARGUMENT, "patrol is NULL");
    REFUSED(patrol_trainer_get_policies(t, &name, NULL, &refusal), INVALID_ARGUMENT, "dispatch is NULL");
    REFUSED(patrol_trainer_write_checkpoint(t, bytes, 16, NULL, &refusal), INVALID_ARGUMENT, "size is NULL");
    REFUSED(patrol_trainer_write_checkpoint(t, NULL, 16, &count, &refusal), INVALID_ARGUMENT, "bytes is NULL");
    CHECK(count == 77 && name[0] == 'n');
    REFUSED(patrol_trainer_write_checkpoint(t, bytes, 16, &count, &refusal), CAPACITY, "bytes|16");
    CHECK(count > 1000 && count < TRAINING_BYTES && bytes[0] == 0xA5 && bytes[15] == 0xA5);
    count = 77;
    if (ended > 1) {
        REFUSED(patrol_trainer_get_outcomes(t, NULL, 4, 0, &count, &refusal), INVALID_ARGUMENT, "outcomes is NULL");
        CHECK(count == 77);
        REFUSED(patrol_trainer_get_outcomes(t, outcomes, 1, 0, &count, &refusal), CAPACITY, "outcomes|1");
        CHECK(count == ended && outcomes[0].round == 0xA5A5A5A5u);
    }
    MUST(patrol_trainer_get_outcomes(t, NULL, 0, 0, &count, error));
    CHECK(count == ended);
}

static void check_policy_file(patrol_trainer *t) {
    static const char *const keys[] = {"city", "city"}, *const format[] = {"format"}, *const values[] = {"a", "b"};
    static const char *const missing[] = {"a", NULL}, *const not_utf8[] = {"a\xFF"};
    size_t size = 77;
    uint8_t bytes[16];
    memset(bytes, 0xA5, sizeof bytes);
    REFUSED(patrol_trainer_write_policy(t, NULL, values, 2, bytes, 16, &size, &refusal), INVALID_ARGUMENT,
            "keys is NULL");
    REFUSED(patrol_trainer_write_policy(t, keys, NULL, 2, bytes, 16, &size, &refusal), INVALID_ARGUMENT,
            "values is NULL");
    REFUSED(patrol_trainer_write_policy(t, keys, values, 257, bytes, 16, &size, &refusal), INVALID_ARGUMENT, "257");
    REFUSED(patrol_trainer_write_policy(t, keys, values, SIZE_MAX, bytes, 16, &size, &refusal), INVALID_ARGUMENT,
            "count");
    REFUSED(patrol_trainer_write_policy(t, keys, values, 2, bytes, 16, &size, &refusal), INVALID_ARGUMENT,
            "city|already");
    REFUSED(patrol_trainer_write_policy(t, format, values, 1, bytes, 16, &size, &refusal), INVALID_ARGUMENT,
            "format|already");
    REFUSED(patrol_trainer_write_policy(t, keys, not_utf8, 1, bytes, 16, &size, &refusal), INVALID_ARGUMENT,
            "city|UTF-8");
    REFUSED(patrol_trainer_write_policy(t, missing, values, 2, bytes, 16, &size, &refusal), INVALID_ARGUMENT,
            "entry 1");
    REFUSED(patrol_trainer_write_policy(t, keys, missing, 2, bytes, 16, &size, &refusal), INVALID_ARGUMENT, "entry 1");
    REFUSED(patrol_trainer_write_policy(t, keys, values, 1, bytes, 16, NULL, &refusal), INVALID_ARGUMENT,
            "size is NULL");
    REFUSED(patrol_trainer_write_policy(t, keys, values, 1, NULL, 16, &size, &refusal), INVALID_ARGUMENT,
            "bytes is NULL");
    CHECK(size == 77);
    REFUSED(patrol_trainer_write_policy(t, keys, values, 1, bytes, 16, &size, &refusal), CAPACITY, "bytes|16");
    CHECK(size > 1000 && size < TRAINING_BYTES && bytes[0] == 0xA5);
}

/* One trainer is asked every wrong thing between two steps; another none. */
static void check_trainer(void) {
    static training_file asked, spared;
    patrol_trainer_options options;
    patrol_training_progress progress = PATROL_TRAINING_PROGRESS_INIT;
    const char *name = NULL, *other = NULL;
    patrol_trainer *quiet, *t;
    size_t size = 77;
    training_options(&options);
    quiet = training_accepted(scenarios[0], engines[0], &options);
    t = training_create(scenarios[0], engines[0], &options);
    REFUSED(patrol_trainer_get_policies(t, &name, &other, &refusal), INVALID_ARGUMENT, "nothing has been validated");
    while (progress.kind != PATROL_PHASE_NONE) {
        check_calls(t, progress.outcome_count);
        if (progress.outcome_count < 2)
            REFUSED(patrol_trainer_write_policy(t, NULL, NULL, 0, NULL, 0, &size, &refusal), INVALID_ARGUMENT,
                    "networks");
        MUST(patrol_trainer_advance(t, &progress, error));
    }
    CHECK(size == 77);
    check_calls(t, progress.outcome_count);
    check_policy_file(t);
    training_checkpoint(t, &asked);
    training_checkpoint(quiet, &spared);
    CHECK(training_same(&asked, &spared));
    patrol_trainer_destroy(t);
    patrol_trainer_destroy(quiet);
}

int main(void) {
    area = city_area();
    elsewhere = city_area(); /* equal, and another object */
    scenarios[0] = lab_scenario(area);
    engines[0] = lab_engine(area, "marginal_coverage", "minimum_weighted_travel");
    foreign = lab_engine(elsewhere, "stay", "closest_fcfs");
    memset(&refusal, 0xA5, sizeof refusal);
    check_options();
    check_learners();
    check_tasks();
    check_null();
    check_trainer();
    patrol_engine_destroy(foreign);
    patrol_engine_destroy((patrol_engine *)engines[0]);
    patrol_scenario_destroy((patrol_scenario *)scenarios[0]);
    patrol_area_destroy(elsewhere);
    patrol_area_destroy(area);
    return check_done("bad_trainers");
}
