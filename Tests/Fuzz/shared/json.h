/* Whether some bytes are one JSON object, by RFC 8259: a second reading of it, for what the library reads and writes. */
#ifndef JSON_H
#define JSON_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define JSON_LEVELS 16

typedef struct json {
    const uint8_t *next, *end;
} json;

/* The scalar that UTF-8 has at `next`, which is then behind it; -1 where there is none. */
static inline int32_t json_scalar(json *j) {
    static const int32_t least[] = {0, 0x80, 0x800, 0x10000};
    int32_t byte = *j->next++, more = byte < 0x80 ? 0 : byte < 0xC0 ? -1 : byte < 0xE0 ? 1 : byte < 0xF0 ? 2 : 3, k;
    int32_t value = more == 0 ? byte : more == 1 ? byte & 0x1F : more == 2 ? byte & 0x0F : byte & 0x07;
    if (more < 0 || byte >= 0xF8 || j->end - j->next < more) return -1;
    for (k = 0; k < more; k += 1) {
        if ((*j->next & 0xC0) != 0x80) return -1;
        value = value << 6 | (*j->next++ & 0x3F);
    }
    return value < least[more] || value > 0x10FFFF || (value >= 0xD800 && value < 0xE000) ? -1 : value;
}

static inline int is_utf8(const uint8_t *bytes, size_t count) {
    json j = {bytes, bytes + count};
    while (j.next < j.end)
        if (json_scalar(&j) < 0) return 0;
    return 1;
}

static inline void json_space(json *j) {
    while (j->next < j->end && (*j->next == ' ' || *j->next == '\t' || *j->next == '\n' || *j->next == '\r')) j->next++;
}

static inline int json_take(json *j, char wanted) {
    if (j->next == j->end || *j->next != wanted) return 0;
    j->next += 1;
    return 1;
}

/* The same past white space, before and behind. */
static inline int json_token(json *j, char wanted) {
    json_space(j);
    if (!json_take(j, wanted)) return 0;
    json_space(j);
    return 1;
}

static inline int json_digits(json *j) {
    const uint8_t *start = j->next;
    while (j->next < j->end && *j->next >= '0' && *j->next <= '9') j->next += 1;
    return j->next > start;
}

static inline int json_number(json *j) {
    json_take(j, '-');
    if (!json_take(j, '0') && !json_digits(j)) return 0;
    if (json_take(j, '.') && !json_digits(j)) return 0;
    if (!json_take(j, 'e') && !json_take(j, 'E')) return 1;
    if (!json_take(j, '+')) json_take(j, '-');
    return json_digits(j);
}

/* Four hexadecimal digits, or -1. */
static inline int32_t json_four(json *j) {
    int32_t value = 0, k;
    for (k = 0; k < 4; k += 1) {
        int32_t c = j->next < j->end ? *j->next++ : 0;
        int32_t digit = c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
        if (digit < 0) return -1;
        value = value << 4 | digit;
    }
    return value;
}

/* What follows a backslash. Half of a surrogate pair, of which RFC 8259 says nothing certain, is refused. */
static inline int json_escape(json *j) {
    int32_t value;
    if (j->next == j->end || *j->next == 0) return 0;
    if (*j->next != 'u') return strchr("\"\\/bfnrt", *j->next++) != NULL;
    j->next += 1;
    value = json_four(j);
    if (value < 0 || (value >= 0xDC00 && value < 0xE000)) return 0;
    if (value < 0xD800 || value >= 0xE000) return 1;
    if (!json_take(j, '\\') || !json_take(j, 'u')) return 0;
    value = json_four(j);
    return value >= 0xDC00 && value < 0xE000;
}

static inline int json_string(json *j) {
    if (!json_take(j, '"')) return 0;
    while (j->next < j->end) {
        int32_t scalar = json_scalar(j);
        if (scalar == '"') return 1;
        if (scalar < 0x20 || (scalar == '\\' && !json_escape(j))) return 0;
    }
    return 0;
}

static inline int json_value(json *j, int level);

static inline int json_list(json *j, int level, char end) {
    if (json_token(j, end)) return 1;
    do {
        json_space(j);
        if (end == '}' && (!json_string(j) || !json_token(j, ':'))) return 0;
        if (!json_value(j, level + 1)) return 0;
    } while (json_token(j, ','));
    return json_token(j, end);
}

static inline int json_value(json *j, int level) {
    static const char *const words[] = {"true", "false", "null"};
    size_t k;
    json_space(j);
    if (j->next == j->end || level > JSON_LEVELS) return 0;
    if (json_take(j, '{')) return json_list(j, level, '}');
    if (json_take(j, '[')) return json_list(j, level, ']');
    if (*j->next == '"') return json_string(j);
    for (k = 0; k < 3; k += 1) {
        size_t length = strlen(words[k]);
        if ((size_t)(j->end - j->next) < length || memcmp(j->next, words[k], length) != 0) continue;
        j->next += length;
        return 1;
    }
    return json_number(j);
}

static inline int is_json_object(const void *text, size_t count) {
    json j = {(const uint8_t *)text, (const uint8_t *)text + count};
    if (!is_utf8(j.next, count)) return 0;
    json_space(&j);
    if (j.next == j.end || *j.next != '{' || !json_value(&j, 0)) return 0;
    json_space(&j);
    return j.next == j.end;
}

#endif
