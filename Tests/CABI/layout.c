/*
 * What callers are compiled against: sizes, offsets and numbers of the header, pinned for 64-bit systems, and the
 * agreement of every _init function with its INIT macro. Builds as C and as C++; the header is included twice.
 */
#include <patrol.h>
#include <patrol.h>

#include "pin.h"

SIZE(patrol_error, 512);
AT(patrol_error, message, 4);

SIZE(patrol_area_arrays, 128);
AT(patrol_area_arrays, coordinate_system, 4); AT(patrol_area_arrays, node_count, 8);
AT(patrol_area_arrays, edge_count, 12); AT(patrol_area_arrays, coordinates, 16); AT(patrol_area_arrays, edges, 24);
AT(patrol_area_arrays, edge_patrol_seconds, 32); AT(patrol_area_arrays, edge_emergency_seconds, 40);
AT(patrol_area_arrays, node_beats, 48); AT(patrol_area_arrays, node_groups, 56);
AT(patrol_area_arrays, category_count, 64); AT(patrol_area_arrays, period_hours, 68);
AT(patrol_area_arrays, category_service_seconds, 72); AT(patrol_area_arrays, category_weights, 80);
AT(patrol_area_arrays, demand_node_count, 88); AT(patrol_area_arrays, patrol_location_count, 92);
AT(patrol_area_arrays, demand_nodes, 96); AT(patrol_area_arrays, demand_calls_per_hour, 104);
AT(patrol_area_arrays, patrol_locations, 112); AT(patrol_area_arrays, travel_factors, 120);

SIZE(patrol_area_options, 16);
AT(patrol_area_options, max_demand_points, 4); AT(patrol_area_options, patrol_spacing_seconds, 8);
AT(patrol_area_options, reserved, 12);

SIZE(patrol_area_info, 56);
AT(patrol_area_info, coordinate_system, 4); AT(patrol_area_info, node_count, 8);
AT(patrol_area_info, edge_count, 12); AT(patrol_area_info, beat_count, 16); AT(patrol_area_info, group_count, 20);
AT(patrol_area_info, category_count, 24); AT(patrol_area_info, period_hours, 28);
AT(patrol_area_info, demand_point_count, 32); AT(patrol_area_info, patrol_location_count, 36);
AT(patrol_area_info, content_hash, 40); AT(patrol_area_info, calls_per_hour, 48);

SIZE(patrol_policy_info, 56);
AT(patrol_policy_info, networks, 4); AT(patrol_policy_info, value_is_concave, 8);
AT(patrol_policy_info, tensor_count, 12); AT(patrol_policy_info, metadata_count, 16);
AT(patrol_policy_info, requires_categories, 20); AT(patrol_policy_info, requires_area, 24);
AT(patrol_policy_info, content_hash, 32); AT(patrol_policy_info, patrol_most_free_share, 40);
AT(patrol_policy_info, dispatch_most_free_share, 44); AT(patrol_policy_info, dispatch_unit, 48);

SIZE(patrol_engine_options, 224);
AT(patrol_engine_options, home_beat_patrol, 4); AT(patrol_engine_options, patrol_policy, 8);
AT(patrol_engine_options, dispatch_policy, 16); AT(patrol_engine_options, group_weights, 24);
AT(patrol_engine_options, seed, 32); AT(patrol_engine_options, stay_seconds, 40);
AT(patrol_engine_options, keep_target_gain, 44); AT(patrol_engine_options, stale_position_seconds, 48);
AT(patrol_engine_options, never_hold_priority, 52); AT(patrol_engine_options, strict_priority, 56);
AT(patrol_engine_options, longest_hold_seconds, 60); AT(patrol_engine_options, maximum_travel_seconds, 92);
AT(patrol_engine_options, shift_end_margin_seconds, 96); AT(patrol_engine_options, own_beat_penalty_seconds, 100);
AT(patrol_engine_options, reserve_per_beat, 104); AT(patrol_engine_options, reserve_price, 108);
AT(patrol_engine_options, preemption, 112); AT(patrol_engine_options, discount_rate, 176);
AT(patrol_engine_options, compliance_rows, 180); AT(patrol_engine_options, hold_rows, 184);
AT(patrol_engine_options, hold_travel_seconds, 192); AT(patrol_engine_options, maximum_snap_metres, 200);
AT(patrol_engine_options, arrive_before_shift_end, 208); AT(patrol_engine_options, reserved_2, 212);
AT(patrol_engine_options, plan_margin, 216); AT(patrol_engine_options, reserved_3, 220);

