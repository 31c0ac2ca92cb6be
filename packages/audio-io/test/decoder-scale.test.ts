import { expect, test } from "vitest";
import { undoScale } from "../src/decoder-scale.ts";
import { expectSamples } from "./expect-samples.ts";

// The symmetric scale is proved on real FLAC files; for TTA and WavPack there is no encoder in npm, so the formula of
// their decoder stands here: positive codes over 2^(n-1) - 1, negative ones over 2^(n-1), in 32-bit floats.
test.each([8, 16, 24])("the split scale of %i bits is undone to the last code", (bits) => {
  const fullScale = 2 ** (bits - 1);
  const step = Math.max(1, Math.floor(fullScale / 50_021));
  const codes: number[] = [];
  for (let code = -fullScale; code < fullScale; code += step) codes.push(code);
  codes.push(fullScale - 1, -1, 0, 1);
  const decoded = Float32Array.from(codes, (code) => (code < 0 ? code / fullScale : code / (fullScale - 1)));
  undoScale([decoded], bits, "split");
  expectSamples(
    decoded,
    codes.map((code) => code / fullScale),
  );
});

test("the symmetric scale reads its full scale as exactly -1", () => {
  const samples = Float32Array.of(-32768 / 32767, 1, 0);
  undoScale([samples], 16, "symmetric");
  expect([...samples]).toEqual([-1, 32767 / 32768, 0]);
});
