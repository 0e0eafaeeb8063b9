/*
 * Trainers from random bytes: options around those of a short training, a few steps, a checkpoint that is read again as
 * it is and with changes here and there, and whatever policy file comes of it. Whatever the bytes, calls return, refuse with
 * a sentence, or keep what patrol_lab.h promises.
 */
#include "edit.h"
#include "make_scenario.h"
#include "training.h"

#define CHECKPOINT_BYTES (1 << 20)

/* Simulated seconds, of which a year would only take long. */
static double seconds_of(source *s, float usual) { return fmin(1800.0, (double)number(s, usual)); }

/* Good options, but for one in eight, in which any number may be one too far. */
static void change_options(source *s, patrol_trainer_options *o) {
    static const char *const patrols[] = {"stay", "marginal_coverage", "random_walk", "learned", "holt"};
    static const char *const dispatches[] = {"closest_fcfs", "weighted_index", "priority_closest", "learned", NULL};
    const uint32_t more = draw(s, 8) == 1;
    o->seed = draw(s, 256);
    o->variant = (int32_t)draw(s, 4 + more);
    o->goal = (int32_t)draw(s, 5 + more);
    o->goal_priority = o->goal == 2 || o->goal == 3 || more ? draw(s, 3) : 0;
    o->goal_price = number(s, 1.0f);
    o->value_form = (int32_t)draw(s, 3 + more);
    /* Direct search, with which rollouts begin, simulates whole days. */
    o->patrol_method = draw(s, 8) == 1 ? (int32_t)(1 + draw(s, 2) + more) : 0;
    o->patrol_reward = (int32_t)draw(s, 4 + more);
    o->learns_pairs = o->value_form == PATROL_VALUE_NONE && !more ? 1 : draw(s, 2 + more);
    o->warm_start = draw(s, 2);
    o->patrol_spans_calls = draw(s, 2);
    o->validations = 2 + draw(s, 4) - more;
    o->validation_limit = draw(s, 16);
    o->validation_seconds = 60.0 + seconds_of(s, 100.0f);
    o->heuristic_patrols = patrols;
    o->heuristic_patrol_count = 1 + draw(s, 2 + 4 * more);
    o->heuristic_dispatches = dispatches;
    o->heuristic_dispatch_count = 1 + draw(s, 2 + 4 * more);
    o->value_hidden = 1 - more + draw(s, 3);
    o->value_block = draw(s, 3);
    o->bootstrap_comparisons = 1 - more + draw(s, 8);
    o->comparisons = 1 - more + draw(s, 8);
    o->iterations = 1 - more + draw(s, 2);
    o->dispatch_generations = draw(s, 8) == 1;
    o->search_population = 2 + more * draw(s, 6);
    o->patrol_generations = 1 - more + draw(s, 2);
    o->horizon_seconds = 60.0 + seconds_of(s, 120.0f);
    o->compared_share = (float)(1 - more + draw(s, 128)) / 128.0f;
    o->explored_share = (float)draw(s, 128) / 127.0f;
    o->patrol_rounds = 1 - more + draw(s, 3);
    o->patrol_heuristic_rounds = 1 - more + draw(s, o->patrol_rounds + more);
    o->patrol_episodes = 1;
    o->patrol_steps = 1 - more + draw(s, 3);
    o->patrol_episode_seconds = 60.0 + seconds_of(s, 600.0f);
    o->patrol_presence = number(s, 1.0f);
    o->patrol_driving_price = number(s, 1.0f);
    o->patrol_discount_rate = (double)draw(s, 256) * 1e-6;
    if (more) o->pair_layers[draw(s, PATROL_TRAINER_LAYERS)] = draw(s, 20);
    if (more) o->patrol_layers[draw(s, PATROL_TRAINER_LAYERS)] = draw(s, 20);
}

