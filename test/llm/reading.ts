import type { ModelDelta } from '../../src/llm/model.ts';

export async function read(stream: AsyncIterable<ModelDelta>): Promise<ModelDelta[]> {
  const deltas: ModelDelta[] = [];
  for await (const delta of stream) deltas.push(delta);
  return deltas;
}

export function text(deltas: readonly ModelDelta[]): string {
  return deltas.map((delta) => (delta.type === 'text' ? delta.text : '')).join('');
}

/** The last delta of a reply that came to its end. */
export function done(deltas: readonly ModelDelta[]): Extract<ModelDelta, { type: 'done' }> {
  const last = deltas.at(-1);
  if (last?.type !== 'done') throw new Error('the reply has no end');
  return last;
}
