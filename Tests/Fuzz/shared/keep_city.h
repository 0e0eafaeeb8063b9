/* Cities by number: each is made once and kept, so that most of the time goes to what is asked of it. */
#ifndef KEEP_CITY_H
#define KEEP_CITY_H

#include "make_city.h"
#include "make_snapshot.h"

#define KEPT_CITIES 256
#define CITY_BYTES 4096

typedef struct kept_city {
    int is_made;
    uint32_t number;
    world world; /* without a snapshot */
    patrol_area *area;
    patrol_engine *engine, *other; /* NULL: refused */
    patrol_session *session, *session_of_other;
} kept_city;

/* Bytes that depend on nothing but a number (splitmix64). */
static source numbered_bytes(uint32_t number, uint8_t bytes[CITY_BYTES]) {
    source s = {bytes, bytes + CITY_BYTES, 0, number % 2};
    uint64_t state = number;
    size_t k;
    for (k = 0; k < CITY_BYTES; k += 8) {
        uint64_t z = state += 0x9E3779B97F4A7C15u;
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
        z = (z ^ z >> 27) * 0x94D049BB133111EBu;
        z ^= z >> 31;
        memcpy(bytes + k, &z, 8);
    }
    return s;
}

static void forget_city(kept_city *c) {
    patrol_session_destroy(c->session);
    patrol_session_destroy(c->session_of_other);
    patrol_engine_destroy(c->engine);
    patrol_engine_destroy(c->other);
    patrol_area_destroy(c->area);
}

static void make_kept_city(kept_city *c, uint32_t number, int with_sessions) {
    static uint8_t bytes[CITY_BYTES];
    static const kept_city none;
    source s = numbered_bytes(number, bytes);
    patrol_policy *policy;
    patrol_error error;
    world w;
    *c = none;
    c->is_made = 1;
    c->number = number;
    c->area = make_area(&s, &c->world);
    if (c->area == NULL) return;
    policy = make_policy(&s);
    c->engine = make_engine(&s, &c->world, c->area, policy);
    w = c->world;
    if (with_sessions) c->other = make_engine(&s, &w, c->area, policy);
    patrol_policy_destroy(policy);
    exact_free(0);
    if (with_sessions && c->engine != NULL)
        SUCCEEDS(patrol_session_create(c->engine, MOST_UNITS, MOST_INCIDENTS, &c->session, &error));
    if (with_sessions && c->other != NULL)
        SUCCEEDS(patrol_session_create(c->other, MOST_UNITS, MOST_INCIDENTS, &c->session_of_other, &error));
}

/* The city that the next bytes name: mostly one of a few, so that it is there already. */
static kept_city *city_of(source *s, int with_sessions) {
    static kept_city cities[KEPT_CITIES];
    uint32_t number = draw(s, 256);
    kept_city *c;
    if (draw(s, 32) == 1) number = draw_pair(s);
    c = &cities[number % KEPT_CITIES];
    if (c->is_made && c->number == number) return c;
    forget_city(c);
    make_kept_city(c, number, with_sessions);
    return c;
}

#endif
