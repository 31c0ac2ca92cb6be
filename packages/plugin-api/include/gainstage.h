/*
 * Gainstage plugin API 1.0 for WebAssembly: what a module exports and the memory it shares with the host.
 * docs/wasm-abi.md is the contract; this header is the same in C (C11 or later, or C++). There is no library to link.
 *
 *   clang --target=wasm32 -O2 -msimd128 -mbulk-memory -fno-math-errno -nostdlib \
 *         -Wl,--no-entry -Wl,--max-memory=268435456 -o effect.wasm effect.c
 *
 * The host calls create, writes `params` and `ports` of the record, and calls activate; from then on process and reset
 * as it likes; at the end destroy. [control] and [audio] name the thread. On the audio thread nothing may allocate.
 */
#ifndef GAINSTAGE_H
#define GAINSTAGE_H

#include <stddef.h>
#include <stdint.h>

#ifndef __wasm32__
#error "gainstage.h describes 32-bit WebAssembly: build with --target=wasm32"
#endif

#ifdef __cplusplus
extern "C" {
#define GAINSTAGE_ASSERT static_assert
#else
#define GAINSTAGE_ASSERT _Static_assert
#endif

/* major << 16 | minor: what api() returns. The manifest says "api": "1.0". */
#define GAINSTAGE_API 0x10000

/* What process() returns where sound never ends, and tail_frames for it. */
#define GAINSTAGE_NEVER_SILENT (-1)
#define GAINSTAGE_ENDLESS_TAIL 0xffffffffu

/* A word of `ports`: how many channels the port has, and whether anybody feeds or hears it. */
#define GAINSTAGE_CHANNELS(port) ((port) & 0xffffu)
#define GAINSTAGE_CONNECTED 0x10000u

/* The musical clock, written by the host before each process(). A beat is a quarter note. */
typedef struct gainstage_transport {
  uint32_t flags; /* without GAINSTAGE_PRESENT nothing else here holds */
  uint32_t numerator;
  uint32_t denominator;
  uint32_t reserved;
  double frame; /* the song's frame of the block's first frame; negative before the start */
  double tempo_bpm;
  /* The beat at frame f is anchor_beat + (f - anchor_frame) * tempo_bpm / (60 * sample_rate_hz). */
  double anchor_frame;
  double anchor_beat;
  double loop_start_beat; /* both 0 where nothing is looped */
  double loop_end_beat;
} gainstage_transport;

#define GAINSTAGE_PLAYING 1u
#define GAINSTAGE_PRESENT 2u

/* The record of a processor, 16-byte aligned. Put it first in a struct of your own, with the effect's state behind it. */
typedef struct gainstage_processor {
  /* Set in activate. */
  uint32_t latency_frames; /* by which the main output is late */
  uint32_t tail_frames;    /* upper bound of the ring after the input, at any parameters */
  /* Set in create; the host writes what they point to. */
  double *params;  /* one a parameter, plain values in manifest order, constant during process */
  uint32_t *ports; /* one a port, inputs then outputs: channels and GAINSTAGE_CONNECTED, before activate */
  /* Set in activate: channel buffers of max_frames each, port after port. */
  float **inputs; /* written by the host; never write them */
  float **outputs;
  /* Set in create, 0 for what is not wanted. */
  float *meters;                  /* one a meter; process writes them all */
  uint32_t *silence;              /* one a port, inputs then outputs: bit c is set where channel c is silent */
  gainstage_transport *transport; /* 8-byte aligned */
  uint32_t *areas; /* one for each id in the manifest's `requires`, then `uses`: the address of its area, or 0 */
  /* Written by the host before activate. */
  uint32_t mode; /* 0 realtime, 1 offline: never for the sound */
} __attribute__((aligned(16))) gainstage_processor;

GAINSTAGE_ASSERT(offsetof(gainstage_processor, mode) == 40, "the record is eleven words");
GAINSTAGE_ASSERT(sizeof(gainstage_transport) == 64, "the transport is 64 bytes");

/* The area of "log/1": a ring of at most 64 KiB. A message is D, I, W or E, then UTF-8 text and a line feed. */
typedef struct gainstage_log {
  uint8_t *ring;
  uint32_t capacity;
  uint32_t written; /* bytes ever; yours */
  uint32_t read;    /* bytes ever; the host's */
} gainstage_log;

/*
 * What the host calls. Define the functions; these declarations export them under their names.
 */
#define GAINSTAGE_EXPORT(name) __attribute__((export_name(#name))) name

/* [control] GAINSTAGE_API. */
int32_t GAINSTAGE_EXPORT(api)(void);
/* [control] A processor with params, ports and whatever else create sets; 0 if there is no memory. */
gainstage_processor *GAINSTAGE_EXPORT(create)(void);
/* [control] 1, or 0 to refuse. Leaves the processor as reset does. May be called again, at another rate. */
int32_t GAINSTAGE_EXPORT(activate)(gainstage_processor *, double sample_rate_hz, int32_t max_frames, int32_t seed);
/* [audio] Forgets all signal history. */
void GAINSTAGE_EXPORT(reset)(gainstage_processor *);
/* [audio] Writes `frames` samples of every output channel; returns how many frames may still sound. */
int32_t GAINSTAGE_EXPORT(process)(gainstage_processor *, int32_t frames);
/* [control] The processor is not used again: put its memory back for the next create. */
void GAINSTAGE_EXPORT(destroy)(gainstage_processor *);

/* Only where the manifest names the extension, [control]: "state/1", "curve/1", "resource/1". */
void *GAINSTAGE_EXPORT(room)(gainstage_processor *, int32_t bytes);
void *GAINSTAGE_EXPORT(save)(gainstage_processor *);
int32_t GAINSTAGE_EXPORT(load)(gainstage_processor *, int32_t version, const void *state, int32_t bytes);
int32_t GAINSTAGE_EXPORT(curve)(gainstage_processor *, int32_t kind, int32_t points, double *x_then_y);
int32_t GAINSTAGE_EXPORT(resource)(gainstage_processor *, int32_t index, const void *file, int32_t bytes);

#ifdef __cplusplus
}
#endif

#endif
