import { Flow } from '../../../src/flow/flow.ts';
import { DialogMachine } from '../../../src/machine/dialog-machine.ts';
import type { SessionStore } from '../../../src/session/store.ts';
import { SessionWorker } from '../../../src/session/worker.ts';
import { argument, tell } from './child.ts';
import { openPlace, type SharedPlace } from './shared-place.ts';

/** Says yes in a session whose next step is a write. */
export interface Booking {
  place: SharedPlace;
  api: string;
  holder: string;
  /** Stand still when the intent is saved, before anything is sent. */
  stopAtIntent: boolean;
}

export const SESSION = 'call';
const LEASE_MS = 10_000;

export function bookingFlow(api: string): Flow {
  return Flow.parse({
    name: 'booking',
    initial_node: 'ask',
    actions: [
      {
        id: 'book',
        method: 'POST',
        url: `${api}/bookings`,
        body: { table: '12' },
        store_response_as: 'booked',
      },
    ],
    nodes: [
      {
        id: 'ask',
        static_text: 'Shall I book it?',
        edges: [
          {
            id: 'yes',
            target_node_id: 'done',
            match: { intent: 'yes' },
            actions: [{ trigger: 'on_enter', action_id: 'book' }],
          },
        ],
      },
      {
        id: 'done',
        static_text: '{% if booked.success %}It is booked.{% else %}It may be booked.{% endif %}',
        edges: [{ id: 'again', target_node_id: 'ask', match: { examples: ['again'] } }],
      },
    ],
  });
}

export function bookingWorker({ place, api, holder }: Booking, store?: SessionStore) {
  const opened = openPlace(place, { holder, leaseMs: LEASE_MS });
  const flow = bookingFlow(api);
  const worker = new SessionWorker({
    agentFactory: () =>
      new DialogMachine({ flow, sessionId: SESSION, http: { allowPrivate: true } }),
    store: store ?? opened.store,
    lockBackend: opened.locks,
  });
  return { worker, ...opened };
}

if (process.send !== undefined && import.meta.filename === process.argv[1]) {
  const booking = argument<Booking>();
  const { store } = openPlace(booking.place, { holder: booking.holder, leaseMs: LEASE_MS });
  const { worker } = bookingWorker(booking, booking.stopAtIntent ? stoppingAtIntent(store) : store);
  await worker.withSession(SESSION, async (session) => {
    await session.turn({ kind: 'opened' });
    await session.turn('yes');
  });
  await tell({ did: 'everything' });
  process.exit();
}

function stoppingAtIntent(store: SessionStore): SessionStore {
  return {
    load: (id) => store.load(id),
    delete: (id) => store.delete(id),
    async save(record, options) {
      await store.save(record, options);
      if (!JSON.stringify(record.flowState).includes('"running":{')) return;
      await tell({ did: 'intent' });
      await new Promise(() => setInterval(() => {}, 1000));
    },
  };
}
