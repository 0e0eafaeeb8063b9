/*
 * Times patrol_decide without an interpreter around it.
 *
 *     loop AREA POLICY SNAPSHOT REPEATS
 *
 * AREA and POLICY are files ("-": heuristics); SNAPSHOT holds time_seconds (double), unit_count and incident_count
 * (uint64_t), then the structs. Prints the nanoseconds of each call, one a line.
 */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "patrol.h"

static void *allocate(size_t count, size_t size) {
    void *memory = calloc(count + 1, size);
    if (!memory) {
        fprintf(stderr, "out of memory\n");
        exit(1);
    }
    return memory;
}

static void read_exactly(void *into, size_t size, size_t count, FILE *file) {
    if (fread(into, size, count, file) != count) {
        fprintf(stderr, "the snapshot file is too short\n");
        exit(1);
    }
}

static void check(int32_t status, const patrol_error *error) {
    if (status != PATROL_OK) {
        fprintf(stderr, "%s: %s\n", patrol_status_name(status), error->message);
        exit(1);
    }
}

int main(int argument_count, char **arguments) {
    if (argument_count != 5) {
        fprintf(stderr, "usage: loop AREA POLICY SNAPSHOT REPEATS\n");
        return 2;
    }
    FILE *file = fopen(arguments[3], "rb");
    if (!file) {
        perror(arguments[3]);
        return 1;
    }
    double time_seconds;
    uint64_t unit_count, incident_count;
    read_exactly(&time_seconds, sizeof time_seconds, 1, file);
    read_exactly(&unit_count, sizeof unit_count, 1, file);
    read_exactly(&incident_count, sizeof incident_count, 1, file);
    patrol_unit *units = allocate(unit_count, sizeof *units);
    patrol_incident *incidents = allocate(incident_count, sizeof *incidents);
    read_exactly(units, sizeof *units, unit_count, file);
    read_exactly(incidents, sizeof *incidents, incident_count, file);
    fclose(file);

    patrol_error error;
    patrol_area *area = NULL;
    patrol_policy *policy = NULL;
    patrol_engine *engine = NULL;
    patrol_session *session = NULL;
    check(patrol_area_load_file(arguments[1], NULL, &area, &error), &error);
    if (strcmp(arguments[2], "-") != 0) check(patrol_policy_load_file(arguments[2], &policy, &error), &error);
    check(patrol_engine_create(area, policy, NULL, &engine, &error), &error);
    check(patrol_session_create(engine, (uint32_t)unit_count, (uint32_t)incident_count, &session, &error), &error);

    patrol_snapshot snapshot = PATROL_SNAPSHOT_INIT;
    snapshot.time_seconds = time_seconds;
    snapshot.units = units;
    snapshot.unit_count = unit_count;
    snapshot.incidents = incidents;
    snapshot.incident_count = incident_count;
    patrol_answer answer = PATROL_ANSWER_INIT;
    answer.moves = allocate(unit_count, sizeof *answer.moves);
    answer.move_capacity = unit_count;
    answer.assignments = allocate(unit_count, sizeof *answer.assignments);
    answer.assignment_capacity = unit_count;
    answer.waits = allocate(incident_count, sizeof *answer.waits);
    answer.wait_capacity = incident_count;

    long repeats = strtol(arguments[4], NULL, 10);
    for (long repeat = -repeats / 10; repeat < repeats; repeat++) {
        struct timespec start, end;
        clock_gettime(CLOCK_MONOTONIC, &start);
        int32_t status = patrol_decide(session, &snapshot, NULL, &answer, &error);
        clock_gettime(CLOCK_MONOTONIC, &end);
        check(status, &error);
        if (repeat >= 0) printf("%lld\n", (end.tv_sec - start.tv_sec) * 1000000000LL + (end.tv_nsec - start.tv_nsec));
    }

    free(answer.moves);
    free(answer.assignments);
    free(answer.waits);
    free(units);
    free(incidents);
    patrol_session_destroy(session);
    patrol_engine_destroy(engine);
    patrol_policy_destroy(policy);
    patrol_area_destroy(area);
    return 0;
}
