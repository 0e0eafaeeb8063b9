#include "kernels.h"

#include <stdlib.h>
#include <string.h>

void *kernels_allocate(size_t bytes) {
    const size_t lines = bytes / 64 + (bytes % 64 != 0 || bytes == 0);
    if (lines > SIZE_MAX / 64) return NULL;
    return kernels_meter_add(64 * lines) ? kernels_unmade() : aligned_alloc(64, 64 * lines);
}

/* x86-64 takes no address of which bit 62 alone of the highest ones is set. aarch64 looks at none of the highest eight, and has
 * the kernel where bit 55 is set. So whoever touches what was only counted ends at once, at whatever distance: the tests ask
 * what every kind of session takes. */
_Static_assert(sizeof(void *) == 8, "an address that nothing can be at");

void *kernels_unmade(void) { return (void *)((uintptr_t)1 << 62 | (uintptr_t)1 << 55); }

void kernels_deallocate(void *memory) {
    if (memory != kernels_unmade()) free(memory);
}

void kernels_repeat(void *memory, const void *value, size_t size, size_t stride, size_t count) {
    uint32_t four;
    uint64_t eight;
    if (size == 1 && stride == 1) {
        memset(memory, *(const unsigned char *)value, count);
    } else if (size == sizeof four && stride == size) {
        memcpy(&four, value, size);
        for (size_t k = 0; k < count; k++) memcpy((char *)memory + size * k, &four, sizeof four);
    } else if (size == sizeof eight && stride == size) {
        memcpy(&eight, value, size);
        for (size_t k = 0; k < count; k++) memcpy((char *)memory + size * k, &eight, sizeof eight);
    } else {
        for (size_t k = 0; k < count; k++) memcpy((char *)memory + stride * k, value, size);
    }
}

/* Embedded Swift 6.3 never frees an object whose initializer throws: its swift_deallocPartialClassInstance destroys what
 * subclasses own and leaves the memory. This one frees it. The engine's classes are final: there are no subclasses. */
#ifdef PATROL_EMBEDDED
#pragma GCC visibility push(hidden)
void swift_deallocClassInstance(void *object, size_t size, size_t alignment_mask);
void swift_deallocPartialClassInstance(void *object, const void *metadata, size_t size, size_t alignment_mask);
#pragma GCC visibility pop

void swift_deallocPartialClassInstance(void *object, const void *metadata, size_t size, size_t alignment_mask) {
    (void)metadata;
    swift_deallocClassInstance(object, size, alignment_mask);
}
#endif
