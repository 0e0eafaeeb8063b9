/* Every function of patrol.h that can fail, under refusal of memory: see refusing.h. */
#include "refusing.h"
#include "files.h"

static city town;
static patrol_area *area;
static patrol_policy *policy;
static patrol_engine *engine;
static patrol_session *session;
static request expected, given, again;
static tensor_file area_file, policy_file;

static int32_t abi_check(patrol_error *error) { return REFUSING(patrol_abi_check(PATROL_ABI_VERSION, error)); }

/* What was made is what it should be, and is destroyed; what was not made is left as it was. */
static int32_t made_area(int32_t status, patrol_area *made) {
    patrol_area_info info = PATROL_AREA_INFO_INIT, usual = PATROL_AREA_INFO_INIT;
    if (status != PATROL_OK) {
        CHECK(made == NULL);
        return status;
    }
    MUST(patrol_area_get_info(made, &info, error));
    MUST(patrol_area_get_info(area, &usual, error));
    CHECK(memcmp(&info, &usual, sizeof info) == 0);
    patrol_area_destroy(made);
    return status;
}

static int32_t area_create(patrol_error *error) {
    patrol_area *made = NULL;
    const int32_t status = REFUSING(patrol_area_create(&town.arrays, &town.options, &made, error));
    return made_area(status, made);
}

static int32_t area_load_memory(patrol_error *error) {
    patrol_area *made = NULL;
    const int32_t status =
        REFUSING(patrol_area_load_memory(area_file.bytes, area_file.length, &town.options, &made, error));
    return made_area(status, made);
}

static int32_t area_load_file(patrol_error *error) {
    patrol_area *made = NULL;
    const int32_t status = REFUSING(patrol_area_load_file("refusals.area", &town.options, &made, error));
    return made_area(status, made);
}

static int32_t area_get_info(patrol_error *error) {
    patrol_area_info info = PATROL_AREA_INFO_INIT;
    return REFUSING(patrol_area_get_info(area, &info, error));
}

static int32_t area_get_patrol_locations(patrol_error *error) {
    uint32_t nodes[CITY_NODES];
    size_t count = 0;
    return REFUSING(patrol_area_get_patrol_locations(area, nodes, CITY_NODES, &count, error));
}

static int32_t area_get_demand_points(patrol_error *error) {
    uint32_t nodes[CITY_NODES];
    size_t count = 0;
    return REFUSING(patrol_area_get_demand_points(area, nodes, CITY_NODES, &count, error));
}

static int32_t area_nearest_nodes(patrol_error *error) {
    uint32_t nodes[CITY_NODES];
    return REFUSING(patrol_area_nearest_nodes(area, town.coordinates, CITY_NODES, nodes, NULL, error));
}

static int32_t area_travel_times(patrol_error *error) {
    float seconds[CITY_NODES * CITY_NODES];
    const int32_t status = REFUSING(patrol_area_travel_times(area, PATROL_MODE_PATROL, town.demand_nodes, CITY_NODES,
                                                             town.demand_nodes, CITY_NODES, seconds, error));
    if (status == PATROL_OK) CHECK(seconds[8] == 240.0f);
    return status;
}

static int32_t area_path(patrol_error *error) {
    uint32_t nodes[CITY_NODES];
    size_t count = 0;
    float seconds = 0.0f;
    const int32_t status =
        REFUSING(patrol_area_path(area, PATROL_MODE_EMERGENCY, 0, 8, nodes, CITY_NODES, &count, &seconds, error));
    if (status == PATROL_OK) CHECK(count == 5 && seconds == 180.0f);
    return status;
}

static int32_t area_get_travel_factors(patrol_error *error) {
    float factors[2 * PATROL_WEEK_HOURS];
    const int32_t status = REFUSING(patrol_area_get_travel_factors(area, factors, error));
    if (status == PATROL_OK) CHECK(factors[335] == 1.0f);
    return status;
}