SIZE(patrol_unit, 96);
AT(patrol_unit, incident_id, 8); AT(patrol_unit, capabilities, 16); AT(patrol_unit, x, 24); AT(patrol_unit, y, 32);
AT(patrol_unit, node, 40); AT(patrol_unit, target_node, 44); AT(patrol_unit, status, 48);
AT(patrol_unit, home_beat, 52); AT(patrol_unit, seconds_to_node, 56); AT(patrol_unit, position_age_seconds, 60);
AT(patrol_unit, seconds_until_free, 64); AT(patrol_unit, seconds_until_shift_end, 68);
AT(patrol_unit, seconds_until_due, 72); AT(patrol_unit, reserved, 76);
AT(patrol_unit, priorities, 80); AT(patrol_unit, may_leave_scene, 84);
AT(patrol_unit, late_seconds_until_free, 88); AT(patrol_unit, reserved_2, 92);

SIZE(patrol_need, 16);
AT(patrol_need, required, 8); AT(patrol_need, assigned, 12);

SIZE(patrol_incident, 144);
AT(patrol_incident, required_capabilities, 8); AT(patrol_incident, x, 16); AT(patrol_incident, y, 24);
AT(patrol_incident, node, 32); AT(patrol_incident, category, 36); AT(patrol_incident, priority, 40);
AT(patrol_incident, flags, 44); AT(patrol_incident, seconds_waited, 48); AT(patrol_incident, weight, 52);
AT(patrol_incident, service_seconds, 56); AT(patrol_incident, units_required, 60);
AT(patrol_incident, units_assigned, 64); AT(patrol_incident, units_on_scene, 68); AT(patrol_incident, needs, 72);
AT(patrol_incident, not_before_seconds, 136); AT(patrol_incident, lead_seconds, 140);

SIZE(patrol_edge_change, 16);
AT(patrol_edge_change, to_node, 4); AT(patrol_edge_change, patrol_seconds, 8);
AT(patrol_edge_change, emergency_seconds, 12);

SIZE(patrol_pair_cost, 16);
AT(patrol_pair_cost, incident, 4); AT(patrol_pair_cost, seconds, 8); AT(patrol_pair_cost, reserved, 12);

SIZE(patrol_substitute, 80);
AT(patrol_substitute, units_required, 4); AT(patrol_substitute, required_capabilities, 8);
AT(patrol_substitute, needs, 16);

SIZE(patrol_snapshot, 152);
AT(patrol_snapshot, reserved, 4); AT(patrol_snapshot, time_seconds, 8); AT(patrol_snapshot, units, 16);
AT(patrol_snapshot, unit_count, 24); AT(patrol_snapshot, unit_stride, 32); AT(patrol_snapshot, incidents, 40);
AT(patrol_snapshot, incident_count, 48); AT(patrol_snapshot, incident_stride, 56);
AT(patrol_snapshot, travel_seconds, 64); AT(patrol_snapshot, edge_changes, 72);
AT(patrol_snapshot, edge_change_count, 80); AT(patrol_snapshot, edge_change_stride, 88);
AT(patrol_snapshot, location_idle_seconds, 96); AT(patrol_snapshot, pair_costs, 104);
AT(patrol_snapshot, pair_cost_count, 112); AT(patrol_snapshot, pair_cost_stride, 120);
AT(patrol_snapshot, substitutes, 128); AT(patrol_snapshot, substitute_count, 136);
AT(patrol_snapshot, substitute_stride, 144);

SIZE(patrol_decide_options, 48);
AT(patrol_decide_options, tasks, 4); AT(patrol_decide_options, deadline_microseconds, 8);
AT(patrol_decide_options, node_limit, 16); AT(patrol_decide_options, relative_gap, 24);
AT(patrol_decide_options, cancel, 32); AT(patrol_decide_options, bad_rows, 40);

