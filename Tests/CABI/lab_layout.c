/* As layout.c for patrol_lab.h. Builds as C and as C++; the header is included twice. */
#include <patrol_lab.h>
#include <patrol_lab.h>

#include "pin.h"

SIZE(patrol_fleet_unit, 24);
AT(patrol_fleet_unit, capabilities, 8); AT(patrol_fleet_unit, start_node, 16); AT(patrol_fleet_unit, home_beat, 20);

SIZE(patrol_shift, 16);
AT(patrol_shift, start_hour, 4); AT(patrol_shift, end_hour, 8); AT(patrol_shift, reserved, 12);

SIZE(patrol_call_category, 48);
AT(patrol_call_category, service_mean_seconds, 8); AT(patrol_call_category, service_variation, 16);
AT(patrol_call_category, weight, 24); AT(patrol_call_category, priority, 28);
AT(patrol_call_category, units_required, 32); AT(patrol_call_category, service_kind, 36);
AT(patrol_call_category, first_sample, 40); AT(patrol_call_category, sample_count, 44);

SIZE(patrol_storm, 24);
AT(patrol_storm, end_seconds, 8); AT(patrol_storm, multiplier, 16);

SIZE(patrol_logged_call, 24);
AT(patrol_logged_call, node, 8); AT(patrol_logged_call, category, 12); AT(patrol_logged_call, priority, 16);
AT(patrol_logged_call, service_seconds, 20);

SIZE(patrol_scenario_arrays, 344);
AT(patrol_scenario_arrays, unit_count, 4); AT(patrol_scenario_arrays, units, 8);
AT(patrol_scenario_arrays, unit_stride, 16); AT(patrol_scenario_arrays, shifts, 24);
AT(patrol_scenario_arrays, shift_count, 32); AT(patrol_scenario_arrays, shift_stride, 40);
AT(patrol_scenario_arrays, categories, 48); AT(patrol_scenario_arrays, category_stride, 56);
AT(patrol_scenario_arrays, service_samples, 64); AT(patrol_scenario_arrays, service_sample_count, 72);
AT(patrol_scenario_arrays, group_weights, 80); AT(patrol_scenario_arrays, storms, 88);
AT(patrol_scenario_arrays, storm_count, 96); AT(patrol_scenario_arrays, storm_stride, 104);
AT(patrol_scenario_arrays, calls, 112); AT(patrol_scenario_arrays, call_count, 120);
AT(patrol_scenario_arrays, call_stride, 128); AT(patrol_scenario_arrays, work_per_hour, 136);
AT(patrol_scenario_arrays, work_hours, 144); AT(patrol_scenario_arrays, work_mean_seconds, 152);
AT(patrol_scenario_arrays, out_of_service_per_hour, 160); AT(patrol_scenario_arrays, out_of_service_mean_seconds, 168);
AT(patrol_scenario_arrays, rate_scale, 176); AT(patrol_scenario_arrays, overflow_seconds, 184);
AT(patrol_scenario_arrays, compliance, 192); AT(patrol_scenario_arrays, reassessment_seconds, 200);
AT(patrol_scenario_arrays, start_seconds, 208); AT(patrol_scenario_arrays, warm_up_seconds, 216);
AT(patrol_scenario_arrays, queue_capacity, 224); AT(patrol_scenario_arrays, work_interruptible_priority, 228);
AT(patrol_scenario_arrays, response_target_seconds, 232); AT(patrol_scenario_arrays, grace_seconds, 264);
AT(patrol_scenario_arrays, knows_time_left, 296); AT(patrol_scenario_arrays, notice_seconds, 300);
AT(patrol_scenario_arrays, late_price_seconds, 304); AT(patrol_scenario_arrays, presence_seconds, 336);
AT(patrol_scenario_arrays, absence_price, 340);

SIZE(patrol_simulation_options, 32);
AT(patrol_simulation_options, event_capacity, 4); AT(patrol_simulation_options, seed, 8);
AT(patrol_simulation_options, node_limit, 16); AT(patrol_simulation_options, relative_gap, 24);

SIZE(patrol_simulation_state, 56);
AT(patrol_simulation_state, due, 4); AT(patrol_simulation_state, time_seconds, 8);
AT(patrol_simulation_state, cumulative_cost, 16); AT(patrol_simulation_state, events, 24);
AT(patrol_simulation_state, decisions, 32); AT(patrol_simulation_state, open_incidents, 40);
AT(patrol_simulation_state, queued_incidents, 44); AT(patrol_simulation_state, events_lost, 48);