static int32_t made_policy(int32_t status, patrol_policy *made) {
    patrol_policy_info info = PATROL_POLICY_INFO_INIT;
    if (status != PATROL_OK) {
        CHECK(made == NULL);
        return status;
    }
    MUST(patrol_policy_get_info(made, &info, error));
    CHECK(info.networks == 7 && info.tensor_count == 13);
    patrol_policy_destroy(made);
    return status;
}

static int32_t policy_load_memory(patrol_error *error) {
    patrol_policy *made = NULL;
    const int32_t status = REFUSING(patrol_policy_load_memory(policy_file.bytes, policy_file.length, &made, error));
    return made_policy(status, made);
}

static int32_t policy_load_file(patrol_error *error) {
    patrol_policy *made = NULL;
    const int32_t status = REFUSING(patrol_policy_load_file("refusals.policy", &made, error));
    return made_policy(status, made);
}

static int32_t policy_get_info(patrol_error *error) {
    patrol_policy_info info = PATROL_POLICY_INFO_INIT;
    return REFUSING(patrol_policy_get_info(policy, &info, error));
}

static int32_t policy_get_tensor(patrol_error *error) {
    const char *name = NULL, *type = NULL;
    uint64_t shape[8];
    uint32_t rank = 0;
    return REFUSING(patrol_policy_get_tensor(policy, 0, &name, &type, shape, &rank, error));
}

static int32_t policy_get_metadata(patrol_error *error) {
    const char *key = NULL, *value = NULL;
    return REFUSING(patrol_policy_get_metadata(policy, 0, &key, &value, error));
}

static int32_t policy_evaluate(patrol_error *error) {
    static const float input[2 * PATROL_CANDIDATE_FEATURES] = {1.0f};
    float output[2];
    return REFUSING(patrol_policy_evaluate(policy, "patrol", 2, PATROL_CANDIDATE_FEATURES, input, output, error));
}

static int32_t engine_create(patrol_error *error) {
    patrol_engine_options options = PATROL_ENGINE_OPTIONS_INIT;
    patrol_engine *made = NULL;
    int32_t status;
    options.home_beat_patrol = 1;
    status = REFUSING(patrol_engine_create(area, policy, &options, &made, error));
    CHECK((made != NULL) == (status == PATROL_OK));
    patrol_engine_destroy(made);
    return status;
}

/* A session decides as one that was never refused anything. */
static void check_decides(patrol_session *session) {
    request_init(&given);
    request_add_all(&given);
    MUST(request_decide(&given, session, error));
    CHECK(request_agrees(&given, &expected));
}

static int32_t session_create(patrol_error *error) {
    patrol_session *made = NULL;
    const int32_t status = REFUSING(patrol_session_create(engine, 4, 4, &made, error));
    if (status != PATROL_OK) {
        CHECK(made == NULL);
        return status;
    }
    check_decides(made);
    patrol_session_destroy(made);
    return status;
}

static int32_t session_bytes(patrol_error *error) {
    uint64_t bytes = 77;
    const int32_t status = REFUSING(patrol_session_bytes(engine, 4, 4, &bytes, error));
    CHECK((bytes == 77) == (status != PATROL_OK));
    return status;
}

/* Between two engines; whatever is refused, the session decides as with one of them, which decide alike. */
static int32_t session_move(patrol_error *error) {
    patrol_session *made = NULL;
    int32_t status;
    MUST(patrol_session_create(engine, 4, 4, &made, error));
    status = REFUSING(patrol_session_move(made, engine, error));
    check_decides(made);
    patrol_session_destroy(made);
    return status;
}

static int32_t session_least_deadline(patrol_error *error) {
    uint64_t microseconds = 0;
    return REFUSING(patrol_session_least_deadline(session, &microseconds, error));
}

