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

int main(void) {
    patrol_policy *policy = good_policy();
    patrol_engine *engine = make_engine(policy, 60.0f);
    decide(engine);
    check_replay(engine, policy);
    check_refusals(engine);
    check_every_byte(engine);
    patrol_engine_destroy(engine);
    patrol_policy_destroy(policy);
    return check_done("records");
}
