/*
 * Times patrol_decide without an interpreter around it.
 *
 *     loop AREA POLICY REPEATS [NODES]
 *
 * AREA and POLICY are files ("-": heuristics). For each line of standard input, the path of a snapshot, prints the
 * nanoseconds of REPEATS calls, one a line. A snapshot file holds time_seconds (double), the numbers of units and incidents
 * and the sizes of their structs (uint64_t), the structs, and what is left of it, if anything, are the host's travel times.
 *
 * With NODES, the most that the dispatch solver may look at, there is no deadline, times are the thread's, and no call comes
 * before those that are timed: the last one was about another snapshot.
 */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "patrol.h"

enum { MAX_UNITS = 512, MAX_INCIDENTS = 128 };

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

/* Times `repeats` decisions for the snapshot in a file, without `nodes` after a few to warm up. */
static void time_snapshot(const char *path, patrol_session *session, long repeats, const char *nodes) {
    FILE *file = fopen(path, "rb");
    if (!file) {
        perror(path);
        exit(1);
    }
    patrol_snapshot snapshot = PATROL_SNAPSHOT_INIT;
    uint64_t unit_count, incident_count, unit_size, incident_size;
    read_exactly(&snapshot.time_seconds, sizeof snapshot.time_seconds, 1, file);
    read_exactly(&unit_count, sizeof unit_count, 1, file);
    read_exactly(&incident_count, sizeof incident_count, 1, file);
    read_exactly(&unit_size, sizeof unit_size, 1, file);
    read_exactly(&incident_size, sizeof incident_size, 1, file);
    patrol_unit *units = allocate(unit_count, unit_size);
    patrol_incident *incidents = allocate(incident_count, incident_size);
    float *travel = allocate(unit_count * incident_count, sizeof *travel);
    read_exactly(units, unit_size, unit_count, file);
    read_exactly(incidents, incident_size, incident_count, file);
    if (fread(travel, sizeof *travel, unit_count * incident_count, file) > 0) snapshot.travel_seconds = travel;
    fclose(file);
    snapshot.units = units;
    snapshot.unit_count = unit_count;
    snapshot.unit_stride = unit_size;
    snapshot.incidents = incidents;
    snapshot.incident_count = incident_count;
    snapshot.incident_stride = incident_size;

    patrol_answer answer = PATROL_ANSWER_INIT;
    answer.moves = allocate(unit_count, sizeof *answer.moves);
    answer.move_capacity = unit_count;
    answer.assignments = allocate(unit_count, sizeof *answer.assignments);
    answer.assignment_capacity = unit_count;
    answer.waits = allocate(incident_count, sizeof *answer.waits);
    answer.wait_capacity = incident_count;

    patrol_error error;
    patrol_decide_options options = PATROL_DECIDE_OPTIONS_INIT;
    if (nodes) options.deadline_microseconds = 0, options.node_limit = strtoull(nodes, NULL, 10);
    const clockid_t clock = nodes ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC;
    for (long repeat = nodes ? 0 : -1 - repeats / 10; repeat < repeats; repeat++) {
        struct timespec start, end;
        clock_gettime(clock, &start);
        int32_t status = patrol_decide(session, &snapshot, &options, &answer, &error);
        clock_gettime(clock, &end);
        check(status, &error);
        if (repeat >= 0) printf("%lld\n", (end.tv_sec - start.tv_sec) * 1000000000LL + (end.tv_nsec - start.tv_nsec));
    }
    fflush(stdout);
    free(answer.moves);
    free(answer.assignments);
    free(answer.waits);
    free(units);
    free(incidents);
    free(travel);
}

int main(int argument_count, char **arguments) {
    if (argument_count < 4 || argument_count > 5) {
        fprintf(stderr, "usage: loop AREA POLICY REPEATS [NODES]\n");
        return 2;
    }
    patrol_error error;
    patrol_area *area = NULL;
    patrol_policy *policy = NULL;
    patrol_engine *engine = NULL;
    patrol_session *session = NULL;
    check(patrol_area_load_file(arguments[1], NULL, &area, &error), &error);
    if (strcmp(arguments[2], "-") != 0) check(patrol_policy_load_file(arguments[2], &policy, &error), &error);
    check(patrol_engine_create(area, policy, NULL, &engine, &error), &error);
    check(patrol_session_create(engine, MAX_UNITS, MAX_INCIDENTS, &session, &error), &error);

    char path[4096];
    while (fgets(path, sizeof path, stdin)) {
        path[strcspn(path, "\n")] = 0;
        time_snapshot(path, session, strtol(arguments[3], NULL, 10), argument_count > 4 ? arguments[4] : NULL);
    }

    patrol_session_destroy(session);
    patrol_engine_destroy(engine);
    patrol_policy_destroy(policy);
    patrol_area_destroy(area);
    return 0;
}