/* On a new session, whose edge changes take memory: it decides as ever once there is some. */
static int32_t decide(patrol_error *error) {
    patrol_session *made = NULL;
    int32_t status;
    MUST(patrol_session_create(engine, 4, 4, &made, error));
    request_init(&given);
    request_add_all(&given);
    status = REFUSING(request_decide(&given, made, error));
    if (status != PATROL_OK)
        check_decides(made);
    else
        CHECK(request_agrees(&given, &expected));
    patrol_session_destroy(made);
    return status;
}

/* Two at once, on a new session: what one of them is refused leaves the other as it was. */
static int32_t decide_many(patrol_error *error) {
    patrol_session *made = NULL;
    patrol_snapshot snapshots[2];
    patrol_answer answers[2];
    patrol_error errors[2];
    int32_t statuses[2] = {PATROL_OK, PATROL_OK}, status;
    size_t k;
    MUST(patrol_session_create(engine, 4, 4, &made, error));
    memset(errors, 0, sizeof errors);
    request_init(&given);
    request_add_all(&given);
    request_init(&again);
    request_add_all(&again);
    snapshots[0] = given.snapshot, snapshots[1] = again.snapshot;
    answers[0] = given.answer, answers[1] = again.answer;
    status = REFUSING(patrol_decide_many(made, snapshots, sizeof *snapshots, 2, &given.options, answers,
                                         sizeof *answers, statuses, errors, error));
    given.answer = answers[0], again.answer = answers[1];
    CHECK(statuses[0] != PATROL_OK || status != PATROL_OK || request_agrees(&given, &expected));
    CHECK(statuses[1] != PATROL_OK || status != PATROL_OK || request_agrees(&again, &expected));
    for (k = 0; k < 2 && status == PATROL_OK; k++) {
        if (statuses[k] != PATROL_OK) status = statuses[k], *error = errors[k];
    }
    patrol_session_destroy(made);
    return status;
}

/* Rows left out take memory for a sentence, and no more than that: the decision is never refused. */
static int32_t decide_without_bad_rows(patrol_error *error) {
    int32_t status;
    request_init(&given);
    given.units[1].status = 77;
    given.incidents[0].category = -1;
    status = REFUSING(request_decide(&given, session, error));
    CHECK(status == PATROL_OK && given.answer.issue_count == 2 &&
          strstr(error->message, "incidents[0].category") != NULL);
    return status;
}

static int32_t unit_candidates(patrol_error *error) {
    patrol_candidate candidates[CITY_NODES];
    size_t count = 0;
    request_init(&given);
    return REFUSING(
        patrol_unit_candidates(session, &given.snapshot, 7000, candidates, CITY_NODES, 0, &count, NULL, error));
}

static int32_t eligible_pairs(patrol_error *error) {
    patrol_pair pairs[REQUEST_UNITS * REQUEST_INCIDENTS];
    size_t count = 0;
    request_init(&given);
    return REFUSING(patrol_eligible_pairs(session, &given.snapshot, pairs, REQUEST_UNITS * REQUEST_INCIDENTS, 0, &count,
                                          NULL, NULL, NULL, error));
}

static int32_t explain(patrol_error *error) {
    patrol_explanation explanations[REQUEST_UNITS];
    size_t count = 0;
    request_init(&given);
    return REFUSING(patrol_explain(session, &given.snapshot, &given.options, explanations, REQUEST_UNITS,
                                   sizeof *explanations, &count, error));
}

static int32_t explain_call(patrol_error *error) {
    patrol_explanation explanations[REQUEST_UNITS];
    size_t count = 0;
    request_init(&given);
    return REFUSING(patrol_explain_call(session, &given.snapshot, &given.options, 500, explanations, REQUEST_UNITS,
                                        sizeof *explanations, &count, error));
}

static int32_t explain_pair(patrol_error *error) {
    patrol_pair_explanation explanation = PATROL_PAIR_EXPLANATION_INIT;
    request_init(&given);
    return REFUSING(patrol_explain_pair(session, &given.snapshot, &given.options, 7000, 500, &explanation, error));
}

