import { expect } from 'vitest';
import { type Child, startChild } from './child.ts';
import { openPlace, type SharedPlace } from './shared-place.ts';
import type { TurnMessage, Turns } from './turns.ts';

export interface HammerOptions {
  place: SharedPlace;
  /** Answered turns to wait for. */
  turns: number;
  /** Done once, after two thirds of them. */
  disturb?: () => Promise<void>;
}

export interface HammerReport {
  answered: number;
  /** How often turns failed, by the code of the error. Nothing is promised about these. */
  failed: Map<string, number>;
  /** Turns that were stored though nobody was told so: their process was killed in between. */
  untold: number;
}

const SESSIONS = 50;
/** A short lease: a third of the way one process dies with sessions in its hands. */
const LEASE_MS = 1500;
/** Without an answer for so long, something stands still that should not. */
const STUCK_MS = 20_000;

/** Two processes take turns in the same sessions, and one is killed and replaced. Checks every turn. */
export async function hammer({ place, turns, disturb }: HammerOptions): Promise<HammerReport> {
  const answered: string[] = [];
  const failed = new Map<string, number>();
  const reached = [turns / 3, (turns * 2) / 3, turns].map((count) => ({
    count,
    event: Promise.withResolvers<void>(),
  }));
  let lastAnswerAtMs = performance.now();
  const follow = async ({ messages }: Child<TurnMessage>) => {
    for await (const message of messages) {
      if ('failed' in message) {
        failed.set(message.failed, (failed.get(message.failed) ?? 0) + 1);
        continue;
      }
      answered.push(message.answered);
      lastAnswerAtMs = performance.now();
      for (const { count, event } of reached) if (answered.length >= count) event.resolve();
    }
  };
  const start = (name: string) => {
    const argument: Turns = { place, name, sessions: SESSIONS, atOnce: 8, leaseMs: LEASE_MS };
    const child = startChild<TurnMessage>('./turns.ts', argument);
    return { child, followed: follow(child) };
  };
  const watchdog = setInterval(() => {
    if (performance.now() - lastAnswerAtMs < STUCK_MS) return;
    const counts = JSON.stringify([...failed]);
    const stuck = new Error(`stuck after ${answered.length} turns; failed: ${counts}`);
    for (const { event } of reached) event.reject(stuck);
  }, 500);
  for (const { event } of reached) event.promise.catch(() => {});

  const [third, twoThirds, all] = reached.map(({ event }) => event.promise);
  const children = [start('a'), start('b')];
  try {
    await third;
    await children[0]?.child.kill();
    children.push(start('c'));
    await twoThirds;
    await disturb?.();
    await all;
  } finally {
    clearInterval(watchdog);
    await Promise.all(children.map(({ child }) => child.kill()));
  }
  await Promise.all(children.map(({ followed }) => followed));
  const stored = await storedTurns(place);
  const known = new Set(stored);
  expect(answered.filter((turn) => !known.has(turn))).toEqual([]);
  expect(stored.length).toBe(known.size);
  return { answered: answered.length, failed, untold: known.size - new Set(answered).size };
}

async function storedTurns(place: SharedPlace): Promise<string[]> {
  const { store } = openPlace(place, { holder: 'reader', leaseMs: LEASE_MS });
  const turns: string[] = [];
  for (let index = 0; index < SESSIONS; index += 1) {
    const record = await store.load(`session-${index}`);
    turns.push(...(record?.messages ?? []).map(({ content }) => content));
  }
  return turns;
}
