/*
 * Decides once and prints the decision.
 *
 *     sample                     the city of sample_city.h, made from arrays
 *     sample AREA [POLICY]       an area file, with the default heuristics or a policy file
 *
 * Build: cc sample.c $(pkg-config --cflags --libs libpatrol)
 */
#include <inttypes.h>
#include <patrol.h>
#include <stdio.h>
#include <stdlib.h>

#include "sample_city.h"

enum { UNITS = 3, CALLS = 2 };

static int32_t make_city(patrol_area **area, patrol_error *error) {
    patrol_area_arrays arrays = PATROL_AREA_ARRAYS_INIT;
    make_sample_city(&arrays);
    return patrol_area_create(&arrays, NULL, area, error);
}

/* Units at the first patrol locations, calls at the last; the second call is less urgent. */
static int32_t fill_snapshot(const patrol_area *area, patrol_unit *units, patrol_incident *calls, patrol_error *error) {
    static const patrol_unit unit = PATROL_UNIT_INIT;
    static const patrol_incident call = PATROL_INCIDENT_INIT;
    uint32_t *places;
    size_t count = 0, index;
    int32_t status = patrol_area_get_patrol_locations(area, NULL, 0, &count, error);
    if (status != PATROL_OK && status != PATROL_ERROR_CAPACITY) return status;
    places = malloc(count * sizeof *places);
    if (places == NULL) {
        snprintf(error->message, sizeof error->message, "no memory for %zu patrol locations", count);
        return PATROL_ERROR_OUT_OF_MEMORY;
    }
    status = patrol_area_get_patrol_locations(area, places, count, &count, error);
    for (index = 0; status == PATROL_OK && index < UNITS; index += 1) {
        units[index] = unit;
        units[index].id = 101 + index;
        units[index].node = places[index % count];
    }
    for (index = 0; status == PATROL_OK && index < CALLS; index += 1) {
        calls[index] = call;
        calls[index].id = 9001 + index;
        calls[index].node = places[(count - 1 - index) % count];
        calls[index].priority = (int32_t)index + 1;
        calls[index].seconds_waited = 20.0f;
    }
    free(places);
    return status;
}

static int32_t decide(patrol_session *session, const patrol_area *area, patrol_error *error) {
    patrol_unit units[UNITS];
    patrol_incident calls[CALLS];
    patrol_move moves[UNITS];
    patrol_assignment assignments[UNITS];
    patrol_wait waits[CALLS];
    patrol_snapshot snapshot = PATROL_SNAPSHOT_INIT;
    patrol_answer answer = PATROL_ANSWER_INIT;
    size_t index;
    int32_t status = fill_snapshot(area, units, calls, error);
    if (status != PATROL_OK) return status;
    snapshot.time_seconds = 20 * 3600.0; /* Monday, 8 in the evening */
    snapshot.units = units;
    snapshot.unit_count = UNITS;
    snapshot.incidents = calls;
    snapshot.incident_count = CALLS;
    answer.moves = moves, answer.assignments = assignments, answer.waits = waits;
    answer.move_capacity = answer.assignment_capacity = UNITS;
    answer.wait_capacity = CALLS;
    status = patrol_decide(session, &snapshot, NULL, &answer, error);
    if (status != PATROL_OK) return status;

    for (index = 0; index < answer.assignment_count; index += 1)
        printf("unit %" PRIu64 " goes to call %" PRIu64 ", %.0f s away\n", assignments[index].unit_id,
               assignments[index].incident_id, assignments[index].travel_seconds);
    for (index = 0; index < answer.wait_count; index += 1) printf("call %" PRIu64 " waits\n", waits[index].incident_id);
    for (index = 0; index < answer.move_count; index += 1)
        if (moves[index].target_node != PATROL_NO_NODE)
            printf("unit %" PRIu64 " patrols at node %" PRIu32 "\n", moves[index].unit_id, moves[index].target_node);
    return PATROL_OK;
}

int main(int count, char **arguments) {
    patrol_area *area = NULL;
    patrol_policy *policy = NULL;
    patrol_engine *engine = NULL;
    patrol_session *session = NULL;
    patrol_error error;
    /* Each step runs if the one before succeeded; whatever was made by then is destroyed below. */
    int32_t status = patrol_abi_check(PATROL_ABI_VERSION, &error);
    if (status == PATROL_OK)
        status = count > 1 ? patrol_area_load_file(arguments[1], NULL, &area, &error) : make_city(&area, &error);
    if (status == PATROL_OK && count > 2) status = patrol_policy_load_file(arguments[2], &policy, &error);
    if (status == PATROL_OK) status = patrol_engine_create(area, policy, NULL, &engine, &error);
    if (status == PATROL_OK) status = patrol_session_create(engine, UNITS, CALLS, &session, &error);
    if (status == PATROL_OK) status = decide(session, area, &error);
    if (status != PATROL_OK) fprintf(stderr, "sample: %s: %s\n", patrol_status_name(status), error.message);
    patrol_session_destroy(session);
    patrol_engine_destroy(engine);
    patrol_policy_destroy(policy);
    patrol_area_destroy(area);
    return status == PATROL_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
