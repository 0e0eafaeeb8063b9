/*
 * Training: equal options and seed give equal bytes with any number of threads and through any checkpoint; what comes out
 * loads and decides; every variant, form, reward and goal comes to its end.
 */
#include "training.h"

static patrol_area *area;
static patrol_scenario *scenario;
static patrol_engine *engine;
static training_file first, second;

static void check_threads(void) {
    patrol_trainer_options options;
    patrol_trainer *one, *many;
    training_options(&options);
    one = training_create(scenario, engine, &options);
    options.threads = 3;
    many = training_create(scenario, engine, &options);
    while (!training_advance(one, 1)) {
        training_advance(many, 1);
        training_checkpoint(one, &first);
        training_checkpoint(many, &second);
        CHECK(training_same(&first, &second));
    }
    patrol_trainer_destroy(one);
    patrol_trainer_destroy(many);
}

/* Every few steps the state goes through a file into another trainer. */
static void check_resume(void) {
    patrol_trainer_options options;
    patrol_trainer *straight, *t;
    int done;
    training_options(&options);
    options.rounds = 2;
    straight = training_create(scenario, engine, &options);
    CHECK(training_advance(straight, 1000));
    training_checkpoint(straight, &first);
    t = training_create(scenario, engine, &options);
    do {
        patrol_trainer *next = training_create(scenario, engine, &options);
        done = training_advance(t, 3);
        training_checkpoint(t, &second);
        patrol_trainer_destroy(t);
        t = next;
        MUST(patrol_trainer_read_checkpoint(t, second.bytes, second.size, error));
    } while (!done);
    CHECK(training_same(&first, &second));
    training_checkpoint(t, &second);
    CHECK(training_same(&first, &second));
    patrol_trainer_destroy(t);
    patrol_trainer_destroy(straight);
}

static void check_outcomes(void) {
    patrol_trainer_options options;
    patrol_training_progress progress = PATROL_TRAINING_PROGRESS_INIT;
    patrol_phase_outcome outcomes[8];
    patrol_trainer *t;
    size_t count = 0, k;
    uint64_t events = 0;
    training_options(&options);
    options.rounds = 2;
    t = training_create(scenario, engine, &options);
    while (progress.kind != PATROL_PHASE_NONE) {
        MUST(patrol_trainer_advance(t, &progress, error));
        CHECK(progress.replications <= progress.next_look && progress.next_look <= 96);
        CHECK(progress.phase_count == 5 && progress.share >= 0.0 && progress.share <= 1.0);
        CHECK(progress.events >= events && progress.phase == progress.outcome_count);
        CHECK((progress.outcome_count == 0) == (isnan(progress.best_cost) != 0));
        events = progress.events;
    }
    MUST(patrol_trainer_advance(t, NULL, error)); /* nothing happens */
    MUST(patrol_trainer_get_outcomes(t, outcomes, 8, sizeof *outcomes, &count, error));
    CHECK(count == 5 && outcomes[4].events == events && isnan(outcomes[0].difference) && outcomes[0].is_accepted == 1);
    for (k = 0; k < count; k += 1) {
        const patrol_phase_outcome *o = &outcomes[k];
        CHECK(o->kind == (k == 0 ? PATROL_PHASE_HEURISTIC : k % 2 == 1 ? PATROL_PHASE_DISPATCH : PATROL_PHASE_PATROL));
        CHECK(o->round == (k == 0 ? 0 : (k - 1) / 2) && o->cost > 0.0 && o->worst_group > 0.0);
        CHECK(o->goal_value == o->cost && o->mean_response > 0.0);
        CHECK(k == 0 || (o->events > outcomes[k - 1].events && o->half_width >= 0.0));
        CHECK(k == 0 || (o->is_accepted == 1) == (o->difference + o->half_width < 0.0));
        CHECK(o->replications == 12 ||
              (k > 0 && (o->replications == 24 || o->replications == 48 || o->replications == 96)));
        CHECK(k == 0 || o->is_accepted || o->difference >= 0.0 || o->replications == 96);
    }
    patrol_trainer_destroy(t);
}