/* Up to some steps, each of which tells where training is. - Returns: 0 where a decision or memory failed. */
static int advance(patrol_trainer *t, int steps) {
    patrol_error error;
    for (; steps > 0; steps -= 1) {
        patrol_training_progress p = PATROL_TRAINING_PROGRESS_INIT;
        patrol_phase_outcome outcome;
        const char *patrol = NULL, *dispatch = NULL;
        size_t count = 99;
        int32_t status = patrol_trainer_advance(t, &p, &error);
        if (status != PATROL_OK) {
            check_refused(status, &error);
            return 0;
        }
        HOLDS(p.kind >= PATROL_PHASE_HEURISTIC && p.kind <= PATROL_PHASE_NONE && p.phase <= p.phase_count);
        HOLDS(p.share >= 0.0 && p.share <= 1.0 && p.outcome_count <= p.phase_count);
        status = patrol_trainer_get_outcomes(t, &outcome, 1, sizeof outcome, &count, &error);
        HOLDS(count == p.outcome_count && (status == PATROL_OK) == (count <= 1));
        status = patrol_trainer_get_policies(t, &patrol, &dispatch, &error);
        HOLDS((status == PATROL_OK) == (count > 0));
        if (status == PATROL_OK) HOLDS(strlen(patrol) > 0 && strlen(dispatch) > 0);
        if (p.kind == PATROL_PHASE_NONE) return 1;
    }
    return 1;
}

static uint8_t *checkpoint(const patrol_trainer *t, size_t *size) {
    patrol_error error;
    size_t known = 0;
    uint8_t *bytes;
    SUCCEEDS(patrol_trainer_write_checkpoint(t, NULL, 0, size, &error));
    HOLDS(*size > 8 && *size < CHECKPOINT_BYTES);
    bytes = exact(*size + 64, 1);
    SUCCEEDS(patrol_trainer_write_checkpoint(t, bytes, *size, &known, &error));
    HOLDS(known == *size);
    return bytes;
}

/* A policy file, where anything was learned that is better: it is one. */
static void write_policy(const patrol_trainer *t) {
    patrol_error error;
    patrol_policy *policy = NULL;
    size_t size = 0, known = 0;
    uint8_t *bytes;
    int32_t status = patrol_trainer_write_policy(t, NULL, NULL, 0, NULL, 0, &size, &error);
    if (status != PATROL_OK) {
        check_refused(status, &error);
        HOLDS(status == PATROL_ERROR_INVALID_ARGUMENT && size == 0);
        return;
    }
    bytes = exact(size, 1);
    SUCCEEDS(patrol_trainer_write_policy(t, NULL, NULL, 0, bytes, size, &known, &error));
    SUCCEEDS(patrol_policy_load_memory(bytes, size, &policy, &error));
    patrol_policy_destroy(policy);
}

static void train(source *s, patrol_trainer *t) {
    patrol_error error;
    size_t size = 0, again = 0;
    uint8_t *good, *copy;
    int32_t status;
    if (!advance(t, (int)draw(s, 5))) return;
    good = checkpoint(t, &size);
    SUCCEEDS(patrol_trainer_read_checkpoint(t, good, size, &error));
    copy = checkpoint(t, &again);
    HOLDS(again == size && memcmp(good, copy, size) == 0);
    again = edit(s, copy, size, size + 64);
    status = patrol_trainer_read_checkpoint(t, copy, again, &error);
    if (status != PATROL_OK) {
        check_refused(status, &error);
        copy = checkpoint(t, &again);
        HOLDS(again == size && memcmp(good, copy, size) == 0);
    }
    advance(t, (int)draw(s, 3));
    write_policy(t);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    source bytes = {data, data + size, 0, 0}, *s = &bytes;
    staged l = {NULL, NULL, 0, 0, 0.0, 0.0};
    kept_city *c = city_of(s, 0);
    patrol_scenario *scenario = NULL;
    patrol_trainer_options options;
    patrol_trainer *trainer = NULL;
    patrol_error error;
    s->calm = draw(s, 4) != 1;
    /* Where stays last a second and calls are rare, a phase simulates for minutes. */
    if (c->engine != NULL && c->number % 2 == 1) scenario = make_scenario(s, &c->world, c->area, &l);
    if (scenario != NULL && l.calls_per_hour > 2.0 && l.calls_per_hour < 60.0) {
        const patrol_scenario *scenarios[] = {scenario};
        const patrol_engine *engines[] = {c->engine};
        training_options(&options);
        change_options(s, &options);
        check_made(patrol_trainer_create(scenarios, engines, 1, &options, &trainer, &error), &error, &trainer);
        if (trainer != NULL) train(s, trainer);
        patrol_trainer_destroy(trainer);
    }
    patrol_scenario_destroy(scenario);
    exact_free(0);
    return 0;
}
