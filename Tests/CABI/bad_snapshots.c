/*
 * Bad snapshots. Where bad rows are refused, each test breaks one value of the good request and names the status and what
 * the message must hold; after every refusal the whole request, outputs and all, is as it was, and the same session
 * answers the good request as before. Where bad rows are left out, the rest is decided as if they were not there.
 */
#include "city.h"

static patrol_session *session;
static request reference; /* the good request, answered */
static request r;
static const request *whole = &r; /* what a refusal must leave alone */

static void expect(int line, const char *title, int32_t expected, const char *culprit) {
    static request before;
    patrol_error error;
    int32_t status;
    memset(&error, 0xA5, sizeof error);
    memcpy(&before, &r, sizeof r);
    status = request_decide(&r, session, &error);
    check_refusal(__FILE__, line, title, status, expected, &error, culprit);
    check(memcmp(&before, whole, sizeof r) == 0, __FILE__, line, "%s: an output was written", title);
    check(request_decide(&r, session, NULL) == expected, __FILE__, line, "%s: differs without an error to fill", title);

    request_init(&r);
    status = request_decide(&r, session, NULL);
    check(status == PATROL_OK && request_agrees(&r, &reference), __FILE__, line,
          "%s: the session answers differently afterwards", title);
}

#define ROW(title, expected, culprit, ...)                                                                             \
    do {                                                                                                               \
        request_init(&r);                                                                                              \
        r.options.bad_rows = PATROL_BAD_ROWS_REFUSE;                                                                   \
        __VA_ARGS__;                                                                                                   \
        expect(__LINE__, title, PATROL_ERROR_##expected, culprit);                                                     \
    } while (0)

static void check_structs(void) {
    ROW("snapshot: struct_size 0", STRUCT_SIZE, "struct_size|0", r.snapshot.struct_size = 0);
    ROW("snapshot: struct_size 3", STRUCT_SIZE, "struct_size|3", r.snapshot.struct_size = 3);
    ROW("snapshot: struct_size 96", STRUCT_SIZE, "struct_size|96", r.snapshot.struct_size = 96);
    ROW("snapshot: a tail that is not zero", STRUCT_SIZE, "this library knows",
        r.snapshot.struct_size = sizeof r.snapshot + 8);
    ROW("options: struct_size 0", STRUCT_SIZE, "struct_size|0", r.options.struct_size = 0);
    ROW("options: a tail that is not zero", STRUCT_SIZE, "this library knows",
        r.options.struct_size = sizeof r.options + 8);
    ROW("answer: struct_size 0", STRUCT_SIZE, "struct_size|0", r.answer.struct_size = 0);
    ROW("answer: struct_size 136", STRUCT_SIZE, "struct_size|136", r.answer.struct_size = 136);
    ROW("options: bad_rows 2", INVALID_ARGUMENT, "bad_rows|2", r.options.bad_rows = 2);
    ROW("options: reserved", INVALID_ARGUMENT, "reserved|7", r.options.reserved = 7);
    ROW("options: no tasks", INVALID_ARGUMENT, "tasks|0", r.options.tasks = 0);
    ROW("options: unknown task", INVALID_ARGUMENT, "tasks|8", r.options.tasks = 8);
    ROW("options: gap NaN", INVALID_NUMBER, "relative_gap|nan", r.options.relative_gap = NAN);
    ROW("options: gap negative", INVALID_NUMBER, "relative_gap|-1", r.options.relative_gap = -1);
    ROW("options: gap infinite", INVALID_NUMBER, "relative_gap|inf", r.options.relative_gap = INFINITY);
    ROW("time NaN", INVALID_NUMBER, "time_seconds|nan", r.snapshot.time_seconds = NAN);
    ROW("time negative", INVALID_NUMBER, "time_seconds|-1", r.snapshot.time_seconds = -1);
    ROW("time infinite", INVALID_NUMBER, "time_seconds|inf", r.snapshot.time_seconds = INFINITY);
}

static void check_arrays(void) {
    ROW("units NULL", INVALID_ARGUMENT, "units|NULL", r.snapshot.units = NULL);
    ROW("incidents NULL", INVALID_ARGUMENT, "incidents|NULL", r.snapshot.incidents = NULL);
    ROW("edge changes NULL", INVALID_ARGUMENT, "edge_changes|NULL", r.snapshot.edge_change_count = 1);
    ROW("more units than the session holds", SESSION_TOO_SMALL, "unit_count|5|4", r.snapshot.unit_count = 5);
    ROW("units beyond counting", INVALID_ARGUMENT, "units|too large", r.snapshot.unit_count = SIZE_MAX);
    ROW("more incidents than the session holds", SESSION_TOO_SMALL, "incident_count|5|4",
        r.snapshot.incident_count = 5);
    ROW("unit stride too small", INVALID_ARGUMENT, "stride of units|79", r.snapshot.unit_stride = 79);
    ROW("unit stride odd", INVALID_ARGUMENT, "stride of units|81", r.snapshot.unit_stride = 81);
    ROW("incident stride too small", INVALID_ARGUMENT, "stride of incidents|8", r.snapshot.incident_stride = 8);
    ROW("incident stride odd", INVALID_ARGUMENT, "stride of incidents|140", r.snapshot.incident_stride = 140);
    ROW("edge change stride too small", INVALID_ARGUMENT, "stride of edge_changes|12", request_add_all(&r);
        r.snapshot.edge_change_stride = 12);
    ROW("pair costs NULL", INVALID_ARGUMENT, "pair_costs|NULL", r.snapshot.pair_cost_count = 1);
    ROW("pair costs beyond counting", INVALID_ARGUMENT, "pair_costs|too large", request_add_all(&r);
        r.snapshot.pair_cost_count = SIZE_MAX);
    ROW("pair cost stride too small", INVALID_ARGUMENT, "stride of pair_costs|12", request_add_all(&r);
        r.snapshot.pair_cost_stride = 12);
    ROW("moves NULL", INVALID_ARGUMENT, "moves|NULL", r.answer.moves = NULL);
    ROW("assignments NULL", INVALID_ARGUMENT, "assignments|NULL", r.answer.assignments = NULL);
    ROW("waits NULL", INVALID_ARGUMENT, "waits|NULL", r.answer.waits = NULL);
    ROW("room for too few moves", CAPACITY, "moves|2|3", r.answer.move_capacity = 2);
    ROW("room for too few assignments", CAPACITY, "assignments|0|3", r.answer.assignment_capacity = 0);
    ROW("room for too few waits", CAPACITY, "waits|1|2", r.answer.wait_capacity = 1);
    ROW("move stride too small", INVALID_ARGUMENT, "stride of moves|16", r.answer.move_stride = 16);
    ROW("move stride odd", INVALID_ARGUMENT, "stride of moves|41", r.answer.move_stride = 41);
    ROW("assignment stride too small", INVALID_ARGUMENT, "stride of assignments|39", r.answer.assignment_stride = 39);
    ROW("wait stride too small", INVALID_ARGUMENT, "stride of waits|1", r.answer.wait_stride = 1);
    ROW("issues NULL", INVALID_ARGUMENT, "issues|NULL", r.answer.issue_capacity = 1);
    ROW("plans NULL", INVALID_ARGUMENT, "plans|NULL", r.answer.plan_capacity = 1);
    ROW("plan stride too small", INVALID_ARGUMENT, "stride of plans|16", r.answer.plans = r.plans;
        r.answer.plan_capacity = 1; r.answer.plan_stride = 16);
    ROW("issue stride too small", INVALID_ARGUMENT, "stride of issues|8", r.answer.issue_stride = 8);
}

static void check_units(void) {
    ROW("unit id twice", INVALID_ID, "7000", r.units[2].id = 7000);
    ROW("unit without id", INVALID_ID, "unit", r.units[2].id = PATROL_NO_ID);
    ROW("unit at a node that is not there", OUT_OF_RANGE, "units[1].node|9", r.units[1].node = 9);
    ROW("unit without node, x NaN", INVALID_NUMBER, "units[1]|nan", r.units[1].node = PATROL_NO_NODE;
        r.units[1].x = NAN);
    ROW("unit without node, y infinite", INVALID_NUMBER, "units[1]|inf", r.units[1].node = PATROL_NO_NODE;
        r.units[1].y = INFINITY);
    ROW("unit 500 km from every street", OUT_OF_RANGE, "units[1].x, y|500000|maximum_snap_metres|5000",
        r.units[1].node = PATROL_NO_NODE;
        r.units[1].x = -500000);
    ROW("unit with a target that is not there", OUT_OF_RANGE, "units[0].target_node|50", r.units[0].target_node = 50);
    ROW("unit status 4", INVALID_ARGUMENT, "units[2].status|4", r.units[2].status = 4);
    ROW("unit status -1", INVALID_ARGUMENT, "units[2].status|-1", r.units[2].status = -1);
    ROW("home beat 2", OUT_OF_RANGE, "units[1].home_beat|2", r.units[1].home_beat = 2);
    ROW("home beat -2", OUT_OF_RANGE, "units[1].home_beat|-2", r.units[1].home_beat = -2);
    ROW("seconds to node NaN", INVALID_NUMBER, "units[0].seconds_to_node|nan", r.units[0].seconds_to_node = NAN);
    ROW("seconds to node negative", INVALID_NUMBER, "units[0].seconds_to_node|-3", r.units[0].seconds_to_node = -3);
    ROW("seconds to node infinite", INVALID_NUMBER, "units[0].seconds_to_node|inf",
        r.units[0].seconds_to_node = INFINITY);
    ROW("seconds to node beyond 1e9", INVALID_NUMBER, "units[0].seconds_to_node|1e9",
        r.units[0].seconds_to_node = 2e9f);
    ROW("position age negative", INVALID_NUMBER, "units[1].position_age_seconds|-1",
        r.units[1].position_age_seconds = -1);
    ROW("until free negative", INVALID_NUMBER, "units[1].seconds_until_free|-1", r.units[1].seconds_until_free = -1);
    ROW("until free infinite", INVALID_NUMBER, "units[1].seconds_until_free|inf",
        r.units[1].seconds_until_free = INFINITY);
    ROW("shift end NaN", INVALID_NUMBER, "units[2].seconds_until_shift_end|nan",
        r.units[2].seconds_until_shift_end = NAN);
    ROW("shift end negative", INVALID_NUMBER, "units[2].seconds_until_shift_end|-1",
        r.units[2].seconds_until_shift_end = -1);
    ROW("until due NaN", INVALID_NUMBER, "units[2].seconds_until_due|nan", r.units[2].seconds_until_due = NAN);
    ROW("until due infinite", INVALID_NUMBER, "units[2].seconds_until_due|inf",
        r.units[2].seconds_until_due = INFINITY);
    ROW("unit's reserved field", INVALID_ARGUMENT, "units[2].reserved|1", r.units[2].reserved = 1);
    ROW("unit's second reserved field", INVALID_ARGUMENT, "units[2].reserved|1", r.units[2].reserved_2 = 1);
    ROW("late until free negative", INVALID_NUMBER, "units[1].late_seconds_until_free|-1",
        r.units[1].late_seconds_until_free = -1);
    ROW("late until free NaN", INVALID_NUMBER, "units[1].late_seconds_until_free|nan",
        r.units[1].late_seconds_until_free = NAN);
    ROW("may leave the scene 2", INVALID_ARGUMENT, "units[2].may_leave_scene|2", r.units[2].may_leave_scene = 2);
    ROW("unit of a ninth priority", INVALID_ARGUMENT, "units[1].priorities|256|255", r.units[1].priorities = 256);
}

static void check_incidents(void) {
    ROW("incident id twice", INVALID_ID, "500", r.incidents[1].id = 500);
    ROW("incident without id", INVALID_ID, "incident", r.incidents[1].id = PATROL_NO_ID);
    ROW("incident at a node that is not there", OUT_OF_RANGE, "incidents[1].node|9", r.incidents[1].node = 9);
    ROW("incident without node, y NaN", INVALID_NUMBER, "incidents[0]|nan", r.incidents[0].node = PATROL_NO_NODE;
        r.incidents[0].y = NAN);
    ROW("category 2", OUT_OF_RANGE, "incidents[0].category|2", r.incidents[0].category = 2);
    ROW("category -1", OUT_OF_RANGE, "incidents[0].category|-1", r.incidents[0].category = -1);
    ROW("priority 0", INVALID_ARGUMENT, "incidents[1].priority|0", r.incidents[1].priority = 0);
    ROW("priority 9", INVALID_ARGUMENT, "incidents[1].priority|9", r.incidents[1].priority = 9);
    ROW("unknown flag", INVALID_ARGUMENT, "incidents[1].flags|6", r.incidents[1].flags = 6);
    ROW("waited NaN", INVALID_NUMBER, "incidents[0].seconds_waited|nan", r.incidents[0].seconds_waited = NAN);
    ROW("waited negative", INVALID_NUMBER, "incidents[0].seconds_waited|-30", r.incidents[0].seconds_waited = -30);
    ROW("weight 0", INVALID_NUMBER, "incidents[0].weight|0", r.incidents[0].weight = 0);
    ROW("weight infinite", INVALID_NUMBER, "incidents[0].weight|inf", r.incidents[0].weight = INFINITY);
    ROW("service negative", INVALID_NUMBER, "incidents[1].service_seconds|-1", r.incidents[1].service_seconds = -1);
    ROW("service infinite", INVALID_NUMBER, "incidents[1].service_seconds|inf",
        r.incidents[1].service_seconds = INFINITY);
    ROW("not before NaN", INVALID_NUMBER, "incidents[0].not_before_seconds|nan",
        r.incidents[0].not_before_seconds = NAN);
    ROW("not before infinite", INVALID_NUMBER, "incidents[0].not_before_seconds|inf",
        r.incidents[0].not_before_seconds = INFINITY);
    ROW("lead negative", INVALID_NUMBER, "incidents[1].lead_seconds|-1", r.incidents[1].lead_seconds = -1);
    ROW("no units required", INVALID_ARGUMENT, "incidents[0].units_required|0", r.incidents[0].units_required = 0);
    ROW("65 units required", INVALID_ARGUMENT, "incidents[0].units_required|65", r.incidents[0].units_required = 65);
    ROW("more assigned than required", INVALID_ARGUMENT, "incidents[0].units_assigned|2",
        r.incidents[0].units_assigned = 2);
    ROW("more on scene than assigned", INVALID_ARGUMENT, "incidents[0].units_on_scene|1",
        r.incidents[0].units_on_scene = 1);
    ROW("a need beyond the units required", INVALID_ARGUMENT, "incidents[1].needs|2",
        r.incidents[1].needs[0].capabilities = 4;
        r.incidents[1].needs[0].required = 2);
    ROW("a need with more assigned than required", INVALID_ARGUMENT, "incidents[1].needs|3",
        r.incidents[1].needs[3].capabilities = 1;
        r.incidents[1].needs[3].required = 1; r.incidents[1].needs[3].assigned = 3);
}

static void check_roads(void) {
    ROW("host travel time negative", INVALID_NUMBER, "travel_seconds|-5", request_add_all(&r);
        r.travel_seconds[3] = -5);
    ROW("host travel time beyond 1e9", INVALID_NUMBER, "travel_seconds|infinity", request_add_all(&r);
        r.travel_seconds[3] = 2e9f);
    ROW("idle NaN", INVALID_NUMBER, "location_idle_seconds|nan", request_add_all(&r); r.idle_seconds[8] = NAN);
    ROW("idle negative", INVALID_NUMBER, "location_idle_seconds|-1", request_add_all(&r); r.idle_seconds[8] = -1);
    ROW("change of an edge that is not there", OUT_OF_RANGE, "0|8", request_add_all(&r); r.changes[1].from_node = 0;
        r.changes[1].to_node = 8);
    ROW("change at a node that is not there", OUT_OF_RANGE, "99", request_add_all(&r); r.changes[0].from_node = 99);
    ROW("change twice", INVALID_ID, "0|1", request_add_all(&r); r.changes[1] = r.changes[0]);
    ROW("changed seconds NaN", INVALID_NUMBER, "patrol_seconds|nan", request_add_all(&r);
        r.changes[0].patrol_seconds = NAN);
    ROW("changed seconds negative", INVALID_NUMBER, "emergency_seconds|-1", request_add_all(&r);
        r.changes[1].emergency_seconds = -1);
}

static void check_costs(void) {
    ROW("cost of a unit that is not there", OUT_OF_RANGE, "pair_costs[1].unit|3", request_add_all(&r);
        r.costs[1].unit = 3);
    ROW("cost of a call that is not there", OUT_OF_RANGE, "pair_costs[0].incident|2", request_add_all(&r);
        r.costs[0].incident = 2);
    ROW("cost NaN", INVALID_NUMBER, "pair_costs[0].seconds|nan", request_add_all(&r); r.costs[0].seconds = NAN);
    ROW("cost infinite", INVALID_NUMBER, "pair_costs[0].seconds|inf", request_add_all(&r);
        r.costs[0].seconds = INFINITY);
    ROW("bonus beyond 1e9", INVALID_NUMBER, "pair_costs[1].seconds|1e9", request_add_all(&r);
        r.costs[1].seconds = -2e9f);
    ROW("cost's reserved field", INVALID_ARGUMENT, "pair_costs[1].reserved|5", request_add_all(&r);
        r.costs[1].reserved = 5);
}

static void check_substitutes(void) {
    ROW("substitutes NULL", INVALID_ARGUMENT, "substitutes|NULL", r.snapshot.substitute_count = 1);
    ROW("substitutes beyond counting", INVALID_ARGUMENT, "substitutes|too large", request_add_all(&r);
        r.snapshot.substitute_count = SIZE_MAX);
    ROW("substitute stride too small", INVALID_ARGUMENT, "stride of substitutes|72", request_add_all(&r);
        r.snapshot.substitute_stride = 72);
    ROW("substitute of a call that is not there", OUT_OF_RANGE, "substitutes[1].incident|2", request_add_all(&r);
        r.substitutes[1].incident = 2);
    ROW("substitute of a call with units", INVALID_ARGUMENT, "substitutes[0].incident|units_assigned is 1",
        request_add_all(&r);
        r.incidents[1].units_required = 2; r.incidents[1].units_assigned = 1);
    ROW("a fourth substitute", INVALID_ARGUMENT, "substitutes[3].incident|3 of one call", request_add_all(&r);
        r.snapshot.substitute_count = 4);
    ROW("substitute of no units", INVALID_ARGUMENT, "substitutes[0].units_required|0", request_add_all(&r);
        r.substitutes[0].units_required = 0);
    ROW("substitute of 65 units", INVALID_ARGUMENT, "substitutes[1].units_required|65", request_add_all(&r);
        r.substitutes[1].units_required = 65);
    ROW("substitute that needs more than it has", INVALID_ARGUMENT, "substitutes[1].needs|3|2", request_add_all(&r);
        r.substitutes[1].needs[2].required = 3);
    ROW("substitute that needs nothing of units", INVALID_ARGUMENT, "substitutes[0].needs|(entry 1)",
        request_add_all(&r);
        r.substitutes[0].needs[1].required = 1);
    ROW("substitute with a unit", INVALID_ARGUMENT, "substitutes[0].needs|assigned", request_add_all(&r);
        r.substitutes[0].needs[2].assigned = 1);
}

/* The request with one bad row, decided without it; `without` is the same request as if the row were not there. */
static void expect_left_out(int line, const char *title, request *without, uint32_t table, uint32_t row, uint32_t field,
                            int32_t status) {
    patrol_row_issue issues[3];
    patrol_error error;
    memset(&error, 0, sizeof error);
    memset(issues, 0xA5, sizeof issues);
    r.answer.issues = issues;
    r.answer.issue_capacity = 3;
    if (!check(request_decide(&r, session, &error) == PATROL_OK, __FILE__, line, "%s: %s", title, error.message))
        return;
    check(r.answer.issue_count == 1 && issues[0].table == table && issues[0].row == row && issues[0].field == field &&
              issues[0].status == status,
          __FILE__, line, "%s: %zu issues, the first %u %u %u %d", title, r.answer.issue_count,
          (unsigned)issues[0].table, (unsigned)issues[0].row, (unsigned)issues[0].field, (int)issues[0].status);
    check(error.status == status && error.message[0] != 0, __FILE__, line, "%s: no sentence", title);
    MUST(request_decide(without, session, error));
    check(without->answer.issue_count == 0, __FILE__, line, "%s: the row is gone, the issue is not", title);
    if (table == PATROL_TABLE_UNITS) {
        check(r.moves[row].reason == PATROL_MOVE_LEFT_OUT, __FILE__, line, "%s: reason %d", title, r.moves[row].reason);
        check(r.moves[row].target_node == PATROL_NO_NODE, __FILE__, line, "%s: it is moved", title);
        r.moves[row] = without->moves[row];
    }
    if (table == PATROL_TABLE_INCIDENTS) {
        size_t k, last = r.answer.wait_count;
        for (k = 0; k < r.answer.wait_count; k += 1)
            if (r.waits[k].reason == PATROL_WAIT_LEFT_OUT) last = k;
        if (!check(last < r.answer.wait_count, __FILE__, line, "%s: the call is lost", title)) return;
        check(r.waits[last].incident_id == r.incidents[row].id, __FILE__, line, "%s: another call is left out", title);
        for (k = last; k + 1 < r.answer.wait_count; k += 1) r.waits[k] = r.waits[k + 1];
        r.answer.wait_count -= 1;
        memset(&r.waits[r.answer.wait_count], 0xA5, sizeof r.waits[0]);
    }
    check(request_agrees(&r, without), __FILE__, line, "%s: the rest is decided otherwise", title);
}

/* `FIX` makes the request as it is without the row that `BREAK` spoils. */
#define LEFT_OUT(title, table, row, field, code, FIX, BREAK)                                                           \
    do {                                                                                                               \
        static request other, *q = &other;                                                                             \
        request_init(q);                                                                                               \
        FIX;                                                                                                           \
        q = &r;                                                                                                        \
        request_init(q);                                                                                               \
        BREAK;                                                                                                         \
        expect_left_out(__LINE__, title, &other, PATROL_TABLE_##table, row, PATROL_FIELD_##field,                      \
                        PATROL_ERROR_##code);                                                                          \
    } while (0)

#define LEFT_OUT_UNIT(row, field, code, BREAK)                                                                         \
    LEFT_OUT(#field, UNITS, row, field, code, q->units[row].status = PATROL_UNIT_OFF_DUTY, BREAK)
#define LEFT_OUT_CALL(row, field, code, BREAK)                                                                         \
    LEFT_OUT(#field, INCIDENTS, row, field, code, q->incidents[row].units_assigned = 1, BREAK)

/* Three rows with one id, of which the second is bad for another reason: the first counts. */
static void check_repeated_ids(void) {
    patrol_row_issue issues[3];
    request_init(&r);
    r.units[1].id = r.units[2].id = r.units[0].id;
    r.units[1].status = 9;
    r.answer.issues = issues;
    r.answer.issue_capacity = 3;
    MUST(request_decide(&r, session, error));
    CHECK(r.answer.issue_count == 2);
    CHECK(issues[0].row == 1 && issues[0].field == PATROL_FIELD_STATUS);
    CHECK(issues[1].row == 2 && issues[1].field == PATROL_FIELD_ID && issues[1].status == PATROL_ERROR_INVALID_ID);
}

static void check_left_out(void) {
    LEFT_OUT_UNIT(1, PLACE, INVALID_NUMBER, q->units[1].node = PATROL_NO_NODE; q->units[1].x = NAN);
    LEFT_OUT_UNIT(1, PLACE, OUT_OF_RANGE, q->units[1].node = PATROL_NO_NODE; q->units[1].y = 5e5);
    LEFT_OUT_UNIT(2, NODE, OUT_OF_RANGE, q->units[2].node = 9);
    LEFT_OUT_UNIT(2, MAY_LEAVE_SCENE, INVALID_ARGUMENT, q->units[2].may_leave_scene = 7);
    LEFT_OUT_UNIT(1, LATE_SECONDS_UNTIL_FREE, INVALID_NUMBER, q->units[1].late_seconds_until_free = INFINITY);
    LEFT_OUT_CALL(0, NOT_BEFORE, INVALID_NUMBER, q->incidents[0].not_before_seconds = -1);
    LEFT_OUT_CALL(1, LEAD, INVALID_NUMBER, q->incidents[1].lead_seconds = NAN);
    LEFT_OUT_UNIT(1, PRIORITIES, INVALID_ARGUMENT, q->units[1].priorities = 1u << 31);
    LEFT_OUT_UNIT(0, STATUS, INVALID_ARGUMENT, q->units[0].status = 4);
    LEFT_OUT_UNIT(0, SECONDS_TO_NODE, INVALID_NUMBER, q->units[0].seconds_to_node = -1);
    LEFT_OUT_UNIT(2, SECONDS_UNTIL_SHIFT_END, INVALID_NUMBER, q->units[2].seconds_until_shift_end = -1);
    LEFT_OUT_CALL(1, SECONDS_WAITED, INVALID_NUMBER, q->incidents[1].seconds_waited = -1);
    LEFT_OUT_CALL(0, UNITS_ASSIGNED, INVALID_ARGUMENT, q->incidents[0].units_assigned = 2);
    LEFT_OUT_CALL(0, PLACE, INVALID_NUMBER, q->incidents[0].node = PATROL_NO_NODE; q->incidents[0].x = NAN);
    LEFT_OUT_CALL(1, CATEGORY, OUT_OF_RANGE, q->incidents[1].category = 2);
    LEFT_OUT("a second row with one id", UNITS, 2, ID, INVALID_ID, q->units[2].status = PATROL_UNIT_OFF_DUTY,
             q->units[2].id = q->units[0].id);
    LEFT_OUT("a bad travel time", TRAVEL_SECONDS, 3, VALUE, INVALID_NUMBER, request_add_all(q), request_add_all(q);
             q->travel_seconds[3] = -5);
    LEFT_OUT("a change of no edge", EDGE_CHANGES, 0, EDGE, OUT_OF_RANGE, request_add_all(q);
             q->snapshot.edge_changes = &q->changes[1]; q->snapshot.edge_change_count = 1, request_add_all(q);
             q->changes[0].to_node = 8);
    LEFT_OUT("a bad pair cost", PAIR_COSTS, 1, SECONDS, INVALID_NUMBER, request_add_all(q);
             q->costs[1].seconds = 0, request_add_all(q); q->costs[1].seconds = -INFINITY);
    LEFT_OUT("a bad substitute", SUBSTITUTES, 1, NEEDS, INVALID_ARGUMENT, request_add_all(q);
             q->snapshot.substitute_count = 1, request_add_all(q); q->substitutes[1].needs[2].required = 3);
    LEFT_OUT("a bad idle time", LOCATION_IDLE_SECONDS, 8, VALUE, INVALID_NUMBER, request_add_all(q);
             q->idle_seconds[8] = 0, request_add_all(q); q->idle_seconds[8] = NAN);
}

/* Of a unit off duty nothing but id and status is read. */
static void check_off_duty(void) {
    request_init(&r);
    r.units[1].status = PATROL_UNIT_OFF_DUTY;
    r.units[1].node = PATROL_NO_NODE;
    r.units[1].x = NAN;
    r.units[1].seconds_to_node = NAN;
    r.options.bad_rows = PATROL_BAD_ROWS_REFUSE;
    MUST(request_decide(&r, session, error));
    CHECK(r.moves[1].reason == PATROL_MOVE_NOT_FREE);
}

/* Every row is bad: nobody is sent, and every row is named, though there is room for two issues only. */
static void check_all_left_out(void) {
    patrol_row_issue issues[2];
    patrol_error error;
    size_t k;
    request_init(&r);
    for (k = 0; k < REQUEST_UNITS; k += 1) r.units[k].node = 99;
    for (k = 0; k < REQUEST_INCIDENTS; k += 1) r.incidents[k].weight = -1;
    r.answer.issues = issues;
    r.answer.issue_capacity = 2;
    MUST(request_decide(&r, session, error));
    CHECK(r.answer.issue_count == REQUEST_UNITS + REQUEST_INCIDENTS && r.answer.assignment_count == 0);
    CHECK(r.answer.wait_count == REQUEST_INCIDENTS && r.waits[0].reason == PATROL_WAIT_LEFT_OUT);
    CHECK(issues[0].table == PATROL_TABLE_INCIDENTS && issues[1].row == 1);
    CHECK(patrol_rank_units(session, &r.snapshot, 500, NULL, 0, 0, &k, &error) == PATROL_ERROR_INVALID_ID);
}

/* NULL where a whole object is needed; the clean request stays as it is. */
static void check_null(void) {
    static request before;
    patrol_error error;
    request_init(&r);
    memcpy(&before, &r, sizeof r);
    check_refusal(__FILE__, __LINE__, "session NULL", request_decide(&r, NULL, &error), PATROL_ERROR_INVALID_ARGUMENT,
                  &error, "session|NULL");
    check_refusal(__FILE__, __LINE__, "snapshot NULL", patrol_decide(session, NULL, &r.options, &r.answer, &error),
                  PATROL_ERROR_INVALID_ARGUMENT, &error, "snapshot|NULL");
    check_refusal(__FILE__, __LINE__, "answer NULL", patrol_decide(session, &r.snapshot, &r.options, NULL, &error),
                  PATROL_ERROR_INVALID_ARGUMENT, &error, "answer|NULL");
    CHECK(memcmp(&before, &r, sizeof r) == 0);
}

int main(void) {
    patrol_policy *policy = NULL;
    session = city_session(policy);
    request_init(&reference);
    MUST(request_decide(&reference, session, error));
    check_null();
    check_structs();
    check_arrays();
    check_units();
    check_incidents();
    check_roads();
    check_costs();
    check_substitutes();
    check_left_out();
    check_repeated_ids();
    check_off_duty();
    check_all_left_out();
    patrol_session_destroy(session);
    return check_done("bad_snapshots");
}