/* What a training of one task accepted loads, tells its origin, and decides. */
static void check_policy_file(const patrol_trainer_options *wanted, uint32_t networks) {
    static const char *const keys[] = {"scenario"}, *const values[] = {"the city of the tests"};
    patrol_policy_info info = PATROL_POLICY_INFO_INIT;
    patrol_engine_options learned = PATROL_ENGINE_OPTIONS_INIT;
    patrol_trainer_options options = *wanted;
    patrol_engine *decides = NULL;
    patrol_policy *policy = NULL;
    const char *const task = networks == PATROL_POLICY_HAS_PATROL ? "patrol_policy" : "dispatch_policy";
    patrol_trainer *t = training_accepted(scenario, engine, &options);
    uint32_t k;
    int found = 0;
    MUST(patrol_trainer_write_policy(t, keys, values, 1, first.bytes, TRAINING_BYTES, &first.size, error));
    MUST(patrol_trainer_write_policy(t, keys, values, 1, second.bytes, first.size, &second.size,
                                     error)); /* just enough */
    CHECK(training_same(&first, &second));
    MUST(patrol_policy_load_memory(first.bytes, first.size, &policy, error));
    MUST(patrol_policy_get_info(policy, &info, error));
    CHECK(info.networks == networks);
    CHECK((info.value_is_concave == 1) == ((networks & PATROL_POLICY_HAS_VALUE) != 0));
    for (k = 0; k < info.metadata_count; k += 1) {
        const char *key = NULL, *value = NULL;
        MUST(patrol_policy_get_metadata(policy, k, &key, &value, error));
        found += strcmp(key, "scenario") == 0 && strcmp(value, values[0]) == 0;
        found += strcmp(key, task) == 0 && strcmp(value, "learned") == 0;
        found += strcmp(key, "training_seed") == 0 && strtoull(value, NULL, 10) == options.seed;
    }
    CHECK(found == 3);
    if (networks == PATROL_POLICY_HAS_PATROL) learned.patrol_policy = "learned";
    if (networks != PATROL_POLICY_HAS_PATROL) learned.dispatch_policy = "learned";
    MUST(patrol_engine_create(area, policy, &learned, &decides, error));
    patrol_simulation_destroy(lab_simulation(scenario, decides, 1));
    patrol_engine_destroy(decides);
    patrol_policy_destroy(policy);
    patrol_trainer_destroy(t);
}

static void check_policy_files(void) {
    patrol_trainer_options options;
    training_options(&options);
    options.variant = PATROL_VARIANT_PATROL_ONLY;
    check_policy_file(&options, PATROL_POLICY_HAS_PATROL);
    options.variant = PATROL_VARIANT_DISPATCH_ONLY;
    options.bootstrap_comparisons = options.comparisons = 400;
    options.horizon_seconds = 1800.0;
    check_policy_file(&options, PATROL_POLICY_HAS_PAIR | PATROL_POLICY_HAS_VALUE);
}

/* Trains to the end; the number of phases, of which the last is of `last` kind. */
static size_t trained(const patrol_scenario *const *cities, const patrol_engine *const *deciders, size_t count,
                      const patrol_trainer_options *options, int32_t last) {
    patrol_phase_outcome outcomes[8];
    patrol_trainer *t = NULL;
    size_t phases = 0;
    MUST(patrol_trainer_create(cities, deciders, count, options, &t, error));
    CHECK(training_advance(t, 1000));
    MUST(patrol_trainer_get_outcomes(t, outcomes, 8, sizeof *outcomes, &phases, error));
    CHECK(outcomes[phases - 1].kind == last);
    training_checkpoint(t, &first); /* every number can be stored */
    patrol_trainer_destroy(t);
    return phases;
}

