/* What is asked beside a decision: why a unit is not sent to a call, by each rule; plans for busy units; records of these. */
#include "files.h"

static request r;

static patrol_session *make_session(const char *dispatch, const patrol_policy *policy, patrol_engine **engine) {
    patrol_area *area = city_area();
    patrol_engine_options options = PATROL_ENGINE_OPTIONS_INIT;
    patrol_session *session = NULL;
    options.dispatch_policy = dispatch;
    options.maximum_travel_seconds = 1000.0f;
    options.stale_position_seconds = 60.0f;
    options.shift_end_margin_seconds = 300.0f;
    MUST(patrol_engine_create(area, policy, &options, engine, error));
    MUST(patrol_session_create(*engine, 4, 4, &session, error));
    patrol_area_destroy(area);
    return session;
}

static int32_t why_not(patrol_session *session, uint64_t unit, uint64_t call) {
    patrol_pair_explanation e = PATROL_PAIR_EXPLANATION_INIT;
    MUST(patrol_explain_pair(session, &r.snapshot, &r.options, unit, call, &e, error));
    CHECK((e.reason == PATROL_WHY_NOT_ASSIGNED || e.reason == PATROL_WHY_NOT_WORSE) == !isnan(e.objective_loss));
    return e.reason;
}

#define REASON(expected, change)                                                                                       \
    do {                                                                                                               \
        request_init(&r);                                                                                              \
        change;                                                                                                        \
        CHECK(why_not(session, 7000, 500) == PATROL_WHY_NOT_##expected);                                               \
    } while (0)

/* Unit 7001 is the nearest to call 500; 7000 is asked about. */
static void check_reasons(patrol_session *session) {
    REASON(OFF_DUTY, r.units[0].status = PATROL_UNIT_OFF_DUTY);
    REASON(BUSY, r.units[0].status = PATROL_UNIT_ON_SCENE);
    REASON(BUSY, (r.units[0].status = PATROL_UNIT_EN_ROUTE, r.units[0].incident_id = 501));
    REASON(NO_UNIT_MISSING, r.incidents[0].units_assigned = 1);
    REASON(CAPABILITIES, r.incidents[0].required_capabilities = 2);
    REASON(NEEDS, (r.incidents[0].needs[0].capabilities = 4, r.incidents[0].needs[0].required = 1));
    REASON(STALE_POSITION, r.units[0].position_age_seconds = 61.0f);
    REASON(SHIFT_END, r.units[0].seconds_until_shift_end = 299.0f);
    REASON(UNREACHABLE, (request_add_all(&r), r.travel_seconds[0] = INFINITY));
    REASON(MAXIMUM_TRAVEL, (request_add_all(&r), r.travel_seconds[0] = 1001.0f));
    REASON(ALL_OR_NONE, (r.incidents[0].flags = PATROL_INCIDENT_ALL_OR_NONE, r.incidents[0].units_required = 4));
    REASON(PRIORITIES, r.units[0].priorities = 2);
    REASON(NOT_YET, r.incidents[0].not_before_seconds = 900.0f);
    REASON(ASSIGNED, r.units[0].node = 2);
}

/* With a program a search tells; with a heuristic the order of the calls. */
static void check_losses(patrol_session *program, patrol_session *heuristic) {
    patrol_pair_explanation e = PATROL_PAIR_EXPLANATION_INIT;
    request_init(&r);
    r.snapshot.incident_count = 1;
    r.units[0].node = 0;
    r.units[1].node = 2;
    MUST(patrol_explain_pair(program, &r.snapshot, &r.options, 7000, 500, &e, error));
    CHECK(e.reason == PATROL_WHY_NOT_WORSE && e.solver_status == PATROL_SOLVER_OPTIMAL);
    CHECK(e.travel_seconds == 90.0f && e.objective_loss == 270.0 && e.least_loss <= 270.0);
    CHECK(e.assigned_incident_id == PATROL_NO_ID);
    MUST(patrol_explain_pair(heuristic, &r.snapshot, &r.options, 7000, 500, &e, error));
    CHECK(e.reason == PATROL_WHY_NOT_WORSE && e.solver_status == PATROL_SOLVER_NOT_ASKED && e.objective_loss == 270.0);
    request_init(&r);
    r.incidents[1].units_required = 3;
    r.units[1].node = 2;
    CHECK(why_not(heuristic, 7001, 501) == PATROL_WHY_NOT_STRICT_PRIORITY);
}

/* A record of the decision that was just made replays, and its JSON names the reason of the first wait. */
static void check_record(const patrol_engine *engine, const char *reason) {
    static uint8_t record[1 << 14];
    static char text[1 << 16];
    size_t size = 0, length = 0;
    MUST(patrol_decision_record(engine, &r.snapshot, &r.options, &r.answer, record, sizeof record, &size, error));
    MUST(patrol_decision_replay(engine, record, size, NULL, error));
    MUST(patrol_decision_json(engine, record, size, text, sizeof text - 1, &length, error));
    text[length] = '\0';
    if (!CHECK(strstr(text, reason) != NULL)) fprintf(stderr, "%s\n", text);
}

/* The only unit is free in 100 s, and 90 s from the call. */
static void check_plans(patrol_session *session, const patrol_engine *engine) {
    request_init(&r);
    r.snapshot.unit_count = r.snapshot.incident_count = 1;
    r.units[0].status = PATROL_UNIT_ON_SCENE;
    r.units[0].seconds_until_free = 100.0f;
    r.answer.plans = r.plans;
    r.answer.plan_capacity = REQUEST_UNITS;
    MUST(request_decide(&r, session, error));
    CHECK(r.answer.wait_count == 1 && r.waits[0].reason == PATROL_WAIT_NO_ELIGIBLE_UNIT);
    CHECK(r.answer.plan_count == 1 && r.plans[0].unit_id == 7000 && r.plans[0].incident_id == 500);
    CHECK(r.plans[0].seconds_until_arrival == 190.0f);
    check_record(engine, "\"reason\":\"NO_ELIGIBLE_UNIT\"");
    r.incidents[0].needs[0].capabilities = 4; /* of a kind that no unit has: no plan */
    r.incidents[0].needs[0].required = 1;
    MUST(request_decide(&r, session, error));
    CHECK(r.answer.plan_count == 0);
    check_record(engine, "\"needs\":[{\"capabilities\":4,\"required\":1,\"assigned\":0}]");
}

/* What the cancel flag or the clock ended is not searched again, but checked. */
static void check_cut(patrol_session *session, const patrol_engine *engine) {
    const int32_t set = 1;
    size_t k;
    for (k = 0; k < 2; k += 1) {
        request_init(&r);
        if (k == 0)
            r.options.cancel = &set;
        else
            r.options.deadline_microseconds = 1;
        MUST(request_decide(&r, session, error));
        CHECK(r.answer.solver_status != PATROL_SOLVER_HEURISTIC);
        check_record(engine, k == 0 ? "\"had_cancel_flag\":true" : "\"deadline_microseconds\":1,");
    }
}

int main(void) {
    patrol_policy *policy = good_policy();
    patrol_engine *engines[3];
    patrol_session *program = make_session(NULL, NULL, &engines[0]);
    patrol_session *heuristic = make_session("closest_fcfs", NULL, &engines[1]);
    patrol_session *learned = make_session("learned", policy, &engines[2]);
    size_t k;
    check_reasons(program);
    check_losses(program, heuristic);
    check_plans(program, engines[0]);
    check_plans(learned, engines[2]);
    check_cut(program, engines[0]);
    check_cut(learned, engines[2]);
    patrol_session_destroy(program);
    patrol_session_destroy(heuristic);
    patrol_session_destroy(learned);
    for (k = 0; k < 3; k += 1) patrol_engine_destroy(engines[k]);
    patrol_policy_destroy(policy);
    return check_done("questions");
}