SIZE(patrol_simulation_event, 32);
AT(patrol_simulation_event, incident_id, 8); AT(patrol_simulation_event, kind, 16);
AT(patrol_simulation_event, unit, 20); AT(patrol_simulation_event, node, 24); AT(patrol_simulation_event, priority, 28);
AT(patrol_simulation_event, category, 30);

SIZE(patrol_response, 104);
AT(patrol_response, reached, 8); AT(patrol_response, lost, 16); AT(patrol_response, waiting, 24);
AT(patrol_response, mean, 32); AT(patrol_response, median, 40); AT(patrol_response, p90, 48);
AT(patrol_response, p95, 56); AT(patrol_response, charged_mean, 64); AT(patrol_response, charged_median, 72);
AT(patrol_response, charged_p90, 80); AT(patrol_response, charged_p95, 88); AT(patrol_response, within_target, 96);

SIZE(patrol_metrics, 288);
AT(patrol_metrics, reserved, 4); AT(patrol_metrics, seconds, 8); AT(patrol_metrics, calls, 16);
AT(patrol_metrics, served, 24); AT(patrol_metrics, lost, 32); AT(patrol_metrics, open, 40);
AT(patrol_metrics, response, 48); AT(patrol_metrics, mean_queue_wait, 152); AT(patrol_metrics, p90_queue_wait, 160);
AT(patrol_metrics, mean_travel, 168); AT(patrol_metrics, p90_travel, 176); AT(patrol_metrics, mean_until_complete, 184);
AT(patrol_metrics, cost_rate, 192); AT(patrol_metrics, utilization, 200); AT(patrol_metrics, utilization_gini, 208);
AT(patrol_metrics, across_beats, 216); AT(patrol_metrics, coverage, 224); AT(patrol_metrics, equity_difference, 232);
AT(patrol_metrics, equity_ratio, 240); AT(patrol_metrics, dispatches, 248); AT(patrol_metrics, diversions, 256);
AT(patrol_metrics, events, 264); AT(patrol_metrics, decisions, 272); AT(patrol_metrics, presence, 280);

SIZE(patrol_unit_times, 64);
AT(patrol_unit_times, out_of_service, 8); AT(patrol_unit_times, standing, 16); AT(patrol_unit_times, driving, 24);
AT(patrol_unit_times, en_route, 32); AT(patrol_unit_times, on_scene, 40); AT(patrol_unit_times, self_initiated, 48);
AT(patrol_unit_times, dispatches, 56);

SIZE(patrol_batch_options, 40);
AT(patrol_batch_options, simulations, 4); AT(patrol_batch_options, seed, 8);
AT(patrol_batch_options, episode_seconds, 16); AT(patrol_batch_options, node_limit, 24); AT(patrol_batch_options, seeds, 32);

SIZE(patrol_batch_arrays, 80);
AT(patrol_batch_arrays, reserved, 4); AT(patrol_batch_arrays, features, 8); AT(patrol_batch_arrays, moves, 16);
AT(patrol_batch_arrays, nodes, 24); AT(patrol_batch_arrays, units, 32); AT(patrol_batch_arrays, time_seconds, 40);
AT(patrol_batch_arrays, cumulative_cost, 48); AT(patrol_batch_arrays, interrupted, 56);
AT(patrol_batch_arrays, ended, 64); AT(patrol_batch_arrays, ended_cost, 72);