SIZE(patrol_row_issue, 16);
AT(patrol_row_issue, row, 4); AT(patrol_row_issue, field, 8); AT(patrol_row_issue, status, 12);

SIZE(patrol_move, 40);
AT(patrol_move, target_node, 8); AT(patrol_move, next_node, 12); AT(patrol_move, travel_seconds, 16);
AT(patrol_move, dwell_seconds, 20); AT(patrol_move, value, 24); AT(patrol_move, gain, 28);
AT(patrol_move, reason, 32); AT(patrol_move, reserved, 36);

SIZE(patrol_assignment, 48);
AT(patrol_assignment, incident_id, 8); AT(patrol_assignment, diverted_from, 16);
AT(patrol_assignment, travel_seconds, 24); AT(patrol_assignment, next_node, 28); AT(patrol_assignment, reward, 32);
AT(patrol_assignment, need, 40); AT(patrol_assignment, substitute, 44);

SIZE(patrol_wait, 16);
AT(patrol_wait, units_missing, 8); AT(patrol_wait, reason, 12);

SIZE(patrol_plan, 24);
AT(patrol_plan, incident_id, 8); AT(patrol_plan, seconds_until_arrival, 16);
AT(patrol_plan, late_seconds_until_arrival, 20);

SIZE(patrol_answer, 248);
AT(patrol_answer, solver_status, 4); AT(patrol_answer, moves, 8); AT(patrol_answer, move_capacity, 16);
AT(patrol_answer, move_stride, 24); AT(patrol_answer, move_count, 32); AT(patrol_answer, assignments, 40);
AT(patrol_answer, assignment_capacity, 48); AT(patrol_answer, assignment_stride, 56);
AT(patrol_answer, assignment_count, 64); AT(patrol_answer, waits, 72); AT(patrol_answer, wait_capacity, 80);
AT(patrol_answer, wait_stride, 88); AT(patrol_answer, wait_count, 96); AT(patrol_answer, objective, 104);
AT(patrol_answer, bound, 112); AT(patrol_answer, relative_gap, 120); AT(patrol_answer, nodes, 128);
AT(patrol_answer, microseconds, 136); AT(patrol_answer, issues, 144); AT(patrol_answer, issue_capacity, 152);
AT(patrol_answer, issue_stride, 160); AT(patrol_answer, issue_count, 168);
AT(patrol_answer, routing_microseconds, 176); AT(patrol_answer, setup_microseconds, 184);
AT(patrol_answer, solver_microseconds, 192); AT(patrol_answer, patrol_microseconds, 200);
AT(patrol_answer, plans, 208); AT(patrol_answer, plan_capacity, 216); AT(patrol_answer, plan_stride, 224);
AT(patrol_answer, plan_count, 232); AT(patrol_answer, abstained, 240); AT(patrol_answer, reserved, 244);

SIZE(patrol_candidate, 16);
AT(patrol_candidate, next_node, 4); AT(patrol_candidate, travel_seconds, 8); AT(patrol_candidate, value, 12);

SIZE(patrol_pair, 24);
AT(patrol_pair, incident, 4); AT(patrol_pair, travel_seconds, 8); AT(patrol_pair, value, 12);
AT(patrol_pair, reward, 16);

SIZE(patrol_explanation, 80);
AT(patrol_explanation, incident_id, 8); AT(patrol_explanation, runner_up_unit_id, 16);
AT(patrol_explanation, objective_loss, 24); AT(patrol_explanation, reward, 32);
AT(patrol_explanation, value_change, 40); AT(patrol_explanation, travel_seconds, 48);
AT(patrol_explanation, runner_up_travel_seconds, 52); AT(patrol_explanation, solver_status, 56);
AT(patrol_explanation, reserved, 60); AT(patrol_explanation, least_loss, 64);
AT(patrol_explanation, abstained, 72); AT(patrol_explanation, reserved_2, 76);

SIZE(patrol_ranked_unit, 24);
AT(patrol_ranked_unit, worth, 8); AT(patrol_ranked_unit, travel_seconds, 16); AT(patrol_ranked_unit, reserved, 20);

