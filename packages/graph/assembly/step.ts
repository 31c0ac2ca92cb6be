/** One step of a plan, as the control side lays it out. What `from` to `extra2` hold, each opcode says. */
@unmanaged
export class Step {
  opcode: i32;
  channels: i32;
  to: u32;
  from: u32;
  record: u32;
  extra0: i32;
  extra1: i32;
  extra2: i32;
}
