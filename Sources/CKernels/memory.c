#include "kernels.h"

#include <stdlib.h>

void *kernels_allocate(size_t bytes) {
    void *memory = NULL;
    return posix_memalign(&memory, 64, bytes ? bytes : 64) == 0 ? memory : NULL;
}

void kernels_deallocate(void *memory) { free(memory); }