SIZE(patrol_trainer_options, 232);
AT(patrol_trainer_options, rounds, 4); AT(patrol_trainer_options, seed, 8); AT(patrol_trainer_options, variant, 16);
AT(patrol_trainer_options, goal, 20); AT(patrol_trainer_options, warm_start, 24);
AT(patrol_trainer_options, threads, 28); AT(patrol_trainer_options, validations, 32);
AT(patrol_trainer_options, heuristic_patrol_count, 36); AT(patrol_trainer_options, heuristic_dispatch_count, 40);
AT(patrol_trainer_options, reserved, 44); AT(patrol_trainer_options, heuristic_patrols, 48);
AT(patrol_trainer_options, heuristic_dispatches, 56); AT(patrol_trainer_options, validation_seconds, 64);
AT(patrol_trainer_options, value_form, 72); AT(patrol_trainer_options, learns_pairs, 76);
AT(patrol_trainer_options, pair_layers, 80); AT(patrol_trainer_options, value_hidden, 96);
AT(patrol_trainer_options, value_block, 100); AT(patrol_trainer_options, bootstrap_comparisons, 104);
AT(patrol_trainer_options, comparisons, 108); AT(patrol_trainer_options, iterations, 112);
AT(patrol_trainer_options, dispatch_generations, 116); AT(patrol_trainer_options, horizon_seconds, 120);
AT(patrol_trainer_options, compared_share, 128); AT(patrol_trainer_options, explored_share, 132);
AT(patrol_trainer_options, search_population, 136); AT(patrol_trainer_options, search_replications, 140);
AT(patrol_trainer_options, patrol_method, 144); AT(patrol_trainer_options, patrol_generations, 148);
AT(patrol_trainer_options, patrol_reward, 152); AT(patrol_trainer_options, patrol_spans_calls, 156);
AT(patrol_trainer_options, patrol_presence, 160); AT(patrol_trainer_options, patrol_driving_price, 164);
AT(patrol_trainer_options, patrol_layers, 168); AT(patrol_trainer_options, patrol_rounds, 184);
AT(patrol_trainer_options, patrol_heuristic_rounds, 188); AT(patrol_trainer_options, patrol_episodes, 192);
AT(patrol_trainer_options, patrol_steps, 196); AT(patrol_trainer_options, patrol_episode_seconds, 200);
AT(patrol_trainer_options, patrol_discount_rate, 208); AT(patrol_trainer_options, validation_limit, 216);
AT(patrol_trainer_options, reserved_end, 220); AT(patrol_trainer_options, goal_price, 224);
AT(patrol_trainer_options, goal_priority, 228);

SIZE(patrol_phase_outcome, 72);
AT(patrol_phase_outcome, round, 4); AT(patrol_phase_outcome, events, 8); AT(patrol_phase_outcome, cost, 16);
AT(patrol_phase_outcome, worst_group, 24); AT(patrol_phase_outcome, difference, 32);
AT(patrol_phase_outcome, half_width, 40); AT(patrol_phase_outcome, is_accepted, 48);
AT(patrol_phase_outcome, replications, 52); AT(patrol_phase_outcome, goal_value, 56);
AT(patrol_phase_outcome, mean_response, 64);

SIZE(patrol_training_progress, 56);
AT(patrol_training_progress, kind, 4); AT(patrol_training_progress, phase, 8);
AT(patrol_training_progress, phase_count, 12); AT(patrol_training_progress, is_validating, 16);
AT(patrol_training_progress, outcome_count, 20); AT(patrol_training_progress, share, 24);
AT(patrol_training_progress, best_cost, 32); AT(patrol_training_progress, events, 40);
AT(patrol_training_progress, replications, 48); AT(patrol_training_progress, next_look, 52);

