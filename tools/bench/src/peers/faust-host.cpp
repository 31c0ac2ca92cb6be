// Runs a processor made by faust over a file, in blocks of 512; faust puts it in the place of the marks.
#include "timing.h"
#include <algorithm>
#include <cmath>

#define FAUSTFLOAT float

struct Meta {
  void declare(const char *, const char *) {}
};

struct UI {
  void openVerticalBox(const char *) {}
  void closeBox() {}
};

struct dsp {};

<<includeIntrinsic>>
<<includeclass>>

int main(int argc, char **argv) {
  constexpr size_t BLOCK = 512;
  Audio source = readAudio(argv[1]);
  Audio output = source;
  static mydsp processor;
  processor.init(48000);
  flushSubnormals();
  const double seconds = secondsOf([&] {
    for (size_t at = 0; at < source.frames; at += BLOCK) {
      float *in[] = {&source.left[at], &source.right[at]};
      float *out[] = {&output.left[at], &output.right[at]};
      processor.compute(std::min(BLOCK, source.frames - at), in, out);
    }
  });
  printf("seconds %.6f\n", seconds);
  if (argc > 2) writeAudio(argv[2], output);
}
