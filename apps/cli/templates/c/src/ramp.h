/*
 * A parameter on its way: a straight line to each new value, counted in frames, so that how the host cuts the stream into
 * blocks does not change one bit.
 */
#ifndef RAMP_H
#define RAMP_H

#include <stdint.h>

typedef struct {
  double goal;
  double start;
  int32_t left;
  int32_t length;
} ramp;

/* At `value`, at once. Every later way takes `length` frames. */
static inline void settle(ramp *r, double value, int32_t length) { *r = (ramp){value, value, 0, length}; }

static inline double value_of(const ramp *r) {
  return r->left == 0 ? r->goal : r->goal + ((r->start - r->goal) * r->left) / r->length;
}

/* Call at the head of each block. */
static inline void aim(ramp *r, double value) {
  if (value == r->goal) return;
  r->start = value_of(r);
  r->goal = value;
  r->left = r->length;
}

/* One frame on; the value then. */
static inline double next_value(ramp *r) {
  if (r->left > 0) r->left--;
  return value_of(r);
}

#endif
