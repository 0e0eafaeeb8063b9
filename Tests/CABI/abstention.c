/* A policy whose file says up to what share of free units its networks decide: beyond, all is as the heuristics have it. */
#include "files.h"

static patrol_engine *make_engine(const patrol_policy *policy, const char *patrol, const char *dispatch) {
    patrol_area *area = city_area();
    patrol_engine *engine = NULL;
    patrol_engine_options options = PATROL_ENGINE_OPTIONS_INIT;
    options.patrol_policy = patrol;
    options.dispatch_policy = dispatch;
    MUST(patrol_engine_create(area, policy, &options, &engine, error));
    patrol_area_destroy(area);
    return engine;
}

static patrol_session *make_session(const patrol_engine *engine) {
    patrol_session *session = NULL;
    MUST(patrol_session_create(engine, 4, 4, &session, error));
    return session;
}

/* The policy of the tests; a limit below 0: none. */
static patrol_policy *limited_policy(float patrol, float dispatch) {
    static tensor_file file;
    patrol_policy *policy = NULL;
    patrol_policy_info info = PATROL_POLICY_INFO_INIT;
    file_policy(&file, POLICY_METADATA);
    if (patrol >= 0) file_tensor(&file, "patrol.most_free_share", "F32", "1", &patrol, sizeof patrol);
    if (dispatch >= 0) file_tensor(&file, "dispatch.most_free_share", "F32", "1", &dispatch, sizeof dispatch);
    file_finish(&file);
    MUST(patrol_policy_load_memory(file.bytes, file.length, &policy, error));
    MUST(patrol_policy_get_info(policy, &info, error));
    CHECK(info.patrol_most_free_share == (patrol < 0 ? 1 : patrol));
    CHECK(info.dispatch_most_free_share == (dispatch < 0 ? 1 : dispatch));
    CHECK(info.dispatch_unit == PATROL_DISPATCH_UNIT_MINUTE && info.reserved == 0);
    return policy;
}

/* All three units are free; two calls take two of them, so that patrol sees one. */
static void check_decisions(float patrol, float dispatch, uint32_t abstained) {
    static request found, expected;
    static uint8_t record[1 << 16];
    size_t size = 0;
    patrol_policy *limited = limited_policy(patrol, dispatch), *plain = limited_policy(-1, -1);
    patrol_engine *engine = make_engine(limited, NULL, NULL);
    patrol_engine *judging = make_engine(plain, abstained & PATROL_TASK_PATROL ? "backup_coverage" : "learned",
                                         abstained & PATROL_TASK_DISPATCH ? "minimum_weighted_travel" : "learned");
    patrol_session *session = make_session(engine), *judge = make_session(judging);
    request_init(&found);
    request_init(&expected);
    MUST(request_decide(&expected, judge, error));
    CHECK(expected.answer.abstained == 0 && expected.answer.assignment_count == 2);
    MUST(request_decide(&found, session, error));
    CHECK(found.answer.abstained == abstained && found.answer.reserved == 0);
    CHECK(request_agrees(&found, &expected));

    /* A record is replayed with the same result, which says so again. */
    MUST(patrol_decision_record(engine, &found.snapshot, &found.options, &found.answer, record, sizeof record, &size,
                                error));
    request_init(&expected);
    MUST(patrol_decision_replay(engine, record, size, &expected.answer, error));
    CHECK(request_agrees(&found, &expected) && expected.answer.abstained == abstained);

    request_init(&found);
    found.options.tasks = PATROL_TASK_DISPATCH;
    MUST(request_decide(&found, session, error));
    CHECK(found.answer.abstained == (abstained & PATROL_TASK_DISPATCH));
    patrol_session_destroy(session);
    patrol_session_destroy(judge);
    patrol_engine_destroy(engine);
    patrol_engine_destroy(judging);
    patrol_policy_destroy(limited);
    patrol_policy_destroy(plain);
}

/* Explanations of a decision are of the policy that made it, and say so. */
static void check_explanations(float dispatch, uint32_t abstained) {
    static request r;
    patrol_policy *limited = limited_policy(-1, dispatch);
    patrol_engine *engine = make_engine(limited, NULL, NULL);
    patrol_engine *judging = make_engine(limited, NULL, "minimum_weighted_travel");
    patrol_session *session = make_session(engine), *judge = make_session(judging);
    patrol_explanation found[REQUEST_UNITS], expected[REQUEST_UNITS];
    patrol_pair_explanation pair = PATROL_PAIR_EXPLANATION_INIT;
    size_t count = 0, others = 0, index;
    int same = 1;
    request_init(&r);
    MUST(patrol_explain(session, &r.snapshot, &r.options, found, REQUEST_UNITS, sizeof *found, &count, error));
    MUST(patrol_explain(judge, &r.snapshot, &r.options, expected, REQUEST_UNITS, sizeof *expected, &others, error));
    CHECK(count == 2 && others == 2);
    for (index = 0; index < count; index += 1) {
        CHECK(found[index].abstained == abstained && found[index].reserved_2 == 0);
        CHECK(expected[index].abstained == 0);
        same = same && found[index].objective_loss == expected[index].objective_loss;
    }
    CHECK(same == (abstained == 1));
    MUST(patrol_explain_pair(session, &r.snapshot, &r.options, 7000, 500, &pair, error));
    CHECK(pair.abstained == abstained && pair.reserved == 0);
    patrol_session_destroy(session);
    patrol_session_destroy(judge);
    patrol_engine_destroy(engine);
    patrol_engine_destroy(judging);
    patrol_policy_destroy(limited);
}

/* A caller compiled with a header that does not have the new fields finds its own as they were. */
static void check_earlier_callers(void) {
    static request r;
    patrol_policy *limited = limited_policy(0, 0);
    patrol_engine *engine = make_engine(limited, NULL, NULL);
    patrol_session *session = make_session(engine);
    patrol_policy_info info = PATROL_POLICY_INFO_INIT;
    patrol_explanation explanations[REQUEST_UNITS];
    const unsigned char *bytes = (const unsigned char *)explanations;
    size_t count = 0;
    info.struct_size = 40;
    info.patrol_most_free_share = 77;
    MUST(patrol_policy_get_info(limited, &info, error));
    CHECK(info.content_hash != 0 && info.patrol_most_free_share == 77);
    request_init(&r);
    r.answer.struct_size = 208;
    r.answer.abstained = 77;
    MUST(request_decide(&r, session, error));
    CHECK(r.answer.assignment_count == 2 && r.answer.abstained == 77);
    memset(explanations, 0xA5, sizeof explanations);
    MUST(patrol_explain(session, &r.snapshot, &r.options, explanations, REQUEST_UNITS, 64, &count, error));
    CHECK(count == 2 && bytes[2 * 64] == 0xA5);
    patrol_session_destroy(session);
    patrol_engine_destroy(engine);
    patrol_policy_destroy(limited);
}

int main(void) {
    check_decisions(-1, -1, 0);
    check_decisions(0.34f, 1, 0);
    check_decisions(0, 1, PATROL_TASK_PATROL);
    check_decisions(0.34f, 0.67f, PATROL_TASK_DISPATCH);
    check_decisions(0, 0, PATROL_TASK_DISPATCH | PATROL_TASK_PATROL);
    check_explanations(1, 0);
    check_explanations(0.67f, 1);
    check_earlier_callers();
    return check_done("abstention");
}
