/*
 * A soft saturator that leaves full scale where it is.
 *
 *   x ─┬─▶ x · √((1 + d²) / (1 + d²x²)) ─▶ w ─▶ × mix ─────▶ + ─▶ y
 *      └──────────────────────────────────────▶ × 1 - mix ──┘
 *
 * d is the drive: 0 passes the input bit for bit; a quiet signal gains √(1 + d²), and ±1 stays ±1. The curve is the
 * algebraic sigmoid u / √(1 + u²) with u = d·x, scaled by its own value at x = 1. It takes nothing but + - × ÷ √, which
 * IEEE 754 rounds alike everywhere: the same samples come out on every machine.
 */
#include "gainstage.h"
#include "memory.h"
#include "ramp.h"

enum { DRIVE, MIX_PERCENT, PARAMS };
enum { INPUT, OUTPUT, PORTS };

#define RAMP_MS 20.0

typedef struct {
  gainstage_processor record;
  double params[PARAMS];
  uint32_t ports[PORTS];
  ramp drive;
  ramp mix;
  /* True until the first process(): parameters are then taken at once. */
  int starting;
  int32_t ramp_frames;
  /* The channel buffers, one region. */
  void *buffers;
} effect;

int32_t api(void) { return GAINSTAGE_API; }

gainstage_processor *create(void) {
  effect *e = take(sizeof(effect));
  if (!e) return 0;
  e->record.params = e->params;
  e->record.ports = e->ports;
  return &e->record;
}

void destroy(gainstage_processor *p) {
  effect *e = (effect *)p;
  give_back(e->buffers);
  give_back(e);
}

int32_t activate(gainstage_processor *p, double sample_rate_hz, int32_t max_frames, int32_t seed) {
  (void)seed;
  effect *e = (effect *)p;
  const uint32_t inputs = GAINSTAGE_CHANNELS(e->ports[INPUT]);
  const uint32_t outputs = GAINSTAGE_CHANNELS(e->ports[OUTPUT]);
  if (inputs != outputs) return 0;
  const size_t channels = inputs + outputs;
  give_back(e->buffers);
  e->buffers = take(channels * (sizeof(float *) + (size_t)max_frames * sizeof(float)));
  if (!e->buffers) return 0;
  float **table = e->buffers;
  float *samples = (float *)(table + channels);
  for (size_t c = 0; c < channels; c++) table[c] = samples + c * (size_t)max_frames;
  p->inputs = table;
  p->outputs = table + inputs;
  p->latency_frames = 0;
  p->tail_frames = 0;
  e->ramp_frames = (int32_t)(RAMP_MS * 0.001 * sample_rate_hz + 0.5);
  reset(p);
  return 1;
}

void reset(gainstage_processor *p) { ((effect *)p)->starting = 1; }

int32_t process(gainstage_processor *p, int32_t frames) {
  effect *e = (effect *)p;
  const uint32_t channels = GAINSTAGE_CHANNELS(e->ports[OUTPUT]);
  const double drive = e->params[DRIVE];
  const double mix = e->params[MIX_PERCENT] / 100;
  if (e->starting) {
    settle(&e->drive, drive, e->ramp_frames);
    settle(&e->mix, mix, e->ramp_frames);
    e->starting = 0;
  }
  aim(&e->drive, drive);
  aim(&e->mix, mix);
  for (int32_t i = 0; i < frames; i++) {
    const double d = next_value(&e->drive);
    const double wet = next_value(&e->mix);
    const double dd = d * d;
    for (uint32_t c = 0; c < channels; c++) {
      const double x = p->inputs[c][i];
      const double w = x * __builtin_sqrt((1 + dd) / (1 + dd * (x * x)));
      p->outputs[c][i] = (float)(x + wet * (w - x));
    }
  }
  /* Silence in is silence out at once; but a ramp on its way wants to arrive. */
  return e->drive.left > e->mix.left ? e->drive.left : e->mix.left;
}
