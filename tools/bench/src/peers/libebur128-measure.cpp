// W4 with libebur128: integrated loudness and true peak.
#include "timing.h"
#include <algorithm>
#include <cmath>
#include <ebur128.h>

int main(int argc, char **argv) {
  if (argc < 2) return 2;
  const Audio source = readAudio(argv[1]);
  std::vector<float> interleaved(2 * source.frames);
  for (size_t i = 0; i < source.frames; i++) {
    interleaved[2 * i] = source.left[i];
    interleaved[2 * i + 1] = source.right[i];
  }
  constexpr size_t BLOCK = 4800;
  double lufs = 0, peak = 0;
  const double seconds = secondsOf([&] {
    ebur128_state *meter = ebur128_init(2, 48000, EBUR128_MODE_I | EBUR128_MODE_TRUE_PEAK);
    for (size_t at = 0; at < source.frames; at += BLOCK)
      ebur128_add_frames_float(meter, &interleaved[2 * at], std::min(BLOCK, source.frames - at));
    ebur128_loudness_global(meter, &lufs);
    for (unsigned channel = 0; channel < 2; channel++) {
      double highest = 0;
      ebur128_true_peak(meter, channel, &highest);
      peak = std::max(peak, highest);
    }
    ebur128_destroy(&meter);
  });
  printf("seconds %.6f\nlufs %.4f\ndbtp %.4f\n", seconds, lufs, 20 * std::log10(peak));
}
