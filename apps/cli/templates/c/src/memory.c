#include "memory.h"
#include <stdint.h>

#define PAGE_BYTES 65536u

/* Stands before each region. */
typedef struct header {
  size_t bytes;
  struct header *next;
} __attribute__((aligned(16))) header;

/* Set by the linker: where the module's own data ends. */
extern unsigned char __heap_base;

static header *free_list;
static uintptr_t top;

static header *reuse(size_t bytes) {
  /* At most twice what is asked for, so that a small region does not take up a large one. */
  for (header **link = &free_list; *link; link = &(*link)->next) {
    header *found = *link;
    if (found->bytes < bytes || found->bytes / 2 > bytes) continue;
    *link = found->next;
    return found;
  }
  return 0;
}

static header *fresh(size_t bytes) {
  if (!top) top = ((uintptr_t)&__heap_base + 15) & ~(uintptr_t)15;
  const uint64_t end = (uint64_t)top + sizeof(header) + bytes;
  const uint64_t have = (uint64_t)__builtin_wasm_memory_size(0) * PAGE_BYTES;
  if (end > have) {
    const uint64_t pages = (end - have + PAGE_BYTES - 1) / PAGE_BYTES;
    if (pages > UINT16_MAX || __builtin_wasm_memory_grow(0, pages) == SIZE_MAX) return 0;
  }
  header *made = (header *)top;
  made->bytes = bytes;
  top = (uintptr_t)end;
  return made;
}

void *take(size_t bytes) {
  bytes = (bytes + 15) & ~(size_t)15;
  header *region = reuse(bytes);
  if (!region) region = fresh(bytes);
  if (!region) return 0;
  return __builtin_memset(region + 1, 0, bytes);
}

void give_back(void *region) {
  if (!region) return;
  header *given = (header *)region - 1;
  given->next = free_list;
  free_list = given;
}
