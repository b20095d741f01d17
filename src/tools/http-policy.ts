import dns from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { Agent, buildConnector } from 'undici';

/** Where requests may go, and how much may come back. */
export interface HttpPolicy {
  /**
   * Whether private, loopback, link-local and other addresses that are not of the public internet
   * may be reached: by all requests, or by those to the named hosts (`name` or `name:port`).
   * Default false.
   */
  allowPrivate?: boolean | readonly string[];
  /** How long an answer may be, after decompression. Default 1 MiB. */
  maxResponseBytes?: number;
}

/** The host's address is not of the public internet, and the policy does not open it. */
export class PrivateAddressError extends Error {
  constructor() {
    super(
      'refused: the address is not of the public internet; a host that is meant is named in allowPrivate',
    );
  }
}

/** Connects only where the policy lets it. */
export function dispatcherFor(
  { hostname, host }: URL,
  { allowPrivate = false }: HttpPolicy,
): Agent {
  const open =
    typeof allowPrivate === 'boolean'
      ? allowPrivate
      : allowPrivate.includes(hostname) || allowPrivate.includes(host);
  return open ? openAgent : publicAgent;
}

const openAgent = new Agent();

const connectPublic = buildConnector({ lookup: lookupPublic });

/*
 * The check belongs to the connection and not to the request: a name that was looked up before
 * could resolve to another address by then. A literal address is never looked up.
 */
const publicAgent = new Agent({
  connect(options, callback) {
    const address = options.hostname.replace(/^\[|\]$/g, '');
    if (isIP(address) !== 0 && !isPublic(address)) return callback(new PrivateAddressError(), null);
    connectPublic(options, callback);
  },
});

function lookupPublic(...[hostname, options, callback]: Parameters<LookupFunction>): void {
  dns.lookup(hostname, { ...options, all: true }, (error, addresses) => {
    const [first] = addresses ?? [];
    if (error !== null) callback(error, '');
    else if (!addresses.every(({ address }) => isPublic(address))) {
      callback(new PrivateAddressError(), '');
    } else if (options.all) callback(null, addresses);
    else callback(null, first?.address ?? '', first?.family);
  });
}

/** IPv4 that is not globally reachable, by the IANA registry of special-purpose addresses. */
const specialIPv4 = blockList('ipv4', [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
  // Azure's metadata and wire server: a public number that is answered by the machine's own host.
  '168.63.129.16/32',
]);

/** All of IPv6 that is given out. Loopback, local, multicast, mapped and translated lie outside. */
const globalIPv6 = blockList('ipv6', ['2000::/3']);

/** Parts of it that are not reachable, or that hide an IPv4 address (Teredo, 6to4). */
const specialIPv6 = blockList('ipv6', ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20']);

function blockList(family: 'ipv4' | 'ipv6', subnets: readonly string[]): BlockList {
  const list = new BlockList();
  for (const subnet of subnets) {
    const [network = '', prefix] = subnet.split('/');
    list.addSubnet(network, Number(prefix), family);
  }
  return list;
}

/** Whether an IP address is one of the public internet. */
export function isPublic(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return !specialIPv4.check(address, 'ipv4');
    case 6:
      return globalIPv6.check(address, 'ipv6') && !specialIPv6.check(address, 'ipv6');
    default:
      return false;
  }
}
