// What the native peers share: the source read into memory before the clock starts, and what they print.
#pragma once
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <vector>
#if defined(__SSE__)
#include <xmmintrin.h>
#endif

/** Channels one after the other, `frames` each. */
struct Audio {
  size_t frames;
  std::vector<float> left, right;
};

/** Raw interleaved stereo floats. */
inline Audio readAudio(const char *path) {
  FILE *file = fopen(path, "rb");
  if (!file) { fprintf(stderr, "%s cannot be read\n", path); exit(1); }
  fseek(file, 0, SEEK_END);
  const size_t frames = ftell(file) / 8;
  rewind(file);
  std::vector<float> samples(2 * frames);
  if (fread(samples.data(), 8, frames, file) != frames) { fprintf(stderr, "%s is cut short\n", path); exit(1); }
  fclose(file);
  Audio audio{frames, std::vector<float>(frames), std::vector<float>(frames)};
  for (size_t i = 0; i < frames; i++) {
    audio.left[i] = samples[2 * i];
    audio.right[i] = samples[2 * i + 1];
  }
  return audio;
}

inline void writeAudio(const char *path, const Audio &audio) {
  FILE *file = fopen(path, "wb");
  if (!file) { fprintf(stderr, "%s cannot be written\n", path); exit(1); }
  std::vector<float> samples(2 * audio.frames);
  for (size_t i = 0; i < audio.frames; i++) {
    samples[2 * i] = audio.left[i];
    samples[2 * i + 1] = audio.right[i];
  }
  fwrite(samples.data(), 8, audio.frames, file);
  fclose(file);
}

/** Numbers too small for the full speed of a processor count as zero. */
inline void flushSubnormals() {
#if defined(__SSE__)
  _mm_setcsr(_mm_getcsr() | 0x8040);
#endif
}

template <typename Work> double secondsOf(Work work) {
  const auto started = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
}
