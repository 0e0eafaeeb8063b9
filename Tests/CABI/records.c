/* Records: a decision replays on its engine and on an equal one, is refused elsewhere; no changed byte does harm. */
#include "files.h"

#define RECORD_BYTES (1 << 16)

static uint8_t record[RECORD_BYTES];
static size_t record_size;
static request r;

static patrol_engine *make_engine(const patrol_policy *policy, float stay_seconds) {
    patrol_area *area = city_area();
    patrol_engine *engine = NULL;
    patrol_engine_options options = PATROL_ENGINE_OPTIONS_INIT;
    options.stay_seconds = stay_seconds;
    MUST(patrol_engine_create(area, policy, &options, &engine, error));
    patrol_area_destroy(area);
    return engine;
}

/* Decides, everything included, and records it. */
static void decide(const patrol_engine *engine) {
    patrol_session *session = NULL;
    size_t size = 0;
    request_init(&r);
    request_add_all(&r);
    MUST(patrol_session_create(engine, 4, 4, &session, error));
    MUST(request_decide(&r, session, error));
    patrol_session_destroy(session);
    MUST(patrol_decision_record(engine, &r.snapshot, &r.options, &r.answer, NULL, 0, &size, error));
    CHECK(size > 0 && size <= RECORD_BYTES);
    MUST(patrol_decision_record(engine, &r.snapshot, &r.options, &r.answer, record, RECORD_BYTES, &record_size, error));
    CHECK(record_size == size);
}

static void check_replay(const patrol_engine *engine, const patrol_policy *policy) {
    static request replayed;
    patrol_engine *equal = make_engine(policy, 60.0f), *other = make_engine(policy, 61.0f);
    patrol_error error;
    request_init(&replayed);
    MUST(patrol_decision_replay(engine, record, record_size, NULL, error));
    MUST(patrol_decision_replay(equal, record, record_size, &replayed.answer, error));
    CHECK(request_agrees(&replayed, &r));
    check_refusal(__FILE__, __LINE__, "other options", patrol_decision_replay(other, record, record_size, NULL, &error),
                  PATROL_ERROR_MISMATCH, &error, "options");
    patrol_engine_destroy(equal);
    equal = make_engine(NULL, 60.0f);
    check_refusal(__FILE__, __LINE__, "other policy", patrol_decision_replay(equal, record, record_size, NULL, &error),
                  PATROL_ERROR_MISMATCH, &error, "policy");
    patrol_engine_destroy(equal);
    patrol_engine_destroy(other);
}

static void check_refusals(const patrol_engine *engine) {
    patrol_error error;
    size_t size = 77;
    uint8_t small[4] = {1, 2, 3, 4};
    check_refusal(__FILE__, __LINE__, "no engine", patrol_decision_replay(NULL, record, record_size, NULL, &error),
                  PATROL_ERROR_INVALID_ARGUMENT, &error, "engine|NULL");
    check_refusal(__FILE__, __LINE__, "no bytes", patrol_decision_replay(engine, NULL, 8, NULL, &error),
                  PATROL_ERROR_INVALID_ARGUMENT, &error, "bytes|NULL");
    check_refusal(__FILE__, __LINE__, "not a record", patrol_decision_replay(engine, small, 4, NULL, &error),
                  PATROL_ERROR_INVALID_FILE, &error, "");
    check_refusal(__FILE__, __LINE__, "record without answer",
                  patrol_decision_record(engine, &r.snapshot, &r.options, NULL, small, 4, &size, &error),
                  PATROL_ERROR_INVALID_ARGUMENT, &error, "answer|NULL");
    CHECK(size == 77);
    check_refusal(__FILE__, __LINE__, "room for too little",
                  patrol_decision_record(engine, &r.snapshot, &r.options, &r.answer, small, 4, &size, &error),
                  PATROL_ERROR_CAPACITY, &error, "4");
    CHECK(size == record_size && small[0] == 1 && small[3] == 4);
}

