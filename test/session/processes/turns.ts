import { SessionWorker } from '../../../src/session/worker.ts';
import { Recorder } from '../../support/recorder.ts';
import { argument, tell } from './child.ts';
import { openPlace, type SharedPlace } from './shared-place.ts';

/** Takes turns in random sessions until it is killed. */
export interface Turns {
  place: SharedPlace;
  /** Begins the name of each of its turns, and names it as a holder. */
  name: string;
  sessions: number;
  /** Turns it takes at the same time. */
  atOnce: number;
  leaseMs: number;
}

/** A turn was answered: its session was released without an error. */
export type TurnMessage = { answered: string } | { failed: string };

const { place, name, sessions, atOnce, leaseMs } = argument<Turns>();
const { store, locks } = openPlace(place, { holder: name, leaseMs });
const worker = new SessionWorker({
  agentFactory: () => new Recorder(),
  store,
  lockBackend: locks,
  maxSessions: sessions,
});
let turns = 0;

async function takeTurns(): Promise<never> {
  for (;;) {
    turns += 1;
    const said = `${name}-${turns}`;
    const id = `session-${Math.floor(Math.random() * sessions)}`;
    try {
      await worker.withSession(id, (session) => session.turn(said));
      await tell({ answered: said } satisfies TurnMessage);
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
      await tell({ failed: code } satisfies TurnMessage);
    }
  }
}

await Promise.all(Array.from({ length: atOnce }, takeTurns));
