/*
 * What may be asked wrongly after a decision: explanations of a pair or a call, records, their chains, their JSON and
 * replays. Each row breaks one argument; outputs stay as they were, and the good question is answered afterwards as before.
 */
#include "files.h"

#define RECORD_BYTES (1 << 14)

static patrol_area *area;
static patrol_policy *policy;
static patrol_engine *engine, *other;
static patrol_session *session;
static request r;
static uint8_t record[RECORD_BYTES], second[RECORD_BYTES], chain[2 * RECORD_BYTES];
static size_t record_size, second_size;

/* Every output of these functions. */
typedef struct outputs {
    patrol_pair_explanation pair;
    patrol_explanation explanations[3];
    patrol_record_info info;
    uint8_t bytes[64];
    char text[64];
    size_t count;
    uint64_t microseconds;
    request answer;
} outputs;

static outputs o, untouched;

static void judge(int line, const char *title, int32_t status, int32_t expected, const patrol_error *error,
                  const char *culprit) {
    check_refusal(__FILE__, line, title, status, expected, error, culprit);
    if (expected == PATROL_ERROR_CAPACITY) o.count = untouched.count;
    check(memcmp(&o, &untouched, sizeof o) == 0, __FILE__, line, "%s: an output was written", title);
    memcpy(&o, &untouched, sizeof o);
}

