/* Numbers from bytes. Most are ordinary or an extreme that patrol.h allows; a "wild" source lets any stand anywhere. */
#ifndef SOURCE_H
#define SOURCE_H

#include <float.h>
#include <math.h>
#include <stdint.h>

typedef struct source {
    const uint8_t *next, *end;
    int wild, calm; /* any number anywhere; no extreme number at all */
} source;

/* 0 ... limit - 1; 0 once the bytes are used up. */
static uint32_t draw(source *s, uint32_t limit) { return s->next < s->end ? *s->next++ % limit : 0; }

/* A finite number of 0 or more: around the usual one, or an extreme of what patrol.h allows. */
static float number(source *s, float usual) {
    static const float extremes[] = {0.0f, 1e-45f, 1e-30f, 1e-6f, 1.0f, 86400.0f, 999999.0f, 1e6f, 1e9f};
    static const float wild[] = {NAN, INFINITY, -INFINITY, -1.0f, -1e-45f, -0.0f, 1.1e9f, FLT_MAX};
    uint32_t byte = draw(s, 256);
    if (s->wild && byte >= 240) return wild[byte % 8];
    return byte < 200 || s->calm ? usual * (float)byte / 64.0f : extremes[byte % 9];
}

static float positive(source *s, float usual) {
    float value = number(s, usual);
    return value == 0.0f ? 1e-45f : value;
}

/* 0.1 ... 10, mostly around 1, or any number from a wild source. */
static float factor(source *s) {
    uint32_t byte = draw(s, 256);
    if (s->wild && byte >= 240) return number(s, 1.0f);
    return byte < 64 ? 1.0f : byte < 70 ? 0.1f : byte < 76 ? 10.0f : 0.5f + (float)byte / 128.0f;
}

/* Sixteen bits. */
static uint32_t draw_pair(source *s) { return draw(s, 256) << 8 | draw(s, 256); }

static float limit(source *s, float usual) { return draw(s, 3) == 0 ? INFINITY : number(s, usual); }

#endif
