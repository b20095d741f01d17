import type { ModelError } from './errors.ts';
import type { LanguageModel, ModelCall, ModelDelta } from './model.ts';

/** The requests behind a reply that came to its end. */
export function callsOfReply(
  model: LanguageModel,
  { calls, usage }: Extract<ModelDelta, { type: 'done' }>,
): readonly ModelCall[] {
  return calls ?? [{ uri: model.uri, outcome: 'answered', ...(usage && { usage }) }];
}

/** The requests behind a reply that failed. */
export function callsOfError(model: LanguageModel, error: ModelError): readonly ModelCall[] {
  return error.calls ?? [{ uri: model.uri, outcome: 'failed', error: error.code }];
}
