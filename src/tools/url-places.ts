/** A place for an argument in the URL of a tool: `{order}`. */
export const PLACE = /\{(\w+)\}/g;

export const URL_EXPECTED =
  'expected a URL such as https://api.example.com/orders/{order}, ' +
  'absolute and with placeholders in path or query only';

/** Whether it is an absolute URL in which no argument chooses the host. */
export function isUrlWithPlaces(url: string): boolean {
  const filled = url.replaceAll(PLACE, 'x');
  const origin = /^https?:\/\/[^/?#]*/i.exec(url)?.[0];
  if (origin === undefined || origin.includes('{') || !URL.canParse(filled)) return false;
  return !/[{}]/.test(filled);
}

export const MCP_URL_EXPECTED =
  'expected the address of its server, as in https://tools.example.com/mcp';

export function isHttpUrl(url: string): boolean {
  return /^https?:\/\//i.test(url) && URL.canParse(url);
}
