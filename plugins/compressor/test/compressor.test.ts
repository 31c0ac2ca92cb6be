import { describePlugin } from "@gainstage/conformance";

describePlugin(new URL("../", import.meta.url));
