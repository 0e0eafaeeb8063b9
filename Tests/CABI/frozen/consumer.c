/*
 * A program of version 0.1: compiled with the header that lies here, it runs with any later library. Structs and arrays stand
 * between guards, so that a library that reads or writes them as they are in a later header shows.
 *
 *     consumer FOLDER     with the area, policy and record files of version 0.1
 */
#include <patrol_lab.h>

#include "lab.h"

enum { GUARD = 64 };

typedef struct guarded {
    unsigned char before[GUARD];
    unsigned char bytes[1024];
} guarded;

static guarded space;

/* Room for `size` bytes with guards on both sides. */
static void *guard(size_t size) {
    if (size + GUARD > sizeof space.bytes) exit(2);
    memset(&space, 0xA5, sizeof space);
    return space.bytes;
}

static int is_whole(size_t size) {
    size_t k;
    for (k = 0; k < GUARD; k += 1)
        if (space.before[k] != 0xA5 || space.bytes[size + k] != 0xA5) return 0;
    return 1;
}

/* The function sets what the macro sets, strides aside, and nothing behind it. */
#define CHECK_INIT(type)                                                                                               \
    do {                                                                                                               \
        type *value = (type *)guard(sizeof(type));                                                                     \
        type##_init(value);                                                                                            \
        CHECK(is_whole(sizeof(type)));                                                                                 \
    } while (0)

#define CHECK_SIZED_INIT(type)                                                                                         \
    do {                                                                                                               \
        CHECK_INIT(type);                                                                                              \
        CHECK(((type *)space.bytes)->struct_size == sizeof(type));                                                     \
    } while (0)

static void check_initializers(void) {
    static const patrol_unit unit = PATROL_UNIT_INIT;
    static const patrol_incident incident = PATROL_INCIDENT_INIT;
    CHECK_SIZED_INIT(patrol_area_arrays);
    CHECK_SIZED_INIT(patrol_area_options);
    CHECK_SIZED_INIT(patrol_area_info);
    CHECK_SIZED_INIT(patrol_policy_info);
    CHECK_SIZED_INIT(patrol_engine_options);
    CHECK_SIZED_INIT(patrol_snapshot);
    CHECK_SIZED_INIT(patrol_decide_options);
    CHECK_SIZED_INIT(patrol_answer);
    CHECK_SIZED_INIT(patrol_scenario_arrays);
    CHECK_SIZED_INIT(patrol_simulation_options);
    CHECK_SIZED_INIT(patrol_simulation_state);
    CHECK_SIZED_INIT(patrol_metrics);
    CHECK_SIZED_INIT(patrol_batch_options);
    CHECK_SIZED_INIT(patrol_batch_arrays);
    CHECK_SIZED_INIT(patrol_trainer_options);
    CHECK_SIZED_INIT(patrol_training_progress);
    CHECK_INIT(patrol_unit);
    CHECK(memcmp(space.bytes, &unit, sizeof unit) == 0);
    CHECK_INIT(patrol_incident);
    CHECK(memcmp(space.bytes, &incident, sizeof incident) == 0);
}

/* `value` behind a guard; `GUARDED(type, INIT)` is that of a macro. */
static void *guarded_copy(const void *value, size_t size) { return memcpy(guard(size), value, size); }

