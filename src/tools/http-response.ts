import type { Response } from 'undici';
import type { Json } from '../json.ts';
import { HttpFault } from './http-request.ts';
import { failed, succeeded } from './result.ts';
import type { ToolResult } from './tool.ts';

/** Deeper values overflow the stack of what walks them later. */
const MAX_DEPTH = 64;

/** Throws an `HttpFault` if the answer is longer than `maxBytes`. */
export async function readResponse(response: Response, maxBytes: number): Promise<ToolResult> {
  const text = await readText(response, maxBytes);
  const { status } = response;
  const data = parseText(text, response.headers.get('content-type') ?? '');
  if (status >= 400) return failed(`HTTP ${status}`, { status, data: data ?? text });
  if (data === undefined) {
    return failed('the answer says that it is JSON and is not', { status, data: text });
  }
  return succeeded(data, status);
}

async function readText(response: Response, maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.byteLength;
    if (length > maxBytes) throw new HttpFault(`the answer is longer than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return new TextDecoder().decode(Buffer.concat(chunks));
}

/** `undefined` if the text claims to be JSON and is not. Nothing at all is `null`. */
function parseText(text: string, contentType: string): Json | undefined {
  if (text.trim() === '') return null;
  if (/[/+]json\b/i.test(contentType)) return parseJson(text);
  return /^\s*[[{]/.test(text) ? (parseJson(text) ?? text) : text;
}

/** `undefined` if it is no JSON, or nested too deeply to be worked with. */
export function parseJson(text: string): Json | undefined {
  try {
    const value: Json = JSON.parse(text);
    return isDeeper(value, MAX_DEPTH) ? undefined : value;
  } catch {
    return undefined;
  }
}

function isDeeper(value: Json, levels: number): boolean {
  if (value === null || typeof value !== 'object') return false;
  return levels === 0 || Object.values(value).some((part) => isDeeper(part, levels - 1));
}