SIZE(patrol_pair_explanation, 48);
AT(patrol_pair_explanation, reason, 4); AT(patrol_pair_explanation, assigned_incident_id, 8);
AT(patrol_pair_explanation, objective_loss, 16); AT(patrol_pair_explanation, least_loss, 24);
AT(patrol_pair_explanation, travel_seconds, 32); AT(patrol_pair_explanation, solver_status, 36);
AT(patrol_pair_explanation, abstained, 40); AT(patrol_pair_explanation, reserved, 44);

SIZE(patrol_record_info, 112);
AT(patrol_record_info, format, 4); AT(patrol_record_info, byte_count, 8); AT(patrol_record_info, area_hash, 16);
AT(patrol_record_info, policy_hash, 24); AT(patrol_record_info, options_hash, 32);
AT(patrol_record_info, time_seconds, 40); AT(patrol_record_info, hash, 48); AT(patrol_record_info, previous, 80);

SIZE(patrol_replay_options, 24);
AT(patrol_replay_options, reserved, 4); AT(patrol_replay_options, deadline_microseconds, 8);
AT(patrol_replay_options, cancel, 16);

IS(PATROL_ABI_VERSION, 1); IS(PATROL_OK, 0); IS(PATROL_ERROR_INVALID_ARGUMENT, 1); IS(PATROL_ERROR_STRUCT_SIZE, 2);
IS(PATROL_ERROR_VERSION_MISMATCH, 3); IS(PATROL_ERROR_OUT_OF_MEMORY, 4); IS(PATROL_ERROR_IO, 5);
IS(PATROL_ERROR_INVALID_FILE, 6); IS(PATROL_ERROR_UNSUPPORTED, 7); IS(PATROL_ERROR_MISMATCH, 8);
IS(PATROL_ERROR_OUT_OF_RANGE, 9); IS(PATROL_ERROR_INVALID_NUMBER, 10); IS(PATROL_ERROR_INVALID_ID, 11);
IS(PATROL_ERROR_CAPACITY, 12); IS(PATROL_ERROR_UNREACHABLE, 13); IS(PATROL_ERROR_UNKNOWN_NAME, 14);
IS(PATROL_ERROR_INTERNAL, 15); IS(PATROL_PRIORITIES, 8); IS(PATROL_WEEK_HOURS, 168); IS(PATROL_COORDINATES_NONE, 0);
IS(PATROL_COORDINATES_PLANAR, 1); IS(PATROL_COORDINATES_GEOGRAPHIC, 2); IS(PATROL_MODE_PATROL, 0);
IS(PATROL_MODE_EMERGENCY, 1); IS(PATROL_POLICY_HAS_PATROL, 1); IS(PATROL_POLICY_HAS_PAIR, 2);
IS(PATROL_POLICY_HAS_VALUE, 4); IS(PATROL_UNIT_OFF_DUTY, 0); IS(PATROL_UNIT_PATROLLING, 1);
IS(PATROL_UNIT_EN_ROUTE, 2); IS(PATROL_UNIT_ON_SCENE, 3); IS(PATROL_NEEDS, 4); IS(PATROL_SUBSTITUTES, 3); IS(PATROL_INCIDENT_ALL_OR_NONE, 1);
IS(PATROL_TASK_DISPATCH, 1); IS(PATROL_TASK_PATROL, 2); IS(PATROL_MOVE_POLICY, 0); IS(PATROL_MOVE_KEPT_TARGET, 1);
IS(PATROL_MOVE_RETURN_TO_BEAT, 2); IS(PATROL_MOVE_NO_CHOICE, 3); IS(PATROL_MOVE_NOT_DUE, 4);
IS(PATROL_MOVE_NOT_FREE, 5); IS(PATROL_MOVE_STALE_POSITION, 6); IS(PATROL_MOVE_NO_TIME, 8);
IS(PATROL_WAIT_NO_TIME, 7); IS(PATROL_WAIT_NOT_YET, 8); IS(PATROL_WAIT_PLANNED, 9); IS(PATROL_WHY_NOT_PLANNED, 24);
IS(PATROL_FIELD_LATE_SECONDS_UNTIL_FREE, 33); IS(PATROL_WAIT_NO_ELIGIBLE_UNIT, 0);
IS(PATROL_WAIT_UNITS_TAKEN, 1); IS(PATROL_WAIT_HELD, 2); IS(PATROL_WAIT_STRICT_PRIORITY, 3);
IS(PATROL_WAIT_RESERVE, 4); IS(PATROL_WAIT_ALL_OR_NONE, 5); IS(PATROL_SOLVER_OPTIMAL, 0);
IS(PATROL_SOLVER_WITHIN_GAP, 1); IS(PATROL_SOLVER_DEADLINE, 2); IS(PATROL_SOLVER_CANCELLED, 3);
IS(PATROL_SOLVER_NODE_LIMIT, 4); IS(PATROL_SOLVER_HEURISTIC, 5); IS(PATROL_SOLVER_NO_TIME, 6);
IS(PATROL_SOLVER_NOT_ASKED, 7); IS(PATROL_CANDIDATE_FEATURES, 28);
IS(PATROL_PAIR_FEATURES, 24); IS(PATROL_STATE_FEATURES, 64);

