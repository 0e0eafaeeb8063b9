/*
 * Engines, sessions and questions that must be refused: each row names the status and what the message must hold.
 * A refusal leaves every output alone.
 */
#include "files.h"

static patrol_area *area;
static patrol_policy *policy;
static patrol_engine *engine;
static patrol_engine_options options;
static const patrol_engine_options no_options = PATROL_ENGINE_OPTIONS_INIT;

#define REFUSED(title, expected, culprit, call)                                                                        \
    do {                                                                                                               \
        patrol_error filled, *error = &filled;                                                                         \
        memset(error, 0xA5, sizeof *error);                                                                            \
        check_refusal(__FILE__, __LINE__, title, call, PATROL_ERROR_##expected, error, culprit);                       \
    } while (0)

static void expect_engine(int line, const char *title, const patrol_policy *with, int32_t expected,
                          const char *culprit) {
    patrol_engine *const untouched = (patrol_engine *)&options;
    patrol_engine *made = untouched;
    patrol_error error;
    memset(&error, 0xA5, sizeof error);
    check_refusal(__FILE__, line, title, patrol_engine_create(area, with, &options, &made, &error), expected, &error,
                  culprit);
    if (!check(made == untouched, __FILE__, line, "%s: the handle was written", title)) patrol_engine_destroy(made);
}

#define ROW(title, expected, culprit, change)                                                                          \
    do {                                                                                                               \
        options = no_options;                                                                                          \
        change;                                                                                                        \
        expect_engine(__LINE__, title, policy, PATROL_ERROR_##expected, culprit);                                      \
    } while (0)

static void check_options(void) {
    static const float weights[2] = {1.0f, 0.0f};
    static const float negative[4] = {0.0f, 0.0f, 60.0f, -1.0f}, none[2] = {60.0f, NAN}, large[2] = {60.0f, 1.1e9f};
    static const float falling[6] = {0.0f, 60.0f, 30.0f, INFINITY, INFINITY, 600.0f};
    ROW("arrive_before_shift_end 2", INVALID_ARGUMENT, "arrive_before_shift_end|2",
        options.arrive_before_shift_end = 2);
    ROW("second reserved field", INVALID_ARGUMENT, "reserved_2|1", options.reserved_2 = 1);
    ROW("third reserved field", INVALID_ARGUMENT, "reserved_3|1", options.reserved_3 = 1);
    ROW("plan margin negative", INVALID_NUMBER, "plan_margin|-0.5", options.plan_margin = -0.5f);
    ROW("plan margin NaN", INVALID_NUMBER, "plan_margin|nan", options.plan_margin = NAN);
    ROW("plan margin too large", INVALID_NUMBER, "plan_margin|1e9", options.plan_margin = 1.1e9f);
    ROW("struct_size 0", STRUCT_SIZE, "struct_size|0", options.struct_size = 0);
    ROW("struct_size 184", STRUCT_SIZE, "struct_size|184", options.struct_size = 184);
    ROW("home_beat_patrol 2", INVALID_ARGUMENT, "home_beat_patrol|2", options.home_beat_patrol = 2);
    ROW("unknown patrol policy", UNKNOWN_NAME, "patrol|wander|random_walk|dmexclp", options.patrol_policy = "wander");
    ROW("unknown dispatch policy", UNKNOWN_NAME, "dispatch|nearest|closest_fcfs|weighted_index",
        options.dispatch_policy = "nearest");
    ROW("empty name", UNKNOWN_NAME, "dispatch", options.dispatch_policy = "");
    ROW("group weight 0", INVALID_NUMBER, "group_weights|0", options.group_weights = weights);
    ROW("stay of 0 s", INVALID_NUMBER, "stay_seconds|0", options.stay_seconds = 0);
    ROW("stay NaN", INVALID_NUMBER, "stay_seconds|nan", options.stay_seconds = NAN);
    ROW("stay infinite", INVALID_NUMBER, "stay_seconds|inf", options.stay_seconds = INFINITY);
    ROW("keep gain negative", INVALID_NUMBER, "keep_target_gain|-1", options.keep_target_gain = -1);
    ROW("stale position NaN", INVALID_NUMBER, "stale_position_seconds|nan", options.stale_position_seconds = NAN);
    ROW("never-hold priority 9", INVALID_ARGUMENT, "never_hold_priority|9", options.never_hold_priority = 9);
    ROW("never-hold priority -1", INVALID_ARGUMENT, "never_hold_priority|-1", options.never_hold_priority = -1);
    ROW("strict priority 2", INVALID_ARGUMENT, "strict_priority|2", options.strict_priority = 2);
    ROW("longest hold NaN", INVALID_NUMBER, "longest_hold_seconds|nan", options.longest_hold_seconds[3] = NAN);
    ROW("longest hold negative", INVALID_NUMBER, "longest_hold_seconds|-1", options.longest_hold_seconds[7] = -1);
    ROW("maximum travel NaN", INVALID_NUMBER, "maximum_travel_seconds|nan", options.maximum_travel_seconds = NAN);
    ROW("shift margin negative", INVALID_NUMBER, "shift_end_margin_seconds|-1", options.shift_end_margin_seconds = -1);
    ROW("beat penalty NaN", INVALID_NUMBER, "own_beat_penalty_seconds|nan", options.own_beat_penalty_seconds = NAN);
    ROW("reserve price negative", INVALID_NUMBER, "reserve_price|-1", options.reserve_price = -1);
    ROW("preemption 2", INVALID_ARGUMENT, "preemption|2", options.preemption[1][0] = 2);
    ROW("discount rate negative", INVALID_NUMBER, "discount_rate|-1", options.discount_rate = -1);
    ROW("discount rate NaN", INVALID_NUMBER, "discount_rate|nan", options.discount_rate = NAN);
    ROW("no compliance rows", INVALID_ARGUMENT, "compliance_rows|0", options.compliance_rows = 0);
    ROW("513 compliance rows", INVALID_ARGUMENT, "compliance_rows|513", options.compliance_rows = 513);
    ROW("hold rows without limits", INVALID_ARGUMENT, "hold_travel_seconds|NULL", options.hold_rows = 1);
    ROW("65 hold rows", INVALID_ARGUMENT, "hold_rows|65|64", options.hold_rows = 65;
        options.hold_travel_seconds = negative);
    ROW("-1 hold rows", INVALID_ARGUMENT, "hold_rows|64", options.hold_rows = (size_t)-1;
        options.hold_travel_seconds = negative);
    ROW("hold limit negative", INVALID_NUMBER, "hold_travel_seconds[3]|-1", options.hold_rows = 2;
        options.hold_travel_seconds = negative);
    ROW("hold limit NaN", INVALID_NUMBER, "hold_travel_seconds[1]|nan", options.hold_rows = 1;
        options.hold_travel_seconds = none);
    ROW("hold limit too large", INVALID_NUMBER, "hold_travel_seconds[1]|1e9", options.hold_rows = 1;
        options.hold_travel_seconds = large);
    ROW("hold limits that fall", INVALID_NUMBER, "hold_travel_seconds[5]|600|row before", options.hold_rows = 3;
        options.hold_travel_seconds = falling);
}

/* A policy that lacks what an option names, or was made for another area. */
static void check_fit(void) {
    static tensor_file file;
    patrol_policy *other = NULL;
    patrol_engine *made = NULL;
    float bias = 0.0f;

    options = no_options;
    options.patrol_policy = "learned";
    expect_engine(__LINE__, "learned patrol without a policy", NULL, PATROL_ERROR_MISMATCH, "patrol");
    options = no_options;
    options.dispatch_policy = "learned";
    expect_engine(__LINE__, "learned dispatch without a policy", NULL, PATROL_ERROR_MISMATCH, "dispatch");

    file_begin(&file, "\"format\":\"libpatrol policy\",\"format_version\":\"1\",\"patrol.features\":\"candidate/1\","
                      "\"requires_categories\":\"5\"");
    file_tensor(&file, "patrol.0.weight", "F32", "1,28", file_weights(1), 28 * sizeof(float));
    file_tensor(&file, "patrol.0.bias", "F32", "1", &bias, sizeof bias);
    file_finish(&file);
    MUST(patrol_policy_load_memory(file.bytes, file.length, &other, error));
    options = no_options;
    expect_engine(__LINE__, "a policy for five categories", other, PATROL_ERROR_MISMATCH, "categor|5|2");
    patrol_policy_destroy(other);

    file_replace(&file, "\"requires_categories\":\"5\"", "\"requires_area\":\"00000000000000ab\"");
    MUST(patrol_policy_load_memory(file.bytes, file.length, &other, error));
    expect_engine(__LINE__, "a policy for another area", other, PATROL_ERROR_MISMATCH, "requires_area");
    patrol_policy_destroy(other);

    file_replace(&file, ",\"requires_area\":\"00000000000000ab\"", "");
    MUST(patrol_policy_load_memory(file.bytes, file.length, &other, error));
    options.dispatch_policy = "learned";
    expect_engine(__LINE__, "learned dispatch from a patrol policy", other, PATROL_ERROR_MISMATCH, "dispatch");
    options.dispatch_policy = NULL;
    MUST(patrol_engine_create(area, other, &options, &made, error));
    patrol_engine_destroy(made);
    patrol_policy_destroy(other);
}

static void check_handles(void) {
    patrol_session *const untouched = (patrol_session *)&options;
    patrol_session *session = untouched;
    patrol_engine *made = engine;
    uint64_t bytes = 77;
    REFUSED("area NULL", INVALID_ARGUMENT, "area|NULL", patrol_engine_create(NULL, NULL, NULL, &made, error));
    CHECK(made == engine);
    REFUSED("engine out NULL", INVALID_ARGUMENT, "engine|NULL", patrol_engine_create(area, NULL, NULL, NULL, error));
    REFUSED("engine NULL", INVALID_ARGUMENT, "engine|NULL", patrol_session_create(NULL, 3, 2, &session, error));
    REFUSED("session out NULL", INVALID_ARGUMENT, "session|NULL", patrol_session_create(engine, 3, 2, NULL, error));
    REFUSED("no units", INVALID_ARGUMENT, "max_units|0", patrol_session_create(engine, 0, 2, &session, error));
    REFUSED("4097 units", INVALID_ARGUMENT, "max_units|4097", patrol_session_create(engine, 4097, 2, &session, error));
    REFUSED("4097 incidents", INVALID_ARGUMENT, "max_incidents|4097",
            patrol_session_create(engine, 3, 4097, &session, error));
    CHECK(session == untouched);
    REFUSED("bytes, engine NULL", INVALID_ARGUMENT, "engine|NULL", patrol_session_bytes(NULL, 3, 2, &bytes, error));
    REFUSED("bytes NULL", INVALID_ARGUMENT, "bytes|NULL", patrol_session_bytes(engine, 3, 2, NULL, error));
    REFUSED("bytes, no units", INVALID_ARGUMENT, "max_units|0", patrol_session_bytes(engine, 0, 2, &bytes, error));
    REFUSED("bytes, 4097 incidents", INVALID_ARGUMENT, "max_incidents|4097",
            patrol_session_bytes(engine, 3, 4097, &bytes, error));
    CHECK(bytes == 77);
    MUST(patrol_session_create(engine, 3, 2, &session, error));
    REFUSED("move, session NULL", INVALID_ARGUMENT, "session|NULL", patrol_session_move(NULL, engine, error));
    REFUSED("move, engine NULL", INVALID_ARGUMENT, "engine|NULL", patrol_session_move(session, NULL, error));
    patrol_session_destroy(session);
    patrol_engine_retain(NULL);
}

/* An engine whose decisions need other memory; the sentence says what. */
static void check_move(const char *title, const char *culprit) {
    patrol_engine *other = NULL;
    patrol_session *session = NULL;
    MUST(patrol_engine_create(area, policy, &options, &other, error));
    MUST(patrol_session_create(engine, 3, 2, &session, error));
    REFUSED(title, MISMATCH, culprit, patrol_session_move(session, other, error));
    patrol_session_destroy(session);
    patrol_engine_destroy(other);
    options = no_options;
}

static void check_moves(void) {
    static const float limits[2] = {60.0f, 60.0f};
    patrol_area *const usual = area;
    options = no_options;
    options.dispatch_policy = "closest_fcfs";
    check_move("no program", "0 programs|1");
    options.reserve_per_beat = 1;
    check_move("reserves", "1 reserves|0");
    options.hold_rows = 1, options.hold_travel_seconds = limits;
    check_move("travel limits", "1 rows of hold_travel_seconds|0");
    options.compliance_rows = 3;
    check_move("posts", "3 rows of posts");
    options.patrol_policy = "backup_coverage";
    check_move("backup", "3 arrivals|1");
    area = city_area();
    check_move("another area", "another area");
    patrol_area_destroy(area);
    area = usual;
}

static void check_policy(void) {
    float input[28] = {0}, output[1] = {-77.0f};
    patrol_policy_info info = PATROL_POLICY_INFO_INIT;
    const char *name = "untouched", *value = "untouched";
    uint32_t rank = 77;
    REFUSED("info of NULL", INVALID_ARGUMENT, "policy|NULL", patrol_policy_get_info(NULL, &info, error));
    info.struct_size = 4;
    REFUSED("info of 4 bytes", STRUCT_SIZE, "struct_size|4", patrol_policy_get_info(policy, &info, error));
    REFUSED("tensor 13", OUT_OF_RANGE, "13", patrol_policy_get_tensor(policy, 13, &name, &value, NULL, &rank, error));
    REFUSED("metadata 99", OUT_OF_RANGE, "99", patrol_policy_get_metadata(policy, 99, &name, &value, error));
    REFUSED("metadata into NULL", INVALID_ARGUMENT, "value|NULL",
            patrol_policy_get_metadata(policy, 0, &name, NULL, error));
    CHECK(strcmp(name, "untouched") == 0 && strcmp(value, "untouched") == 0 && rank == 77);
    REFUSED("network NULL", INVALID_ARGUMENT, "network|NULL",
            patrol_policy_evaluate(policy, NULL, 1, 28, input, output, error));
    REFUSED("unknown network", UNKNOWN_NAME, "critic",
            patrol_policy_evaluate(policy, "critic", 1, 28, input, output, error));
    REFUSED("27 inputs", INVALID_ARGUMENT, "input_width|27|28",
            patrol_policy_evaluate(policy, "patrol", 1, 27, input, output, error));
    REFUSED("input NULL", INVALID_ARGUMENT, "input|NULL",
            patrol_policy_evaluate(policy, "patrol", 1, 28, NULL, output, error));
    REFUSED("output NULL", INVALID_ARGUMENT, "output|NULL",
            patrol_policy_evaluate(policy, "patrol", 1, 28, input, NULL, error));
    CHECK(output[0] == -77.0f);
    MUST(patrol_policy_evaluate(policy, "patrol", 1, 28, input, output, error));
    CHECK(isfinite(output[0]));
    input[3] = NAN;
    MUST(patrol_policy_evaluate(policy, "patrol", 1, 28, input, output, error));
    CHECK(isnan(output[0]));
}

static void check_look_inside(void) {
    static request r;
    patrol_session *session = NULL;
    patrol_candidate candidates[9];
    patrol_pair pairs[6];
    size_t count = 77;
    request_init(&r);
    MUST(patrol_session_create(engine, 3, 2, &session, error));
    memset(candidates, 0xA5, sizeof candidates);
    memset(pairs, 0xA5, sizeof pairs);
    REFUSED("no such unit", INVALID_ID, "7009",
            patrol_unit_candidates(session, &r.snapshot, 7009, candidates, 9, 0, &count, NULL, error));
    r.units[1].status = PATROL_UNIT_ON_SCENE;
    REFUSED("a unit that is not free", INVALID_ID, "7001",
            patrol_unit_candidates(session, &r.snapshot, 7001, candidates, 9, 0, &count, NULL, error));
    r.units[1].status = PATROL_UNIT_PATROLLING;
    REFUSED("candidate stride too small", INVALID_ARGUMENT, "stride|8",
            patrol_unit_candidates(session, &r.snapshot, 7001, candidates, 9, 8, &count, NULL, error));
    REFUSED("pair stride odd", INVALID_ARGUMENT, "stride|25",
            patrol_eligible_pairs(session, &r.snapshot, pairs, 6, 25, &count, NULL, NULL, NULL, error));
    CHECK(count == 77);
    REFUSED("room for too few candidates", CAPACITY, "2|5",
            patrol_unit_candidates(session, &r.snapshot, 7001, candidates, 2, 0, &count, NULL, error));
    CHECK(count == 5 && candidates[0].node == 0xA5A5A5A5u);
    REFUSED("room for too few pairs", CAPACITY, "5|6",
            patrol_eligible_pairs(session, &r.snapshot, pairs, 5, 0, &count, NULL, NULL, NULL, error));
    CHECK(count == 6 && pairs[0].unit == 0xA5A5A5A5u);
    patrol_session_destroy(session);
}

/* Explanations, rankings and the program: what a host asks beside the decision. */
static void check_questions(void) {
    static request r;
    patrol_session *session = NULL;
    patrol_explanation explanations[3];
    patrol_ranked_unit ranked[3];
    char text[8] = "nothing";
    size_t count = 77;
    request_init(&r);
    MUST(patrol_session_create(engine, 3, 2, &session, error));
    memset(explanations, 0xA5, sizeof explanations);
    memset(ranked, 0xA5, sizeof ranked);
    REFUSED("explain nothing", INVALID_ARGUMENT, "snapshot|NULL",
            patrol_explain(session, NULL, &r.options, explanations, 3, sizeof *explanations, &count, error));
    REFUSED("explain without count", INVALID_ARGUMENT, "count|NULL",
            patrol_explain(session, &r.snapshot, &r.options, explanations, 3, sizeof *explanations, NULL, error));
    REFUSED("explain with a stride too small", INVALID_ARGUMENT, "stride|8",
            patrol_explain(session, &r.snapshot, &r.options, explanations, 3, 8, &count, error));
    REFUSED("rank for no such call", INVALID_ID, "999",
            patrol_rank_units(session, &r.snapshot, 999, ranked, 3, 0, &count, error));
    REFUSED("rank into NULL", INVALID_ARGUMENT, "units|NULL",
            patrol_rank_units(session, &r.snapshot, 500, NULL, 3, 0, &count, error));
    REFUSED("a program without size", INVALID_ARGUMENT, "size|NULL",
            patrol_write_program(session, &r.snapshot, text, 7, NULL, error));
    CHECK(count == 77);
    REFUSED("room for too little program", CAPACITY, "7",
            patrol_write_program(session, &r.snapshot, text, 7, &count, error));
    CHECK(count > 77 && strcmp(text, "nothing") == 0);
    CHECK(explanations[0].unit_id == 0xA5A5A5A5A5A5A5A5u && ranked[0].unit_id == 0xA5A5A5A5A5A5A5A5u);
    patrol_session_destroy(session);
}

static void check_assignment(void) {
    double values[4] = {1.0, 2.0, 3.0, NAN}, objective = -77.0;
    int32_t columns[2] = {-77, -77};
    REFUSED("values NULL", INVALID_ARGUMENT, "values|NULL",
            patrol_assignment_solve(NULL, 2, 2, 0, columns, &objective, error));
    REFUSED("columns NULL", INVALID_ARGUMENT, "columns|NULL",
            patrol_assignment_solve(values, 2, 2, 0, NULL, &objective, error));
    REFUSED("complete 2", INVALID_ARGUMENT, "complete|2",
            patrol_assignment_solve(values, 1, 2, 2, columns, &objective, error));
    values[3] = 2e100;
    REFUSED("a value beyond 1e100", INVALID_NUMBER, "2e+100|1e100",
            patrol_assignment_solve(values, 2, 2, 0, columns, &objective, error));
    values[3] = NAN;
    REFUSED("a value NaN", INVALID_NUMBER, "nan", patrol_assignment_solve(values, 2, 2, 0, columns, &objective, error));
    values[3] = INFINITY;
    REFUSED("a value infinite", INVALID_NUMBER, "inf",
            patrol_assignment_solve(values, 2, 2, 0, columns, &objective, error));
    CHECK(columns[0] == -77 && columns[1] == -77 && objective == -77.0);
    values[3] = -INFINITY;
    values[1] = -INFINITY;
    REFUSED("no complete assignment", MISMATCH, "",
            patrol_assignment_solve(values, 2, 2, 1, columns, &objective, error));
    CHECK(columns[0] == -77 && columns[1] == -77 && objective == -77.0);
    values[1] = 2.0;
    MUST(patrol_assignment_solve(values, 2, 2, 0, columns, &objective, error));
    CHECK(columns[0] == 1 && columns[1] == 0 && objective == 5.0);
}

int main(void) {
    area = city_area();
    policy = good_policy();
    MUST(patrol_engine_create(area, policy, NULL, &engine, error));
    check_options();
    check_fit();
    check_handles();
    check_moves();
    check_policy();
    check_look_inside();
    check_questions();
    check_assignment();
    patrol_engine_destroy(engine);
    patrol_policy_destroy(policy);
    patrol_area_destroy(area);
    return check_done("bad_engines");
}
