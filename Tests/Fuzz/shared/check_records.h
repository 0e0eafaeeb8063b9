/* What patrol.h promises of the records of a decision (its section 10). */
#ifndef CHECK_RECORDS_H
#define CHECK_RECORDS_H

#include "answers.h"
#include "edit.h"
#include "json.h"

/* Makes the checksum of a changed record right again: ContentHash of what is before it. */
static void record_seal(uint8_t *record, size_t size) {
    uint64_t hash = 0xCBF29CE484222325u;
    uint32_t word = (uint32_t)(size - 8);
    size_t place = 0;
    for (;;) {
        hash = (hash ^ word) * 0x100000001B3u;
        hash ^= hash >> 32;
        if (place == size - 8) break;
        memcpy(&word, record + place, sizeof word);
        place += sizeof word;
    }
    memcpy(record + place, &hash, sizeof hash);
}

/* The record of a decision; after another one where `previous` is not NULL. */
static uint8_t *make_record(const patrol_engine *engine, const world *w, const answer *given, const uint8_t *previous,
                            size_t previous_size, size_t *size) {
    patrol_error error;
    size_t known = 0;
    uint8_t *record;
    *size = 0;
    SUCCEEDS(patrol_decision_record_after(engine, &w->snapshot, &w->options, &given->answer, previous, previous_size,
                                          NULL, 0, size, &error));
    record = exact(*size, 1);
    SUCCEEDS(patrol_decision_record_after(engine, &w->snapshot, &w->options, &given->answer, previous, previous_size,
                                          record, *size, &known, &error));
    HOLDS(known == *size);
    return record;
}

/* A good record says what it is, by itself and with its engine. */
static void check_info(const patrol_engine *engine, const uint8_t *record, size_t size, patrol_record_info *info) {
    static const patrol_record_info none = PATROL_RECORD_INFO_INIT;
    patrol_error error;
    const patrol_engine *engines[] = {NULL, engine};
    size_t length, known, k;
    char *text;
    *info = none;
    SUCCEEDS(patrol_record_get_info(record, size, info, &error));
    HOLDS(info->format >= 1 && info->format <= 5 && info->byte_count <= size && info->area_hash != 0);
    for (k = 0; k < 2; k += 1) {
        length = known = 0;
        SUCCEEDS(patrol_decision_json(engines[k], record, size, NULL, 0, &length, &error));
        text = exact(length, 1);
        SUCCEEDS(patrol_decision_json(engines[k], record, size, text, length, &known, &error));
        HOLDS(known == length && is_json_object(text, length));
    }
}

/* A chain of two: whole, changed in one byte, and the wrong way round. */
static void check_chain(source *s, const patrol_engine *engine, const world *w, const answer *given) {
    patrol_error error;
    patrol_record_info first_info, second_info;
    size_t first_size, second_size, count = 99, place;
    uint8_t *first = make_record(engine, w, given, NULL, 0, &first_size), byte;
    uint8_t *second = make_record(engine, w, given, first, first_size, &second_size);
    uint8_t *chain = exact(first_size + second_size, 1);
    int32_t status;
    check_info(engine, first, first_size, &first_info);
    check_info(engine, second, second_size, &second_info);
    HOLDS(memcmp(first_info.hash, second_info.previous, sizeof first_info.hash) == 0);
    HOLDS(first_info.byte_count == first_size && first_info.time_seconds == w->snapshot.time_seconds);
    memcpy(chain, first, first_size);
    memcpy(chain + first_size, second, second_size);
    SUCCEEDS(patrol_records_check(chain, first_size + second_size, &count, &error));
    HOLDS(count == 2);
    place = draw_pair(s) % first_size;
    byte = (uint8_t)(1 + draw(s, 255));
    chain[place] ^= byte;
    if (draw(s, 2)) record_seal(chain, first_size);
    if (memcmp(chain, first, first_size) != 0) {
        count = 99;
        status = patrol_records_check(chain, first_size + second_size, &count, &error);
        check_refused(status, &error);
        HOLDS(count <= 1);
    }
    memcpy(chain, second, second_size);
    memcpy(chain + second_size, first, first_size);
    status = patrol_records_check(chain, first_size + second_size, &count, &error);
    check_refused(status, &error);
    HOLDS(status == PATROL_ERROR_MISMATCH && count == 1);
}

/* Bytes that claim to be a record: refused with a sentence, or read. */
static void check_claim(const patrol_engine *engine, const uint8_t *record, size_t size) {
    patrol_error error;
    patrol_record_info info = PATROL_RECORD_INFO_INIT;
    const patrol_engine *engines[] = {NULL, engine};
    size_t length, known, count = 99, k;
    int32_t status = patrol_record_get_info(record, size, &info, &error), read = status;
    char *text;
    if (status != PATROL_OK) check_refused(status, &error);
    HOLDS(status != PATROL_OK || info.byte_count <= size);
    status = patrol_records_check(record, size, &count, &error);
    if (status != PATROL_OK) check_refused(status, &error);
    HOLDS((read == PATROL_OK) == (count >= 1) && count <= size / 8);
    for (k = 0; k < 2; k += 1) {
        length = known = 0;
        status = patrol_decision_json(engines[k], record, size, NULL, 0, &length, &error);
        if (status != PATROL_OK) {
            check_refused(status, &error);
            HOLDS(length == 0);
            continue;
        }
        text = exact(length, 1);
        SUCCEEDS(patrol_decision_json(engines[k], record, size, text, length, &known, &error));
        HOLDS(known == length && is_json_object(text, length));
    }
}

/* Replays bytes that claim to be a record, in limited time. */
static int32_t check_replay(const patrol_engine *engine, const world *w, const uint8_t *record, size_t size,
                            uint64_t deadline, const int32_t *cancel, answer *again) {
    patrol_error error;
    patrol_replay_options options = PATROL_REPLAY_OPTIONS_INIT;
    int32_t status;
    options.deadline_microseconds = deadline;
    options.cancel = cancel;
    answer_init(again, w);
    status = patrol_decision_replay_within(engine, record, size, &options, &again->answer, &error);
    check_either(status, &error, again);
    counted_decisions += status == PATROL_OK;
    return status;
}

/* The record replays; what is left of it after a change is refused or decided, and never believed. */
static void replay(source *s, const patrol_engine *engine, const world *w, const answer *given) {
    static const int32_t cancelled = 1;
    patrol_error error;
    answer again;
    int32_t status;
    size_t size = 0, known = 0, changed;
    uint8_t *record, *copy;
    SUCCEEDS(patrol_decision_record(engine, &w->snapshot, &w->options, &given->answer, NULL, 0, &size, &error));
    record = exact(size, 1);
    SUCCEEDS(patrol_decision_record(engine, &w->snapshot, &w->options, &given->answer, record, size, &known, &error));
    HOLDS(known == size);
    answer_init(&again, w);
    SUCCEEDS(patrol_decision_replay(engine, record, size, &again.answer, &error));
    HOLDS(agree(&again, given, w));
    counted_decisions += 1;
    status = check_replay(engine, w, record, size, draw(s, 3), draw(s, 4) == 1 ? &cancelled : NULL, &again);
    HOLDS(status == PATROL_ERROR_NO_TIME || (status == PATROL_OK && agree(&again, given, w)));
    if (draw(s, 2) == 0) return;
    copy = exact(size + 64, 1);
    memcpy(copy, record, size);
    changed = edit(s, copy, size, size + 64) / 8 * 8;
    if (changed < 16) return;
    record_seal(copy, changed);
    check_claim(engine, copy, changed);
    check_replay(engine, w, copy, changed, 20000, NULL, &again);
}

#endif
