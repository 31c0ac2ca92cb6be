/** Whether a text is an SPDX licence expression (SPDX 3.0.1, annex "SPDX license expressions"). */

/** The identifiers that npm's packages have in all but one case in a thousand. */
const IDS = new Set(
  `0BSD AFL-3.0 AGPL-3.0-only AGPL-3.0-or-later Apache-2.0 Artistic-2.0 BlueOak-1.0.0 BSD-2-Clause BSD-3-Clause
  BSD-3-Clause-Clear BSL-1.0 CC-BY-3.0 CC-BY-4.0 CC-BY-SA-4.0 CC0-1.0 CDDL-1.0 CDDL-1.1 ECL-2.0 EPL-1.0 EPL-2.0 EUPL-1.1
  EUPL-1.2 GPL-2.0-only GPL-2.0-or-later GPL-3.0-only GPL-3.0-or-later ISC LGPL-2.1-only LGPL-2.1-or-later LGPL-3.0-only
  LGPL-3.0-or-later LPPL-1.3c MIT MIT-0 MPL-1.1 MPL-2.0 MS-PL MS-RL NCSA OFL-1.1 OSL-3.0 PostgreSQL Python-2.0 Unicode-3.0
  Unlicense UPL-1.0 WTFPL X11 Zlib`.split(/\s+/),
);
const EXCEPTIONS = new Set([
  "Classpath-exception-2.0",
  "GCC-exception-3.1",
  "LLVM-exception",
  "Font-exception-2.0",
]);

export function isLicenseExpression(text: string): boolean {
  const tokens = text.match(/[()]|[^\s()]+/g) ?? [];
  let at = 0;
  const one = (): boolean => {
    if (tokens[at] === "(") {
      at++;
      if (!any() || tokens[at] !== ")") return false;
      at++;
      return true;
    }
    const id = tokens[at++] ?? "";
    if (!IDS.has(id.replace(/\+$/, "")) && !/^LicenseRef-[A-Za-z0-9.-]+$/.test(id)) return false;
    if (tokens[at] !== "WITH") return true;
    at++;
    return EXCEPTIONS.has(tokens[at++] ?? "");
  };
  const any = (): boolean => {
    if (!one()) return false;
    while (tokens[at] === "AND" || tokens[at] === "OR") {
      at++;
      if (!one()) return false;
    }
    return true;
  };
  return any() && at === tokens.length;
}