#define GUARDED(type, INIT) \
    static const type type##_initial = INIT; \
    type *value = (type *)guarded_copy(&type##_initial, sizeof(type))

static void check_infos(const patrol_area *area, const patrol_policy *policy) {
    {
        GUARDED(patrol_area_info, PATROL_AREA_INFO_INIT);
        MUST(patrol_area_get_info(area, value, error));
        CHECK(value->node_count == CITY_NODES && value->calls_per_hour > 0.0 && is_whole(sizeof *value));
    }
    {
        GUARDED(patrol_policy_info, PATROL_POLICY_INFO_INIT);
        MUST(patrol_policy_get_info(policy, value, error));
        CHECK(value->networks == 7 && value->content_hash != 0 && is_whole(sizeof *value));
    }
}

/* Units and calls one behind the other, moves and assignments too: a wrong stride confuses them. */
static void check_decision(const patrol_engine *engine, patrol_session *session) {
    static request r, again;
    static uint8_t record[1 << 14];
    size_t size = 0, index;
    request_init(&r);
    request_add_all(&r);
    {
        patrol_answer *answer = (patrol_answer *)guarded_copy(&r.answer, sizeof r.answer);
        MUST(patrol_decide(session, &r.snapshot, &r.options, answer, error));
        CHECK(is_whole(sizeof *answer));
        r.answer = *answer;
    }
    CHECK(r.answer.move_count == REQUEST_UNITS && r.answer.assignment_count == 2 && r.answer.issue_count == 0);
    for (index = 0; index < REQUEST_UNITS; index += 1) CHECK(r.moves[index].unit_id == 7000 + index);
    CHECK(((unsigned char *)&r.moves[REQUEST_UNITS])[0] == 0xA5);
    CHECK(((unsigned char *)&r.assignments[2])[0] == 0xA5);
    CHECK(r.assignments[0].incident_id + r.assignments[1].incident_id == 1001);
    CHECK(r.assignments[1].travel_seconds > 0.0f && r.assignments[1].reward < 0.0);
    MUST(patrol_decision_record(engine, &r.snapshot, &r.options, &r.answer, record, sizeof record, &size, error));
    request_init(&again);
    MUST(patrol_decision_replay(engine, record, size, &again.answer, error));
    CHECK(request_agrees(&r, &again));

    request_init(&r); /* bad rows */
    r.units[1].status = 77;
    r.units[2].home_beat = 99;
    {
        patrol_row_issue issues[3];
        memset(issues, 0xA5, sizeof issues);
        r.answer.issues = issues;
        r.answer.issue_capacity = 2;
        MUST(request_decide(&r, session, error));
        CHECK(r.answer.issue_count == 2 && issues[0].row == 1 && issues[1].row == 2 && issues[1].field == PATROL_FIELD_HOME_BEAT);
        CHECK(issues[2].row == 0xA5A5A5A5u);
    }
}

static void check_looks(patrol_session *session) {
    static request r;
    patrol_candidate candidates[CITY_NODES + 1];
    patrol_pair pairs[REQUEST_UNITS * REQUEST_INCIDENTS + 1];
    patrol_explanation explanations[REQUEST_UNITS + 1];
    patrol_ranked_unit ranked[REQUEST_UNITS + 1];
    size_t count = 0;
    request_init(&r);
    memset(candidates, 0xA5, sizeof candidates);
    memset(pairs, 0xA5, sizeof pairs);
    memset(explanations, 0xA5, sizeof explanations);
    memset(ranked, 0xA5, sizeof ranked);
    MUST(patrol_unit_candidates(session, &r.snapshot, 7000, candidates, CITY_NODES, 0, &count, NULL, error));
    CHECK(count > 1 && candidates[0].node == 0 && candidates[1].travel_seconds == 60.0f);
    CHECK(candidates[count].node == 0xA5A5A5A5u);
    MUST(patrol_eligible_pairs(session, &r.snapshot, pairs, 6, 0, &count, NULL, NULL, NULL, error));
    CHECK(count == 6 && pairs[5].unit == 2 && pairs[5].incident == 1 && pairs[6].unit == 0xA5A5A5A5u);
    MUST(patrol_explain(session, &r.snapshot, NULL, explanations, REQUEST_UNITS, 0, &count, error));
    CHECK(count == 2 && explanations[1].unit_id >= 7000 && explanations[1].unit_id <= 7002);
    CHECK(explanations[2].unit_id == 0xA5A5A5A5A5A5A5A5u);
    MUST(patrol_rank_units(session, &r.snapshot, 500, ranked, REQUEST_UNITS, 0, &count, error));
    CHECK(count == 3 && ranked[0].worth >= ranked[1].worth && ranked[1].worth >= ranked[2].worth);
    CHECK(ranked[3].unit_id == 0xA5A5A5A5A5A5A5A5u);
}

static void check_simulation(const patrol_scenario *scenario, const patrol_engine *engine) {
    static lab_trace trace;
    patrol_simulation *simulation = lab_simulation(scenario, engine, 1);
    patrol_unit units[LAB_UNITS + 1];
    patrol_incident incidents[17];
    patrol_response rows[PATROL_PRIORITIES + 1];
    patrol_unit_times times[LAB_UNITS + 1];
    size_t count = 0, more = 0;
    int32_t due = 0;
    memset(units, 0xA5, sizeof units);
    memset(incidents, 0xA5, sizeof incidents);
    memset(rows, 0xA5, sizeof rows);
    memset(times, 0xA5, sizeof times);
    MUST(patrol_simulation_run(simulation, 20000.0, error));
    do MUST(patrol_simulation_step(simulation, 1e6, &due, error));
    while (due != PATROL_DUE_DISPATCH);
    MUST(patrol_simulation_get_snapshot(simulation, units, LAB_UNITS, 0, &count, incidents, 16, 0, &more, NULL, NULL, NULL, error));
    CHECK(count == LAB_UNITS && units[2].id == 72 && units[3].id == 0xA5A5A5A5A5A5A5A5u);
    CHECK(more >= 1 && incidents[more - 1].units_required >= 1 && incidents[more].id == 0xA5A5A5A5A5A5A5A5u);
    MUST(patrol_simulation_decide(simulation, error));
    lab_read(simulation, &trace);
    CHECK(trace.count > 10 && trace.events[1].time_seconds >= trace.events[0].time_seconds);
    MUST(patrol_simulation_get_responses(simulation, PATROL_CLASS_PRIORITY, rows, PATROL_PRIORITIES, 0, &count, error));
    CHECK(count == PATROL_PRIORITIES && rows[7].calls == 0 && rows[8].calls == 0xA5A5A5A5A5A5A5A5u);
    MUST(patrol_simulation_get_unit_times(simulation, times, LAB_UNITS, 0, &count, error));
    CHECK(count == LAB_UNITS && times[2].off_duty >= 0.0 && times[3].dispatches == 0xA5A5A5A5A5A5A5A5u);
    {
        GUARDED(patrol_simulation_state, PATROL_SIMULATION_STATE_INIT);
        MUST(patrol_simulation_get_state(simulation, value, error));
        CHECK(value->time_seconds > 20000.0 && is_whole(sizeof *value));
    }
    {
        GUARDED(patrol_metrics, PATROL_METRICS_INIT);
        MUST(patrol_simulation_get_metrics(simulation, value, error));
        CHECK(value->calls > 0 && value->decisions > 0 && is_whole(sizeof *value));
    }
    patrol_simulation_destroy(simulation);
}

static void check_batch(const patrol_scenario *scenario, const patrol_engine *engine) {
    static float features[2 * 16 * PATROL_CANDIDATE_FEATURES];
    uint32_t moves[2] = {0, 0};
    patrol_batch *batch = NULL;
    patrol_batch_options options = PATROL_BATCH_OPTIONS_INIT;
    patrol_batch_arrays arrays = PATROL_BATCH_ARRAYS_INIT;
    options.simulations = 2;
    arrays.features = features;
    arrays.moves = moves;
    MUST(patrol_batch_create(scenario, engine, &options, &batch, error));
    MUST(patrol_batch_step(batch, 0, 2, NULL, &arrays, error));
    CHECK(moves[0] >= 1 && moves[1] >= 1);
    patrol_batch_destroy(batch);
}

static void check_training(const patrol_scenario *scenario, const patrol_engine *engine) {
    static const char *const patrols[] = {"stay", "random_walk"}, *const dispatches[] = {"closest_fcfs"};
    patrol_phase_outcome outcomes[3];
    patrol_trainer_options options;
    patrol_trainer *trainer = NULL;
    size_t count = 0;
    patrol_trainer_options_init(&options);
    options.validations = 2;
    options.validation_seconds = 3600.0;
    options.heuristic_patrols = patrols;
    options.heuristic_patrol_count = 2;
    options.heuristic_dispatches = dispatches;
    options.heuristic_dispatch_count = 1;
    options.bootstrap_comparisons = 32;
    options.comparisons = 32;
    memset(outcomes, 0xA5, sizeof outcomes);
    MUST(patrol_trainer_create(&scenario, &engine, 1, &options, &trainer, error));
    {
        GUARDED(patrol_training_progress, PATROL_TRAINING_PROGRESS_INIT);
        do MUST(patrol_trainer_advance(trainer, value, error));
        while (value->outcome_count < 2);
        CHECK(value->phase == 2 && is_whole(sizeof *value));
    }
    MUST(patrol_trainer_get_outcomes(trainer, outcomes, 2, 0, &count, error));
    CHECK(count == 2 && outcomes[1].kind == PATROL_PHASE_HEURISTIC && outcomes[1].replications == 2);
    CHECK(outcomes[2].events == 0xA5A5A5A5A5A5A5A5u);
    patrol_trainer_destroy(trainer);
}

/* A file of the folder, whole. */
static size_t read_file(const char *folder, const char *name, uint8_t *bytes, size_t capacity) {
    char path[1024];
    FILE *stream;
    size_t size;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    stream = fopen(path, "rb");
    if (stream == NULL) {
        fprintf(stderr, "%s cannot be read\n", path);
        exit(2);
    }
    size = fread(bytes, 1, capacity, stream);
    fclose(stream);
    return size;
}

int main(int count, char **arguments) {
    static uint8_t bytes[1 << 16];
    const char *folder = count == 2 ? arguments[1] : ".";
    patrol_area *area = NULL, *built = city_area();
    patrol_policy *policy = NULL;
    patrol_engine *engine = NULL;
    patrol_session *session = NULL;
    patrol_scenario *scenario;
    patrol_area_info info = PATROL_AREA_INFO_INIT, expected = PATROL_AREA_INFO_INIT;
    size_t size;
    MUST(patrol_abi_check(PATROL_ABI_VERSION, error));
    size = read_file(folder, "area.safetensors", bytes, sizeof bytes);
    MUST(patrol_area_load_memory(bytes, size, NULL, &area, error));
    MUST(patrol_area_get_info(area, &info, error));
    MUST(patrol_area_get_info(built, &expected, error));
    CHECK(memcmp(&info, &expected, sizeof info) == 0);
    size = read_file(folder, "policy.safetensors", bytes, sizeof bytes);
    MUST(patrol_policy_load_memory(bytes, size, &policy, error));
    MUST(patrol_engine_create(area, policy, NULL, &engine, error));
    MUST(patrol_session_create(engine, 4, 4, &session, error));
    size = read_file(folder, "decision.record", bytes, sizeof bytes);
    MUST(patrol_decision_replay(engine, bytes, size, NULL, error));
    scenario = lab_scenario(area);
    check_initializers();
    check_infos(area, policy);
    check_decision(engine, session);
    check_looks(session);
    check_simulation(scenario, engine);
    check_batch(scenario, engine);
    check_training(scenario, engine);
    patrol_scenario_destroy(scenario);
    patrol_session_destroy(session);
    patrol_engine_destroy(engine);
    patrol_policy_destroy(policy);
    patrol_area_destroy(area);
    patrol_area_destroy(built);
    return check_done("consumer of 0.1");
}
