// W5 as native code would have it: 1000 gain nodes behind a virtual call, each with a buffer of its own.
#include "timing.h"
#include <algorithm>
#include <memory>

constexpr size_t BLOCK = 128, CHAINS = 100, GAINS = 10;

struct Node {
  virtual ~Node() = default;
  virtual void process(size_t frames) = 0;
  alignas(64) float left[BLOCK], right[BLOCK];
};

struct Gain final : Node {
  const Node *from;
  float gain;
  void process(size_t frames) override {
    for (size_t i = 0; i < frames; i++) left[i] = from->left[i] * gain;
    for (size_t i = 0; i < frames; i++) right[i] = from->right[i] * gain;
  }
};

struct Sum final : Node {
  std::vector<const Node *> from;
  void process(size_t frames) override {
    for (size_t i = 0; i < frames; i++) left[i] = right[i] = 0;
    for (const Node *node : from) {
      for (size_t i = 0; i < frames; i++) left[i] += node->left[i];
      for (size_t i = 0; i < frames; i++) right[i] += node->right[i];
    }
  }
};

struct Input final : Node {
  void process(size_t) override {}
};

int main(int argc, char **argv) {
  const Audio source = readAudio(argv[1]);
  Audio output = source;
  const float gain = atof("0.999");
  Input input;
  auto sum = std::make_unique<Sum>();
  std::vector<std::unique_ptr<Node>> nodes;
  for (size_t chain = 0; chain < CHAINS; chain++) {
    const Node *at = &input;
    for (size_t g = 0; g < GAINS; g++) {
      auto node = std::make_unique<Gain>();
      node->from = at;
      node->gain = gain;
      at = node.get();
      nodes.push_back(std::move(node));
    }
    sum->from.push_back(at);
  }
  const double seconds = secondsOf([&] {
    for (size_t at = 0; at < source.frames; at += BLOCK) {
      const size_t frames = std::min(BLOCK, source.frames - at);
      std::copy_n(&source.left[at], frames, input.left);
      std::copy_n(&source.right[at], frames, input.right);
      for (auto &node : nodes) node->process(frames);
      sum->process(frames);
      std::copy_n(sum->left, frames, &output.left[at]);
      std::copy_n(sum->right, frames, &output.right[at]);
    }
  });
  printf("seconds %.6f\n", seconds);
  if (argc > 2) writeAudio(argv[2], output);
}
