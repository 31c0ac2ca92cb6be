/** msgpackr's build without code generation, which it ships without types of its own. */
declare module "msgpackr/index-no-eval" {
  export { Packr, Unpackr } from "msgpackr";
}