/* Every prefix and every byte changed: refused as damaged or as another decision. The whole record still replays. */
static void check_every_byte(const patrol_engine *engine) {
    size_t place;
    for (place = 0; place < record_size; place += 1) {
        uint8_t *prefix = (uint8_t *)malloc(place + 1); /* a sanitizer sees every byte read beyond */
        int32_t status;
        memcpy(prefix, record, place);
        status = patrol_decision_replay(engine, prefix, place, NULL, NULL);
        free(prefix);
        if (!CHECK(status == PATROL_ERROR_INVALID_FILE)) return;
        record[place] ^= 0x5A;
        status = patrol_decision_replay(engine, record, record_size, NULL, NULL);
        record[place] ^= 0x5A;
        if (!CHECK(status != PATROL_OK && status != PATROL_ERROR_INTERNAL)) return;
    }
    MUST(patrol_decision_replay(engine, record, record_size, NULL, error));
}

/* Records name the one before them: one that is missing, changed or cut off shows. */
static void check_chain(const patrol_engine *engine) {
    static uint8_t chain[3 * RECORD_BYTES];
    size_t ends[3], count = 77, k, place = 0;
    patrol_error failure;
    patrol_record_info info = PATROL_RECORD_INFO_INIT;
    patrol_replay_options late = PATROL_REPLAY_OPTIONS_INIT;
    const int32_t set = 1;
    late.cancel = &set;
    for (k = 0; k < 3; k += 1) {
        size_t size = 0;
        const size_t start = k == 0 ? 0 : k == 1 ? 0 : ends[0];
        MUST(patrol_decision_record_after(engine, &r.snapshot, &r.options, &r.answer, chain + start, place - start,
                                          chain + place, sizeof chain - place, &size, error));
        MUST(patrol_decision_replay(engine, chain + place, size, NULL, error));
        place += size;
        ends[k] = place;
    }
    MUST(patrol_records_check(chain, place, &count, error));
    CHECK(count == 3);
    MUST(patrol_record_get_info(chain, place, &info, error));
    CHECK(info.format == 5 && info.byte_count == ends[0] && info.time_seconds == r.snapshot.time_seconds);
    check_refusal(__FILE__, __LINE__, "cut off", patrol_records_check(chain, place - 8, &count, &failure),
                  PATROL_ERROR_INVALID_FILE, &failure, "record 2");
    CHECK(count == 2);
    check_refusal(__FILE__, __LINE__, "no time",
                  patrol_decision_replay_within(engine, chain, ends[0], &late, NULL, &failure), PATROL_ERROR_NO_TIME,
                  &failure, "cancel");
    memmove(chain + ends[0], chain + ends[1], ends[2] - ends[1]);
    check_refusal(__FILE__, __LINE__, "one missing",
                  patrol_records_check(chain, ends[0] + ends[2] - ends[1], &count, &failure), PATROL_ERROR_MISMATCH,
                  &failure, "record 1|record 0");
    CHECK(count == 1);
}

static void check_json(const patrol_engine *engine) {
    char small[4] = "abc", *text;
    size_t length = 0, again = 0;
    patrol_error failure;
    MUST(patrol_decision_json(NULL, record, record_size, NULL, 0, &length, error));
    text = (char *)malloc(length + 1);
    MUST(patrol_decision_json(NULL, record, record_size, text, length, &again, error));
    text[length] = '\0';
    CHECK(again == length && text[0] == '{' && text[length - 1] == '}' && strstr(text, "\"rules\"") == NULL);
    CHECK(strstr(text, "\"status\":\"PATROLLING\"") != NULL && strstr(text, "\"reason\":") != NULL);
    free(text);
    MUST(patrol_decision_json(engine, record, record_size, NULL, 0, &again, error));
    CHECK(again > length);
    check_refusal(__FILE__, __LINE__, "no room",
                  patrol_decision_json(NULL, record, record_size, small, 3, &again, &failure), PATROL_ERROR_CAPACITY,
                  &failure, "3");
    CHECK(again == length && strcmp(small, "abc") == 0);
}

int main(void) {
    patrol_policy *policy = good_policy();
    patrol_engine *engine = make_engine(policy, 60.0f);
    decide(engine);
    check_replay(engine, policy);
    check_refusals(engine);
    check_every_byte(engine);
    check_chain(engine);
    check_json(engine);
    patrol_engine_destroy(engine);
    patrol_policy_destroy(policy);
    return check_done("records");
}