IS(PATROL_SERVICE_EXPONENTIAL, 0); IS(PATROL_SERVICE_LOG_NORMAL, 1); IS(PATROL_SERVICE_GAMMA, 2);
IS(PATROL_SERVICE_EMPIRICAL, 3); IS(PATROL_DUE_NOTHING, 0); IS(PATROL_DUE_DISPATCH, 1); IS(PATROL_DUE_PATROL, 2);
IS(PATROL_EVENT_CALL_CAME, 0); IS(PATROL_EVENT_CALL_LOST, 1); IS(PATROL_EVENT_CALL_REACHED, 2);
IS(PATROL_EVENT_CALL_COMPLETE, 3); IS(PATROL_EVENT_CALL_ENDED, 4); IS(PATROL_EVENT_UNIT_SENT, 5);
IS(PATROL_EVENT_UNIT_DIVERTED, 6); IS(PATROL_EVENT_UNIT_ON_SCENE, 7); IS(PATROL_EVENT_UNIT_FREED, 8);
IS(PATROL_EVENT_MOVE_BEGAN, 9); IS(PATROL_EVENT_MOVE_ENDED, 10); IS(PATROL_EVENT_STAY_ENDED, 11);
IS(PATROL_EVENT_SHIFT_BEGAN, 12); IS(PATROL_EVENT_SHIFT_ENDED, 13); IS(PATROL_EVENT_OUT_OF_SERVICE_BEGAN, 14);
IS(PATROL_EVENT_OUT_OF_SERVICE_ENDED, 15); IS(PATROL_EVENT_WORK_BEGAN, 16); IS(PATROL_EVENT_WORK_ENDED, 17);
IS(PATROL_EVENT_WORK_LEFT, 18); IS(PATROL_EVENT_REASSESSMENT, 19); IS(PATROL_EVENT_MEASURING_BEGAN, 20);
IS(PATROL_CLASS_PRIORITY, 0); IS(PATROL_CLASS_BEAT, 1); IS(PATROL_CLASS_GROUP, 2); IS(PATROL_CLASS_CATEGORY, 3);
IS(PATROL_CLASS_HOUR, 4); IS(PATROL_CLASS_SHIFT, 5);
IS(PATROL_VARIANT_JOINT, 0); IS(PATROL_VARIANT_APART, 1); IS(PATROL_VARIANT_PATROL_ONLY, 2);
IS(PATROL_VARIANT_DISPATCH_ONLY, 3); IS(PATROL_GOAL_COST, 0); IS(PATROL_GOAL_WORST_GROUP, 1);
IS(PATROL_GOAL_WITHIN_TARGET, 2); IS(PATROL_GOAL_P90, 3); IS(PATROL_GOAL_PRESENCE, 4); IS(PATROL_VALUE_NONE, 0);
IS(PATROL_VALUE_CONCAVE, 1); IS(PATROL_VALUE_GENERAL, 2); IS(PATROL_REWARD_DIFFERENCE, 0);
IS(PATROL_METHOD_Q_LEARNING, 0); IS(PATROL_METHOD_SEARCH, 1);
IS(PATROL_METHOD_ROLLOUTS, 2);
IS(PATROL_REWARD_BACKUP_DIFFERENCE, 1);
IS(PATROL_REWARD_TEAM_COVERAGE, 2); IS(PATROL_REWARD_TEAM_COST, 3); IS(PATROL_TRAINER_LAYERS, 4);
IS(PATROL_PHASE_HEURISTIC, 0); IS(PATROL_PHASE_DISPATCH, 1); IS(PATROL_PHASE_PATROL, 2); IS(PATROL_PHASE_COMBINATION, 3);
IS(PATROL_PHASE_NONE, 4);

/* The options of training have no macro: the function writes every byte that version 0.1 has, the same each time. */
static void check_trainer_options(void) {
    patrol_trainer_options from_zeros, from_ones;
    memset(&from_zeros, 0, sizeof from_zeros);
    memset(&from_ones, 0xFF, sizeof from_ones);
    patrol_trainer_options_init(&from_zeros);
    patrol_trainer_options_init(&from_ones);
    CHECK(memcmp(&from_zeros, &from_ones, 224) == 0);
    CHECK(from_zeros.struct_size == 224 && from_zeros.reserved == 0 && from_ones.goal_priority == UINT32_MAX);
    CHECK(from_zeros.heuristic_patrol_count == 0 && from_zeros.heuristic_patrols == NULL);
    CHECK(from_zeros.heuristic_dispatch_count == 0 && from_zeros.heuristic_dispatches == NULL);
    CHECK(from_zeros.pair_layers[0] > 0 && from_zeros.patrol_layers[0] > 0 && from_zeros.patrol_layers[3] == 0);
    patrol_trainer_options_init(NULL);
}

int main(void) {
    INIT_AGREES_UP_TO(patrol_scenario_arrays, PATROL_SCENARIO_ARRAYS_INIT, 296, expected.struct_size = 296);
    INIT_AGREES(patrol_simulation_options, PATROL_SIMULATION_OPTIONS_INIT);
    INIT_AGREES(patrol_simulation_state, PATROL_SIMULATION_STATE_INIT);
    INIT_AGREES_UP_TO(patrol_metrics, PATROL_METRICS_INIT, 280, expected.struct_size = 280);
    INIT_AGREES(patrol_batch_options, PATROL_BATCH_OPTIONS_INIT);
    INIT_AGREES(patrol_batch_arrays, PATROL_BATCH_ARRAYS_INIT);
    INIT_AGREES(patrol_training_progress, PATROL_TRAINING_PROGRESS_INIT);
    check_trainer_options();

    CHECK(patrol_abi_version() == PATROL_ABI_VERSION); /* what patrol.h has is there too */
    patrol_scenario_destroy(NULL);
    patrol_simulation_destroy(NULL);
    patrol_batch_destroy(NULL);
    patrol_trainer_destroy(NULL);
    return check_done("lab_layout");
}
