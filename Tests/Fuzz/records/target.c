/*
 * Bytes that claim to be decision records: those of a good record or chain, changed here and there, with a checksum that
 * is right again. Whatever the bytes, they are refused with a sentence, or read, written as JSON and replayed.
 */
#include "check_records.h"
#include "keep_city.h"

#define GOOD_RECORDS 64

typedef struct good_record {
    kept_city *city;
    world world;
    uint8_t *bytes;
    size_t size, first; /* of both records of the chain; of the first alone */
} good_record;

static int32_t decide_for_record(kept_city *c, world *w, source *s, answer *given) {
    patrol_error error;
    make_snapshot(s, w);
    make_decide_options(s, w);
    w->options.deadline_microseconds = 0;
    answer_init(given, w);
    return patrol_decide(c->session, &w->snapshot, &w->options, &given->answer, &error);
}

/* A chain of two records; of a number where nothing is decided, the next number's. */
static void make_good_record(good_record *g, uint32_t number) {
    static uint8_t bytes[CITY_BYTES];
    source s;
    answer given;
    uint8_t *first, *second;
    size_t second_size;
    for (;; number += 1) {
        s = numbered_bytes(number, bytes);
        g->city = city_of(&s, 1);
        g->world = g->city->world;
        if (g->city->session != NULL && decide_for_record(g->city, &g->world, &s, &given) == PATROL_OK) break;
        exact_free(0);
    }
    first = make_record(g->city->engine, &g->world, &given, NULL, 0, &g->first);
    second = make_record(g->city->engine, &g->world, &given, first, g->first, &second_size);
    g->size = g->first + second_size;
    g->bytes = malloc(g->size);
    memcpy(g->bytes, first, g->first);
    memcpy(g->bytes + g->first, second, second_size);
    g->world.units = NULL, g->world.incidents = NULL; /* only their number is of use from here on */
    exact_free(0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static good_record good[GOOD_RECORDS];
    source bytes = {data, data + size, 0, 0}, *s = &bytes;
    uint32_t number = draw(s, GOOD_RECORDS), how = draw(s, 32);
    good_record *g = &good[number];
    uint8_t *record;
    size_t length;
    answer again;
    if (how == 0) { /* bytes without a model */
        check_claim(NULL, s->next, (size_t)(s->end - s->next));
        exact_free(0);
        return 0;
    }
    if (g->bytes == NULL) make_good_record(g, number);
    length = how % 2 ? g->first : g->size;
    record = exact(length + 128, 1);
    memcpy(record, g->bytes, length);
    length = edit(s, record, length, length + 128);
    if (how < 30 && length >= 16) {
        if (how % 2) length = length / 8 * 8;
        record_seal(record, how % 2 || length < g->first ? length / 8 * 8 : g->first);
    }
    check_claim(g->city->engine, record, length);
    if (how >= 24) check_replay(g->city->engine, &g->world, record, length, 20000, NULL, &again);
    exact_free(0);
    return 0;
}
