/**
 * One band while it runs: its sections between left and right and between mid and side. Whatever changes, all its
 * sections move to their new coefficients, in three phases:
 *
 *   1. one ramp: to the new coefficients, or, for a section that is to go, to y = x
 *   2. one ramp: the poles of sections that go move to the origin
 *   3. two frames of exactly y = x for those, in which they hand out what is left of their state
 *
 * A section that comes starts at y = x with the poles it will have.
 */
import { designBand, type Section } from "./band-design.ts";
import { type BandSettings, LEFT, MID, RIGHT, SIDE, STEREO } from "./band-settings.ts";
import { MovingSection } from "./moving-section.ts";

const MAX_SECTIONS = 5;
const SETTLING = 2;

/** A section in both lanes, left and right or mid and side. */
export interface Slot {
  readonly lanes: readonly [MovingSection, MovingSection];
  runs: boolean;
  /** Whether it is to stay. */
  wanted: boolean;
  /** Frames in which its slowest pole falls to 1/e; while it moves, that of the slower of its ends. */
  timeConstantFrames: number;
  goalTimeConstantFrames: number;
}

export class Band {
  /** In the path of left and right. */
  readonly leftRight = Array.from({ length: MAX_SECTIONS }, newSlot);
  /** In the path of mid and side. */
  readonly midSide = Array.from({ length: MAX_SECTIONS }, newSlot);
  readonly #rampFrames: number;
  #framesLeft = 0;

  constructor(rampFrames: number) {
    this.#rampFrames = rampFrames;
  }

  get framesLeft(): number {
    return this.#framesLeft;
  }

  get running(): Slot[] {
    return [...this.leftRight, ...this.midSide].filter((slot) => slot.runs);
  }

  /** Heads for other settings. In mono, left and mid are all there is, and right and side nothing. */
  retarget(settings: BandSettings, sampleRateHz: number, mono: boolean): void {
    const unheard = mono && (settings.channels === RIGHT || settings.channels === SIDE);
    const channels = mono ? STEREO : settings.channels;
    const designs = unheard ? [] : designBand(settings, settings.frequencyHz, sampleRateHz);
    const heard = [channels !== RIGHT && channels !== SIDE, channels !== LEFT && channels !== MID];
    for (const path of [this.leftRight, this.midSide]) {
      const wanted = path === (channels >= MID ? this.midSide : this.leftRight);
      for (const [k, slot] of path.entries()) {
        const design = wanted ? designs[k] : undefined;
        if (!design && !slot.runs) continue;
        for (const [index, lane] of slot.lanes.entries()) {
          if (design && !slot.runs) lane.comeIn(design);
          if (design) lane.leadTo(heard[index] ? design : unity(design), this.#rampFrames);
          else lane.leadGainsToOne(this.#rampFrames);
        }
        slot.runs = true;
        slot.wanted = design !== undefined;
        slot.goalTimeConstantFrames = design ? timeConstantFrames(design) : 0;
        slot.timeConstantFrames = Math.max(slot.timeConstantFrames, slot.goalTimeConstantFrames);
        this.#framesLeft = 2 * this.#rampFrames + SETTLING;
      }
    }
  }

  /** To be called after each frame. True if a phase has now ended. */
  advance(): boolean {
    if (this.#framesLeft === 0) return false;
    this.#framesLeft--;
    if (this.#framesLeft === this.#rampFrames + SETTLING) this.#letGo();
    else if (this.#framesLeft === SETTLING) for (const slot of this.running) arrive(slot);
    else if (this.#framesLeft === 0) this.settle();
    else return false;
    return true;
  }

  /** At the goal, at once. */
  settle(): void {
    this.#framesLeft = 0;
    for (const slot of this.running) {
      arrive(slot);
      slot.timeConstantFrames = slot.goalTimeConstantFrames;
      if (slot.wanted) continue;
      slot.runs = false;
      silence(slot);
    }
  }

  /** Phase 1 is over. If nothing has to go, so is the ramp. */
  #letGo(): void {
    const going = this.running.filter((slot) => !slot.wanted);
    for (const slot of this.running) arrive(slot);
    if (going.length === 0) this.settle();
    for (const slot of going) for (const lane of slot.lanes) lane.leadPolesToOrigin(this.#rampFrames);
  }
}

export function silence(slot: Slot): void {
  for (const lane of slot.lanes) lane.silence();
}

function arrive(slot: Slot): void {
  for (const lane of slot.lanes) lane.arrive();
}

function newSlot(): Slot {
  return {
    lanes: [new MovingSection(), new MovingSection()],
    runs: false,
    wanted: false,
    timeConstantFrames: 0,
    goalTimeConstantFrames: 0,
  };
}

/** y = x with the poles of a section. */
function unity({ a1, a2 }: Section): Section {
  return { b0: 1, b1: a1, b2: a2, a1, a2 };
}

function timeConstantFrames({ a1, a2 }: Section): number {
  const d = a1 * a1 - 4 * a2;
  const radius = d > 0 ? (Math.abs(a1) + Math.sqrt(d)) / 2 : Math.sqrt(Math.max(0, a2));
  return radius < 1e-9 ? 0 : -1 / Math.log(radius);
}
