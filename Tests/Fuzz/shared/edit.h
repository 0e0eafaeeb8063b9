/* Bytes of a good file, changed here and there: most stay, so that what comes after the first checks is reached too. */
#ifndef EDIT_H
#define EDIT_H

#include "source.h"
#include <string.h>

static void edit_store(uint8_t *bytes, size_t size, size_t place, const void *value, size_t count) {
    size_t k;
    for (k = 0; k < count && place + k < size; k += 1) bytes[place + k] = ((const uint8_t *)value)[k];
}

/* As many changes as the source has bytes for, at most 8. - Returns: the new size, at most `capacity`. */
static size_t edit(source *s, uint8_t *bytes, size_t size, size_t capacity) {
    static const double numbers[] = {0.0, -0.0, 1.0, -1.0, 1e9, 1e300, NAN, INFINITY, -INFINITY, 4.9e-324};
    static const uint64_t words[] = {0,         1,          2,           0x7FFFFFFF,  0x80000000u, 0xFFFFFFFFu,
                                     INT64_MAX, UINT64_MAX, 0x7F800000u, 0x7FC00000u, 1u << 20,    4097};
    int changes;
    for (changes = 0; changes < 8 && s->next < s->end && size > 0; changes += 1) {
        uint32_t kind = draw(s, 8);
        size_t place = draw_pair(s) % size, count = 1 + draw(s, 16);
        uint8_t byte = (uint8_t)draw(s, 256);
        if (kind < 3) {
            bytes[place] = byte;
        } else if (kind == 3) {
            edit_store(bytes, size, place & ~(size_t)7, &numbers[byte % 10], 8);
        } else if (kind == 4) {
            edit_store(bytes, size, place & ~(size_t)3, &words[byte % 12], byte & 64 ? 8 : 4);
        } else if (kind == 5) {
            bytes[place] ^= (uint8_t)(1u << byte % 8);
        } else if (kind == 6 && byte % 4 == 0) {
            size = place;
        } else if (kind == 6) { /* some bytes out */
            if (count > size - place) count = size - place;
            memmove(bytes + place, bytes + place + count, size - place - count);
            size -= count;
        } else if (size + count <= capacity) { /* some bytes twice */
            memmove(bytes + place + count, bytes + place, size - place);
            size += count;
        }
    }
    return size;
}

#endif
