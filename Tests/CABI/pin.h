/* Sizes, offsets and numbers of a header, pinned, and initializers against their macros. */
#ifndef PIN_H
#define PIN_H

#include "check.h"

#ifdef __cplusplus
#define PIN(name, condition) static_assert(condition, #name)
#else
#define PIN(name, condition) typedef char pin_##name[(condition) ? 1 : -1] CHECK_UNUSED
#endif
#define SIZE(type, bytes) PIN(type, sizeof(type) == (bytes))
#define AT(type, field, offset) PIN(type##_##field, offsetof(type, field) == (offset))
#define IS(constant, value) PIN(constant##_, (constant) == (value))

/* Compares byte for byte: the structs have no padding (the build uses -Wpadded), so nothing is left to chance. */
#define INIT_AGREES(type, INIT)                                                                                        \
    do {                                                                                                               \
        static const type from_macro = INIT;                                                                           \
        type from_function;                                                                                            \
        memset(&from_function, 0xA5, sizeof from_function);                                                            \
        type##_init(&from_function);                                                                                   \
        CHECK(memcmp(&from_macro, &from_function, sizeof(type)) == 0);                                                 \
        type##_init(NULL);                                                                                             \
    } while (0)

/* Of a struct that has grown: the function fills the first `bytes`, which version 0.1 had, and no more. `ADJUST` sets sizes and
 * strides of that version in `expected`. */
#define INIT_AGREES_UP_TO(type, INIT, bytes, ADJUST)                                                                   \
    do {                                                                                                               \
        static const type from_macro = INIT;                                                                           \
        type expected, from_function;                                                                                  \
        memset(&expected, 0xA5, sizeof expected);                                                                      \
        memcpy(&expected, &from_macro, bytes);                                                                         \
        ADJUST;                                                                                                        \
        memset(&from_function, 0xA5, sizeof from_function);                                                            \
        type##_init(&from_function);                                                                                   \
        CHECK(memcmp(&expected, &from_function, sizeof(type)) == 0);                                                   \
        type##_init(NULL);                                                                                             \
    } while (0)

#endif
