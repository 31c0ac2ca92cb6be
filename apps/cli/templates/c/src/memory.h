/*
 * Memory for processors: zeroed regions that return to a list when they are given back, since a host makes and drops
 * processors for hours. A region is used again for a size that it can hold. [control]
 */
#ifndef MEMORY_H
#define MEMORY_H

#include <stddef.h>

/* `bytes` zeroed bytes at a multiple of 16; 0 if there is no memory. */
void *take(size_t bytes);

/* Takes back what take() gave; 0 is nothing. */
void give_back(void *region);

#endif
