/** Orders that are answered, on the control side. */
import { fromPlainError } from "../running/error-crossing.ts";
import { type Pending, pending } from "../running/pending.ts";
import type { Answer, LiveMessage, LiveOrder } from "./live-messages.ts";

type Answered = Extract<LiveOrder, { readonly id: number }>;
type WithoutId<T> = T extends unknown ? Omit<T, "id"> : never;
export type Send = (order: LiveOrder, transferred?: ArrayBuffer[]) => void;

export class LiveOrders {
  readonly #send: Send;
  readonly #open = new Map<number, Pending<Answer>>();
  #count = 0;

  constructor(send: Send) {
    this.#send = send;
  }

  /** Resolves with the answer; rejects with what the other side threw. */
  ask<Of extends Answer["of"]>(
    order: WithoutId<Extract<Answered, { readonly kind: Of }>>,
    transferred: ArrayBuffer[] = [],
  ): Promise<Extract<Answer, { readonly of: Of }>> {
    const id = ++this.#count;
    const answer = pending<Answer>();
    this.#open.set(id, answer);
    this.#send({ ...order, id } as unknown as LiveOrder, transferred);
    return answer.promise as Promise<Extract<Answer, { readonly of: Of }>>;
  }

  told(message: Extract<LiveMessage, { readonly id: number }>): void {
    const answer = this.#open.get(message.id);
    this.#open.delete(message.id);
    if (message.kind === "done") answer?.resolve(message.answer);
    else answer?.reject(fromPlainError(message.error));
  }
}