#define REFUSED(expected, culprit, call)                                                                               \
    do {                                                                                                               \
        patrol_error refusal, *error = &refusal;                                                                       \
        memset(error, 0xA5, sizeof *error);                                                                            \
        judge(__LINE__, #call, call, PATROL_ERROR_##expected, error, culprit);                                         \
    } while (0)

static void outputs_init(void) {
    static const patrol_pair_explanation no_pair = PATROL_PAIR_EXPLANATION_INIT;
    static const patrol_record_info no_info = PATROL_RECORD_INFO_INIT;
    memset(&untouched, 0xA5, sizeof untouched);
    untouched.pair = no_pair;
    untouched.info = no_info;
    request_init(&untouched.answer);
    memcpy(&o, &untouched, sizeof o);
}

#define PAIR(snapshot, options, unit, call, explanation)                                                               \
    patrol_explain_pair(session, snapshot, options, unit, call, explanation, error)

static void check_pair(void) {
    patrol_decide_options bad = PATROL_DECIDE_OPTIONS_INIT;
    REFUSED(INVALID_ARGUMENT, "session is NULL",
            patrol_explain_pair(NULL, &r.snapshot, &r.options, 7000, 500, &o.pair, error));
    REFUSED(INVALID_ARGUMENT, "snapshot is NULL", PAIR(NULL, &r.options, 7000, 500, &o.pair));
    REFUSED(INVALID_ARGUMENT, "explanation is NULL", PAIR(&r.snapshot, &r.options, 7000, 500, NULL));
    REFUSED(INVALID_ID, "unit_id|7009", PAIR(&r.snapshot, &r.options, 7009, 500, &o.pair));
    REFUSED(INVALID_ID, "unit_id|18446744073709551615", PAIR(&r.snapshot, &r.options, PATROL_NO_ID, 500, &o.pair));
    REFUSED(INVALID_ID, "incident_id|7000", PAIR(&r.snapshot, &r.options, 7000, 7000, &o.pair));
    bad.relative_gap = -1.0;
    REFUSED(INVALID_NUMBER, "relative_gap|-1", PAIR(&r.snapshot, &bad, 7000, 500, &o.pair));
    bad.relative_gap = 0.0;
    bad.tasks = 4;
    REFUSED(INVALID_ARGUMENT, "tasks|4", PAIR(&r.snapshot, &bad, 7000, 500, &o.pair));
    untouched.pair.struct_size = o.pair.struct_size = 12;
    REFUSED(STRUCT_SIZE, "struct_size|12", PAIR(&r.snapshot, &r.options, 7000, 500, &o.pair));
    outputs_init();
    r.units[0].node = 99; /* a row that is left out cannot be asked about; the others can */
    REFUSED(INVALID_ID, "unit_id|7000|left out", PAIR(&r.snapshot, &r.options, 7000, 500, &o.pair));
    MUST(PAIR(&r.snapshot, &r.options, 7001, 500, &o.pair));
    outputs_init();
    bad.tasks = 3;
    bad.bad_rows = PATROL_BAD_ROWS_REFUSE;
    REFUSED(OUT_OF_RANGE, "units[0].node|99", PAIR(&r.snapshot, &bad, 7001, 500, &o.pair));
    r.units[0].node = 0;
    MUST(PAIR(&r.snapshot, &bad, 7001, 500, &o.pair));
    outputs_init();
}

#define CALL(id, into, capacity, stride, count)                                                                        \
    patrol_explain_call(session, &r.snapshot, &r.options, id, into, capacity, stride, count, error)

static void check_call(void) {
    REFUSED(INVALID_ARGUMENT, "session is NULL",
            patrol_explain_call(NULL, &r.snapshot, &r.options, 500, o.explanations, 3, 0, &o.count, error));
    REFUSED(INVALID_ARGUMENT, "snapshot is NULL",
            patrol_explain_call(session, NULL, &r.options, 500, o.explanations, 3, 0, &o.count, error));
    REFUSED(INVALID_ARGUMENT, "count is NULL", CALL(500, o.explanations, 3, 0, NULL));
    REFUSED(INVALID_ARGUMENT, "explanations is NULL", CALL(500, NULL, 3, 0, &o.count));
    REFUSED(INVALID_ARGUMENT, "stride of explanations|7", CALL(500, o.explanations, 3, 7, &o.count));
    REFUSED(INVALID_ID, "incident_id|499", CALL(499, o.explanations, 3, 0, &o.count));
    REFUSED(INVALID_ID, "incident_id|18446744073709551615", CALL(PATROL_NO_ID, o.explanations, 3, 0, &o.count));
    REFUSED(INVALID_ARGUMENT, "session is NULL", patrol_session_least_deadline(NULL, &o.microseconds, error));
    REFUSED(INVALID_ARGUMENT, "microseconds is NULL", patrol_session_least_deadline(session, NULL, error));
}

/* The record of a decision, after another one where `previous` is not NULL. */
static size_t write_record(const uint8_t *previous, size_t previous_size, uint8_t *bytes) {
    size_t size = 0;
    MUST(patrol_decision_record_after(engine, &r.snapshot, &r.options, &r.answer, previous, previous_size, bytes,
                                      RECORD_BYTES, &size, error));
    return size;
}

#define RECORD(snapshot, options, answer, previous, previous_size, bytes, capacity, size)                              \
    patrol_decision_record_after(engine, snapshot, options, answer, previous, previous_size, bytes, capacity, size,    \
                                 error)

static void check_record(void) {
    static const patrol_answer none = PATROL_ANSWER_INIT;
    patrol_answer answer;
    size_t k;
    REFUSED(
        INVALID_ARGUMENT, "engine is NULL",
        patrol_decision_record_after(NULL, &r.snapshot, &r.options, &r.answer, NULL, 0, o.bytes, 64, &o.count, error));
    REFUSED(INVALID_ARGUMENT, "snapshot is NULL", RECORD(NULL, &r.options, &r.answer, NULL, 0, o.bytes, 64, &o.count));
    REFUSED(INVALID_ARGUMENT, "answer is NULL", RECORD(&r.snapshot, &r.options, NULL, NULL, 0, o.bytes, 64, &o.count));
    REFUSED(INVALID_ARGUMENT, "size is NULL", RECORD(&r.snapshot, &r.options, &r.answer, NULL, 0, o.bytes, 64, NULL));
    REFUSED(INVALID_ARGUMENT, "bytes is NULL", RECORD(&r.snapshot, &r.options, &r.answer, NULL, 0, NULL, 64, &o.count));
    REFUSED(CAPACITY, "bytes|64", RECORD(&r.snapshot, &r.options, &r.answer, NULL, 0, o.bytes, 64, &o.count));
    REFUSED(INVALID_ARGUMENT, "bytes is NULL",
            RECORD(&r.snapshot, &r.options, &r.answer, NULL, 8, o.bytes, 64, &o.count));
    REFUSED(INVALID_FILE, "not a complete decision record",
            RECORD(&r.snapshot, &r.options, &r.answer, record, record_size - 1, o.bytes, 64, &o.count));
    REFUSED(INVALID_FILE, "previous_size",
            RECORD(&r.snapshot, &r.options, &r.answer, record, record_size + 8, o.bytes, 64, &o.count));
    /* An answer that cannot be of this snapshot. */
    for (k = 0; k < 6; k += 1) {
        static const char *const culprits[] = {"move_count|4|3", "assignment_count|4|3", "wait_count|3|2"};
        const size_t count = k < 3 ? (k == 2 ? 3 : 4) : SIZE_MAX / 128;
        answer = r.answer;
        if (k % 3 == 0) answer.move_count = count;
        if (k % 3 == 1) answer.assignment_count = count;
        if (k % 3 == 2) answer.wait_count = count;
        REFUSED(INVALID_ARGUMENT, k < 3 ? culprits[k] : "_count|expected",
                RECORD(&r.snapshot, &r.options, &answer, NULL, 0, o.bytes, 64, &o.count));
    }
    answer = none;
    answer.struct_size = 8;
    REFUSED(STRUCT_SIZE, "answer|struct_size|8", RECORD(&r.snapshot, &r.options, &answer, NULL, 0, NULL, 0, &o.count));
}

static void check_reading(void) {
    uint8_t format;
    memcpy(chain, second, second_size);
    memcpy(chain + second_size, record, record_size);
    REFUSED(INVALID_ARGUMENT, "bytes is NULL", patrol_record_get_info(NULL, 8, &o.info, error));
    REFUSED(INVALID_ARGUMENT, "info is NULL", patrol_record_get_info(record, record_size, NULL, error));
    REFUSED(INVALID_ARGUMENT, "size", patrol_record_get_info(record, SIZE_MAX, &o.info, error));
    REFUSED(INVALID_FILE, "ends at byte 0", patrol_record_get_info(record, 0, &o.info, error));
    REFUSED(INVALID_FILE, "ends at byte", patrol_record_get_info(record, record_size - 8, &o.info, error));
    REFUSED(INVALID_ARGUMENT, "count is NULL", patrol_records_check(record, record_size, NULL, error));
    REFUSED(INVALID_ARGUMENT, "bytes is NULL", patrol_records_check(NULL, 8, &o.count, error));
    untouched.count = 1; /* how many are whole is told on failure too */
    REFUSED(MISMATCH, "record 1 does not name record 0",
            patrol_records_check(chain, second_size + record_size, &o.count, error));
    REFUSED(INVALID_FILE, "record 1: ", patrol_records_check(chain, second_size + 24, &o.count, error));
    outputs_init();
    REFUSED(INVALID_ARGUMENT, "bytes is NULL", patrol_decision_json(NULL, NULL, 8, o.text, 64, &o.count, error));
    REFUSED(INVALID_ARGUMENT, "length is NULL",
            patrol_decision_json(NULL, record, record_size, o.text, 64, NULL, error));
    REFUSED(INVALID_ARGUMENT, "text is NULL",
            patrol_decision_json(NULL, record, record_size, NULL, 64, &o.count, error));
    REFUSED(CAPACITY, "text|64", patrol_decision_json(NULL, record, record_size, o.text, 64, &o.count, error));
    REFUSED(MISMATCH, "engine options", patrol_decision_json(other, record, record_size, o.text, 64, &o.count, error));
    REFUSED(INVALID_FILE, "follow it",
            patrol_decision_json(engine, chain, second_size + record_size, o.text, 64, &o.count, error));
    record[0] ^= 1;
    REFUSED(INVALID_FILE, "does not start like one",
            patrol_decision_json(NULL, record, record_size, o.text, 64, &o.count, error));
    record[0] ^= 1;
    format = record[7];
    record[7] = '6';
    REFUSED(VERSION_MISMATCH, "format 6", patrol_record_get_info(record, record_size, &o.info, error));
    record[7] = format;
    record[8] ^= 2;
    REFUSED(VERSION_MISMATCH, "ABI version 3", patrol_record_get_info(record, record_size, &o.info, error));
    record[8] ^= 2;
}

static void check_replay(void) {
    patrol_replay_options options = PATROL_REPLAY_OPTIONS_INIT;
    const int32_t set = 1;
    options.reserved = 1;
    REFUSED(INVALID_ARGUMENT, "reserved|1",
            patrol_decision_replay_within(engine, record, record_size, &options, &o.answer.answer, error));
    options.reserved = 0;
    options.struct_size = 4;
    REFUSED(STRUCT_SIZE, "struct_size|4",
            patrol_decision_replay_within(engine, record, record_size, &options, &o.answer.answer, error));
    options.struct_size = (uint32_t)sizeof options;
    options.cancel = &set;
    REFUSED(NO_TIME, "cancel",
            patrol_decision_replay_within(engine, record, record_size, &options, &o.answer.answer, error));
    options.cancel = NULL;
    REFUSED(INVALID_ARGUMENT, "engine is NULL",
            patrol_decision_replay_within(NULL, record, record_size, &options, &o.answer.answer, error));
    REFUSED(MISMATCH, "engine options",
            patrol_decision_replay_within(other, record, record_size, &options, &o.answer.answer, error));
    untouched.answer.answer.move_capacity = o.answer.answer.move_capacity = 2;
    REFUSED(CAPACITY, "moves|2|3",
            patrol_decision_replay_within(engine, record, record_size, &options, &o.answer.answer, error));
    MUST(patrol_decision_replay_within(engine, record, record_size, &options, NULL, error));
}

int main(void) {
    patrol_engine_options options = PATROL_ENGINE_OPTIONS_INIT;
    area = city_area();
    policy = good_policy();
    MUST(patrol_engine_create(area, policy, NULL, &engine, error));
    options.stay_seconds = 61.0f;
    MUST(patrol_engine_create(area, policy, &options, &other, error));
    MUST(patrol_session_create(engine, 4, 4, &session, error));
    request_init(&r);
    request_add_all(&r);
    outputs_init();
    check_pair();
    check_call();
    MUST(request_decide(&r, session, error));
    record_size = write_record(NULL, 0, record);
    second_size = write_record(record, record_size, second);
    check_record();
    check_reading();
    check_replay();
    CHECK(write_record(NULL, 0, chain) == record_size && memcmp(chain, record, record_size) == 0);
    patrol_session_destroy(session);
    patrol_engine_destroy(other);
    patrol_engine_destroy(engine);
    patrol_policy_destroy(policy);
    patrol_area_destroy(area);
    return check_done("bad_questions");
}