int main(void) {
    int32_t status;
    patrol_error error;
    INIT_AGREES_UP_TO(patrol_area_arrays, PATROL_AREA_ARRAYS_INIT, 120, expected.struct_size = 120);
    INIT_AGREES(patrol_area_options, PATROL_AREA_OPTIONS_INIT);
    INIT_AGREES(patrol_area_info, PATROL_AREA_INFO_INIT);
    INIT_AGREES_UP_TO(patrol_policy_info, PATROL_POLICY_INFO_INIT, 40, expected.struct_size = 40);
    INIT_AGREES_UP_TO(patrol_engine_options, PATROL_ENGINE_OPTIONS_INIT, 208, expected.struct_size = 208);
    INIT_AGREES_UP_TO(patrol_unit, PATROL_UNIT_INIT, 80, (void)0);
    INIT_AGREES_UP_TO(patrol_incident, PATROL_INCIDENT_INIT, 136, (void)0);
    INIT_AGREES_UP_TO(patrol_snapshot, PATROL_SNAPSHOT_INIT, 104, (expected.struct_size = 104, expected.unit_stride = 80, expected.incident_stride = 136));
    INIT_AGREES(patrol_decide_options, PATROL_DECIDE_OPTIONS_INIT);
    INIT_AGREES_UP_TO(patrol_answer, PATROL_ANSWER_INIT, 208, (expected.struct_size = 208, expected.assignment_stride = 40));
    INIT_AGREES(patrol_replay_options, PATROL_REPLAY_OPTIONS_INIT);
    INIT_AGREES(patrol_pair_explanation, PATROL_PAIR_EXPLANATION_INIT);
    INIT_AGREES(patrol_record_info, PATROL_RECORD_INFO_INIT);

    CHECK(patrol_abi_version() == PATROL_ABI_VERSION);
    CHECK(strcmp(patrol_version(), PATROL_VERSION) == 0);
    memset(&error, 0xA5, sizeof error);
    CHECK(patrol_abi_check(PATROL_ABI_VERSION, &error) == PATROL_OK);
    CHECK(error.status == (int32_t)0xA5A5A5A5);
    CHECK(patrol_abi_check(PATROL_ABI_VERSION, NULL) == PATROL_OK);
    CHECK(patrol_abi_check(97, NULL) == PATROL_ERROR_VERSION_MISMATCH);
    status = patrol_abi_check(97, &error);
    check_refusal(__FILE__, __LINE__, "a later header", status, PATROL_ERROR_VERSION_MISMATCH, &error, "97|1");

    CHECK(strcmp(patrol_status_name(PATROL_OK), "OK") == 0);
    CHECK(strcmp(patrol_status_name(PATROL_ERROR_UNKNOWN_NAME), "UNKNOWN_NAME") == 0);
    for (status = PATROL_OK; status <= PATROL_ERROR_NO_TIME; status += 1)
        CHECK(strcmp(patrol_status_name(status), "UNKNOWN") != 0);
    CHECK(strcmp(patrol_status_name(-1), "UNKNOWN") == 0);
    CHECK(strcmp(patrol_status_name(17), "NO_TIME") == 0 && strcmp(patrol_status_name(18), "UNKNOWN") == 0);

    patrol_area_destroy(NULL);
    patrol_policy_destroy(NULL);
    patrol_engine_destroy(NULL);
    patrol_session_destroy(NULL);
    return check_done("layout");
}
