#include <patrol.h>
#include <stdio.h>

int main(void) {
    const uint32_t edges[][2] = {{0, 1}, {1, 0}, {1, 2}, {2, 1}}; /* one street of three places, both ways */
    const float seconds[] = {60, 60, 90, 90}, on_scene[] = {900};
    patrol_area_arrays arrays = PATROL_AREA_ARRAYS_INIT;
    arrays.node_count = 3, arrays.edge_count = 4, arrays.edges = edges[0], arrays.edge_patrol_seconds = seconds;
    arrays.category_count = 1, arrays.category_service_seconds = on_scene;
    patrol_unit units[2] = {PATROL_UNIT_INIT, PATROL_UNIT_INIT};
    units[0].id = 17, units[0].node = 0, units[1].id = 18, units[1].node = 1;
    patrol_incident call = PATROL_INCIDENT_INIT;
    call.id = 4711, call.node = 2;
    patrol_snapshot now = PATROL_SNAPSHOT_INIT;
    now.units = units, now.unit_count = 2, now.incidents = &call, now.incident_count = 1;
    patrol_move moves[2];
    patrol_assignment assignments[2];
    patrol_wait wait; /* room for the answer */
    patrol_answer answer = PATROL_ANSWER_INIT;
    answer.moves = moves, answer.assignments = assignments, answer.waits = &wait;
    answer.move_capacity = answer.assignment_capacity = 2, answer.wait_capacity = 1;
    patrol_area *area = NULL;
    patrol_engine *engine = NULL;
    patrol_session *session = NULL;
    patrol_error error;
    int failed =
        patrol_area_create(&arrays, NULL, &area, &error) || patrol_engine_create(area, NULL, NULL, &engine, &error) ||
        patrol_session_create(engine, 2, 1, &session, &error) || patrol_decide(session, &now, NULL, &answer, &error);
    if (failed)
        fprintf(stderr, "%s\n", error.message);
    else
        printf("unit %d goes to call 4711, 17 to %u\n", (int)assignments[0].unit_id, (unsigned)moves[0].target_node);
    patrol_session_destroy(session), patrol_engine_destroy(engine), patrol_area_destroy(area);
    return failed;
}
