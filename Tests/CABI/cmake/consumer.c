/* What a project that is built with CMake does first. */
#include <patrol_lab.h>
#include <stdio.h>

int main(void) {
    patrol_error error;
    if (patrol_abi_check(PATROL_ABI_VERSION, &error) != PATROL_OK) return 1;
    printf("libpatrol %s\n", patrol_version());
    return 0;
}