static int32_t rank_units(patrol_error *error) {
    patrol_ranked_unit units[REQUEST_UNITS];
    size_t count = 0;
    request_init(&given);
    return REFUSING(patrol_rank_units(session, &given.snapshot, 500, units, REQUEST_UNITS, 0, &count, error));
}

static int32_t write_program(patrol_error *error) {
    static char text[1 << 16];
    size_t size = 0;
    int32_t status;
    request_init(&given);
    status = REFUSING(patrol_write_program(session, &given.snapshot, text, sizeof text, &size, error));
    if (status == PATROL_OK) CHECK(size > 100 && strncmp(text + size - 4, "End\n", 4) == 0);
    return status;
}

static int32_t unit_candidates_within(patrol_error *error) {
    patrol_candidate candidates[CITY_NODES];
    size_t count = 0;
    request_init(&given);
    return REFUSING(patrol_unit_candidates_within(session, &given.snapshot, &given.options, 7000, candidates,
                                                  CITY_NODES, 0, &count, NULL, error));
}

static int32_t eligible_pairs_within(patrol_error *error) {
    patrol_pair pairs[REQUEST_UNITS * REQUEST_INCIDENTS];
    size_t count = 0;
    request_init(&given);
    return REFUSING(patrol_eligible_pairs_within(session, &given.snapshot, &given.options, pairs,
                                                 REQUEST_UNITS * REQUEST_INCIDENTS, 0, &count, NULL, NULL, NULL,
                                                 error));
}

static int32_t rank_units_within(patrol_error *error) {
    patrol_ranked_unit units[REQUEST_UNITS];
    size_t count = 0;
    request_init(&given);
    return REFUSING(patrol_rank_units_within(session, &given.snapshot, &given.options, 500, units, REQUEST_UNITS, 0,
                                             &count, error));
}

static int32_t write_program_within(patrol_error *error) {
    static char text[1 << 16];
    size_t size = 0;
    request_init(&given);
    return REFUSING(
        patrol_write_program_within(session, &given.snapshot, &given.options, text, sizeof text, &size, error));
}

static uint8_t record[1 << 14];
static size_t record_size;

static int32_t decision_record(patrol_error *error) {
    return REFUSING(patrol_decision_record(engine, &expected.snapshot, &expected.options, &expected.answer, record,
                                           sizeof record, &record_size, error));
}

static int32_t decision_record_after(patrol_error *error) {
    static uint8_t next[1 << 14];
    size_t size = 0;
    return REFUSING(patrol_decision_record_after(engine, &expected.snapshot, &expected.options, &expected.answer,
                                                 record, record_size, next, sizeof next, &size, error));
}

static int32_t record_get_info(patrol_error *error) {
    patrol_record_info info = PATROL_RECORD_INFO_INIT;
    return REFUSING(patrol_record_get_info(record, record_size, &info, error));
}

static int32_t records_check(patrol_error *error) {
    size_t count = 0;
    return REFUSING(patrol_records_check(record, record_size, &count, error));
}

static int32_t decision_json(patrol_error *error) {
    static char text[1 << 16];
    size_t length = 0;
    return REFUSING(patrol_decision_json(engine, record, record_size, text, sizeof text, &length, error));
}

static int32_t decision_replay(patrol_error *error) {
    return REFUSING(patrol_decision_replay(engine, record, record_size, NULL, error));
}

static int32_t decision_replay_within(patrol_error *error) {
    return REFUSING(patrol_decision_replay_within(engine, record, record_size, NULL, NULL, error));
}

static int32_t assignment_solve(patrol_error *error) {
    static const double values[] = {1.0, 5.0, 4.0, 2.0};
    int32_t columns[2] = {-1, -1};
    double objective = 0.0;
    const int32_t status = REFUSING(patrol_assignment_solve(values, 2, 2, 1, columns, &objective, error));
    if (status == PATROL_OK) CHECK(objective == 9.0 && columns[0] == 1 && columns[1] == 0);
    return status;
}

