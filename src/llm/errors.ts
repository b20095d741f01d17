import { SuperdialogError } from '../errors.ts';
import type { ModelCall } from './model.ts';

export const MODEL_ERROR_CODES = [
  /** The provider does not accept the key, or the key may not use this model. */
  'model_auth',
  /** No word came within the deadline. */
  'model_timeout',
  'model_rate_limit',
  /** No connection, a fault of the provider, or a reply that broke off. */
  'model_unavailable',
  /** The provider refused the request: unknown model, unsupported parameter, too long. */
  'model_bad_request',
  /** The answer is not in the provider's protocol. */
  'model_garbage',
] as const;

/** What kept a model from answering. */
export type ModelErrorCode = (typeof MODEL_ERROR_CODES)[number];

/**
 * A model that did not answer. The message holds neither the key nor anything of the conversation,
 * which is why the SDK's own error, whose text may quote both, is not kept as its cause.
 */
export class ModelError extends SuperdialogError {
  declare readonly code: ModelErrorCode;
  /** HTTP status, where there was one. */
  readonly status: number | undefined;
  /** Every request that was made, where there may be more than one. */
  readonly calls: readonly ModelCall[] | undefined;

  constructor(
    code: ModelErrorCode,
    message: string,
    details: { status?: number | undefined; calls?: readonly ModelCall[] } = {},
  ) {
    super(code, message);
    this.status = details.status;
    this.calls = details.calls;
  }
}

/** What an error message may say about a model. */
export interface ModelIdentity {
  /** As in `LanguageModel.uri`. */
  uri: string;
  /** Environment variable that holds the key; absent for a server that needs none. */
  keyVariable?: string;
}

/** Makes a `ModelError` of what an SDK threw while a reply was asked for or read. */
export function toModelError(identity: ModelIdentity, error: unknown): ModelError {
  if (error instanceof ModelError) return error;
  if (error instanceof SyntaxError) {
    return new ModelError(
      'model_garbage',
      `${identity.uri}: the answer is not in the provider's streaming protocol. Check the base URL.`,
    );
  }
  const fault = readFault(error);
  const { status } = fault;
  const code = codeOf(status, fault);
  const what = [
    status === undefined ? undefined : `HTTP ${status}`,
    fault.type,
    fault.code,
    fault.param,
  ].filter((part) => part !== undefined);
  const details = what.length === 0 ? `no answer${nameOf(error)}` : [...new Set(what)].join(', ');
  return new ModelError(code, `${identity.uri}: ${details}. ${advice(code, status, identity)}`, {
    status,
  });
}

/** A class tells a fault in the network from one in a provider's own code. */
function nameOf(error: unknown): string {
  const name = error instanceof Error ? error.constructor.name : '';
  return /^\w{1,60}$/.test(name) ? ` (${name})` : '';
}

interface Fault {
  status: number | undefined;
  type: string | undefined;
  code: string | undefined;
  param: string | undefined;
}

/** What both SDKs' errors have in common. */
function readFault(error: unknown): Fault {
  const fields = new Map<string, unknown>(error instanceof Error ? Object.entries(error) : []);
  const status = fields.get('status');
  return {
    status: typeof status === 'number' ? status : undefined,
    type: identifier(fields.get('type')),
    code: identifier(fields.get('code')),
    param: identifier(fields.get('param')),
  };
}

/** Short machine words only: free text may quote the conversation. */
function identifier(value: unknown): string | undefined {
  return typeof value === 'string' && /^[a-z][\w.[\]-]{0,60}$/.test(value) ? value : undefined;
}

function codeOf(status: number | undefined, fault: Fault): ModelErrorCode {
  if (status === undefined) return codeOfType(fault);
  if (status === 401 || status === 403) return 'model_auth';
  if (status === 408) return 'model_timeout';
  if (status === 429) return 'model_rate_limit';
  return status >= 500 ? 'model_unavailable' : 'model_bad_request';
}

/** Faults that come inside a stream have a type and no status. */
function codeOfType({ type, code }: Fault): ModelErrorCode {
  const name = `${type} ${code}`;
  if (/rate_limit|insufficient_quota/.test(name)) return 'model_rate_limit';
  if (/authentication|permission|invalid_api_key/.test(name)) return 'model_auth';
  return /invalid_request|not_found/.test(name) ? 'model_bad_request' : 'model_unavailable';
}

function advice(
  code: ModelErrorCode,
  status: number | undefined,
  { keyVariable }: ModelIdentity,
): string {
  switch (code) {
    case 'model_auth':
      return keyVariable === undefined
        ? 'The server asks for a key: name the environment variable that holds it with ?api_key_env=NAME.'
        : `Check the key in ${keyVariable} and that it may use this model.`;
    case 'model_timeout':
      return 'The provider gave up waiting; try again, or use a faster model.';
    case 'model_rate_limit':
      return "The account's rate limit or credit is used up.";
    case 'model_unavailable':
      return status === undefined
        ? 'Check the network and the base URL.'
        : 'The fault is on the side of the provider; try again later.';
    case 'model_bad_request':
      return status === 404
        ? "Check the model's name and the base URL."
        : 'The request was refused: not every model takes temperature, reasoning or a JSON schema (?reasoning=default and ?structured=false leave the last two out).';
    case 'model_garbage':
      return 'Check the base URL.';
  }
}
