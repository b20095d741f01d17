import { type HttpService, type ServiceReply, startHttpService } from '../support/http-service.ts';

/** What the booking service of a test knows, and what it refuses. */
export interface GolfWorld {
  /** The caller's number belongs to a player. Default true. */
  isKnown?: boolean;
  /** The player's bookings. */
  bookings?: readonly { id: string; course: string; status: string }[];
  /** How often a slot that is to be held is gone already. */
  takenTimes?: number;
  /** How often a booking cannot be confirmed. */
  confirmFails?: number;
  /** The status a cancellation is refused with. */
  cancelRefused?: number;
}

const PLAYER = { player_id: 'p-1', name: 'Asha' };
const LAKESIDE = { course_id: 'blr-1', name: 'Lakeside', city: 'Bengaluru', holes: 18 };
const HILLTOP = { course_id: 'blr-2', name: 'Hilltop', city: 'Bengaluru', holes: 9 };

type Route = readonly [request: RegExp, answer: () => ServiceReply];

/** A tee time service as the actions of the flow expect it. */
export function startGolfService(world: GolfWorld = {}): Promise<HttpService> {
  const routes = routesOf(world);
  return startHttpService(({ method, path }) => {
    const route = routes.find(([request]) => request.test(`${method} ${path}`));
    return route === undefined ? refusal(404) : route[1]();
  });
}

function routesOf({ isKnown = true, bookings = [], cancelRefused, ...world }: GolfWorld): Route[] {
  let { takenTimes: taken = 0, confirmFails: unconfirmed = 0 } = world;
  const found = bookings.map(({ id, course, status }) => ({
    booking_id: id,
    course: { name: course },
    status,
  }));
  return [
    [/^POST \/auth\/token/, () => ({ body: { access_token: 't-1' } })],
    [/^POST \/auth\/refresh/, () => ({ body: { access_token: 't-2' } })],
    [/^GET \/players\/search/, () => (isKnown ? { body: PLAYER } : refusal(404))],
    [/^POST \/players$/, () => ({ body: PLAYER })],
    [/^GET \/players\/[^/]+\/bookings/, () => ({ body: { bookings: found } })],
    [/^GET \/players\//, () => ({ body: PLAYER })],
    [/^GET \/courses\/check-availability\?name=Lakeside/, () => ({ body: LAKESIDE })],
    [/^GET \/courses\/check-availability/, () => refusal(404)],
    [
      /^GET \/courses\/[^/]+\/availability\?.*time_from=06:00&time_to=08:00/,
      () => ({ body: { slots: [{ slot_id: 's-1', time: '07:00' }] } }),
    ],
    [/^GET \/courses\?/, () => ({ body: { courses: [LAKESIDE, HILLTOP] } })],
    [/^GET \/courses\/blr-\d$/, () => ({ body: { ...LAKESIDE, price: 3000 } })],
    [
      /^POST \/slots\/hold/,
      () => (taken-- > 0 ? refusal(409) : { body: { hold_id: 'h-1', status: 'active' } }),
    ],
    [
      /^POST \/bookings\/confirm/,
      () => (unconfirmed-- > 0 ? refusal(500) : { body: { booking_id: 'TT-1' } }),
    ],
    [/^GET \/bookings\/TT-1/, () => ({ body: { booking_id: 'TT-1', status: 'confirmed' } })],
    [/^PATCH \/bookings\//, () => ({ body: { booking_id: 'TT-1' } })],
    [
      /^DELETE \/bookings\//,
      () => (cancelRefused ? refusal(cancelRefused) : { body: { status: 'cancelled' } }),
    ],
    [/^POST \/waitlist/, () => ({ body: { waitlist_id: 'w-1', status: 'active' } })],
    [/^GET \/waitlist/, () => ({ body: { entries: [{ waitlist_id: 'w-1' }] } })],
    [/^DELETE \/waitlist\//, () => ({ body: { status: 'removed' } })],
  ];
}

function refusal(status: number): ServiceReply {
  return { status, body: { error: 'refused' } };
}