static void write_file(const char *path, const tensor_file *file) {
    FILE *stream = fopen(path, "wb");
    if (stream == NULL || fwrite(file->bytes, 1, file->length, stream) != file->length || fclose(stream) != 0) exit(2);
}

static void prepare(void) {
    city_init(&town);
    area = city_area();
    policy = good_policy();
    MUST(patrol_engine_create(area, policy, NULL, &engine, error));
    MUST(patrol_session_create(engine, 4, 4, &session, error));
    request_init(&expected);
    request_add_all(&expected);
    MUST(request_decide(&expected, session, error));
    file_area(&area_file, &town, AREA_METADATA);
    file_finish(&area_file);
    file_policy(&policy_file, POLICY_METADATA);
    file_finish(&policy_file);
    write_file("refusals.area", &area_file);
    write_file("refusals.policy", &policy_file);
}

int main(void) {
    prepare();
    refuse_each("patrol_abi_check", abi_check);
    refuse_each("patrol_area_create", area_create);
    refuse_each("patrol_area_load_file", area_load_file);
    refuse_each("patrol_area_load_memory", area_load_memory);
    refuse_each("patrol_area_get_info", area_get_info);
    refuse_each("patrol_area_get_patrol_locations", area_get_patrol_locations);
    refuse_each("patrol_area_get_demand_points", area_get_demand_points);
    refuse_each("patrol_area_nearest_nodes", area_nearest_nodes);
    refuse_each("patrol_area_travel_times", area_travel_times);
    refuse_each("patrol_area_path", area_path);
    refuse_each("patrol_area_get_travel_factors", area_get_travel_factors);
    refuse_each("patrol_policy_load_file", policy_load_file);
    refuse_each("patrol_policy_load_memory", policy_load_memory);
    refuse_each("patrol_policy_get_info", policy_get_info);
    refuse_each("patrol_policy_get_tensor", policy_get_tensor);
    refuse_each("patrol_policy_get_metadata", policy_get_metadata);
    refuse_each("patrol_policy_evaluate", policy_evaluate);
    refuse_each("patrol_engine_create", engine_create);
    refuse_each("patrol_session_create", session_create);
    refuse_each("patrol_session_bytes", session_bytes);
    refuse_each("patrol_session_move", session_move);
    refuse_each("patrol_session_least_deadline", session_least_deadline);
    refuse_each("patrol_decide", decide);
    refuse_each("patrol_decide_many", decide_many);
    refuse_each("patrol_decide, bad rows", decide_without_bad_rows);
    refuse_each("patrol_unit_candidates", unit_candidates);
    refuse_each("patrol_eligible_pairs", eligible_pairs);
    refuse_each("patrol_explain", explain);
    refuse_each("patrol_explain_call", explain_call);
    refuse_each("patrol_explain_pair", explain_pair);
    refuse_each("patrol_rank_units", rank_units);
    refuse_each("patrol_write_program", write_program);
    refuse_each("patrol_unit_candidates_within", unit_candidates_within);
    refuse_each("patrol_eligible_pairs_within", eligible_pairs_within);
    refuse_each("patrol_rank_units_within", rank_units_within);
    refuse_each("patrol_write_program_within", write_program_within);
    refuse_each("patrol_decision_record", decision_record);
    refuse_each("patrol_decision_record_after", decision_record_after);
    refuse_each("patrol_record_get_info", record_get_info);
    refuse_each("patrol_records_check", records_check);
    refuse_each("patrol_decision_json", decision_json);
    refuse_each("patrol_decision_replay", decision_replay);
    refuse_each("patrol_decision_replay_within", decision_replay_within);
    refuse_each("patrol_assignment_solve", assignment_solve);
    patrol_session_destroy(session);
    patrol_engine_destroy(engine);
    patrol_policy_destroy(policy);
    patrol_area_destroy(area);
    return check_done("refusals");
}
