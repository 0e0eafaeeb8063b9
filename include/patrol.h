#ifndef PATROL_H
#define PATROL_H
#include <stdint.h>
#ifdef __cplusplus
extern "C" {
#endif
uint32_t patrol_abi_version(void);
#ifdef __cplusplus
}
#endif
#endif