static void check_variants(void) {
    static const char *const patrols[] = {"stay", "random_walk"};
    const patrol_scenario *cities[2];
    const patrol_engine *deciders[2];
    patrol_trainer_options options;
    cities[0] = cities[1] = scenario;
    deciders[0] = deciders[1] = engine;
    training_options(&options);
    options.variant = PATROL_VARIANT_APART;
    CHECK(trained(cities, deciders, 1, &options, PATROL_PHASE_COMBINATION) == 4);
    options.heuristic_patrols = patrols;
    options.heuristic_patrol_count = 2;
    options.variant = PATROL_VARIANT_PATROL_ONLY;
    options.patrol_reward = PATROL_REWARD_TEAM_COST;
    options.patrol_spans_calls = 1;
    options.patrol_layers[0] = 0;
    CHECK(trained(cities, deciders, 1, &options, PATROL_PHASE_PATROL) == 3);
    options.patrol_method = PATROL_METHOD_SEARCH;
    CHECK(trained(cities, deciders, 1, &options, PATROL_PHASE_PATROL) == 3);
    options.patrol_method = PATROL_METHOD_ROLLOUTS;
    options.patrol_layers[0] = 6;
    CHECK(trained(cities, deciders, 2, &options, PATROL_PHASE_PATROL) == 3);
    options.patrol_layers[0] = 0;
    options.patrol_method = PATROL_METHOD_Q_LEARNING;
    options.patrol_reward = PATROL_REWARD_TEAM_COVERAGE;
    options.patrol_presence = 1.0f;
    options.patrol_driving_price = 0.1f;
    CHECK(trained(cities, deciders, 2, &options, PATROL_PHASE_PATROL) == 3);
    options.variant = PATROL_VARIANT_DISPATCH_ONLY;
    options.value_form = PATROL_VALUE_GENERAL;
    options.value_block = 2;
    options.learns_pairs = 0;
    options.goal = PATROL_GOAL_WORST_GROUP;
    CHECK(trained(cities, deciders, 1, &options, PATROL_PHASE_DISPATCH) == 3);
    options.goal = PATROL_GOAL_WITHIN_TARGET;
    CHECK(trained(cities, deciders, 1, &options, PATROL_PHASE_DISPATCH) == 3);
    options.goal = PATROL_GOAL_P90;
    options.goal_priority = 1;
    options.goal_price = 0.5f;
    CHECK(trained(cities, deciders, 2, &options, PATROL_PHASE_DISPATCH) == 3);
    options.goal_priority = 0;
    options.goal = PATROL_GOAL_PRESENCE;
    options.variant = PATROL_VARIANT_PATROL_ONLY;
    CHECK(trained(cities, deciders, 1, &options, PATROL_PHASE_PATROL) == 3);
    options.variant = PATROL_VARIANT_DISPATCH_ONLY;
    options.goal = PATROL_GOAL_WORST_GROUP;
    options.value_form = PATROL_VALUE_NONE;
    options.learns_pairs = 1;
    CHECK(trained(cities, deciders, 2, &options, PATROL_PHASE_DISPATCH) == 3);
}

/* A city where nobody calls costs nothing: there is no relative difference to tell. */
static void check_silence(void) {
    const patrol_scenario *cities[1];
    const patrol_engine *deciders[1];
    patrol_scenario *silent = NULL;
    patrol_trainer_options options;
    lab l;
    lab_init(&l);
    l.arrays.rate_scale = 0.0;
    MUST(patrol_scenario_create(area, &l.arrays, &silent, error));
    training_options(&options);
    options.variant = PATROL_VARIANT_PATROL_ONLY;
    cities[0] = silent;
    deciders[0] = engine;
    CHECK(trained(cities, deciders, 1, &options, PATROL_PHASE_PATROL) == 2);
    patrol_scenario_destroy(silent);
}

int main(void) {
    area = city_area();
    scenario = lab_scenario(area);
    engine = lab_engine(area, "marginal_coverage", "minimum_weighted_travel");
    check_threads();
    check_resume();
    check_outcomes();
    check_policy_files();
    check_variants();
    check_silence();
    patrol_engine_destroy(engine);
    patrol_scenario_destroy(scenario);
    patrol_area_destroy(area);
    return check_done("trainers");
}
