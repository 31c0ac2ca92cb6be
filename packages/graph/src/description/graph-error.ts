/** All that is wrong with a description, one line each. */
export class GraphError extends Error {
  override readonly name = "GraphError";
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(
      problems.length === 1
        ? problems[0]
        : `the graph has ${problems.length} problems:\n  ${problems.join("\n  ")}`,
    );
    this.problems = problems;
  }
}
