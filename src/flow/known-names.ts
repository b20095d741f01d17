import type { FlowFile } from './schema.ts';
import type { UrlNames } from './url-template.ts';

/** Names that templates see and that are no slots, by where their values come from. */
export interface KnownNames {
  environment: ReadonlySet<string>;
  /** What actions and tools store. */
  results: ReadonlySet<string>;
  /** What moves set. */
  set: ReadonlySet<string>;
}

export function knownNames(
  file: FlowFile,
  environment: object,
  toolIds: Iterable<string>,
): KnownNames {
  const actions = file.actions ?? file.global_actions ?? [];
  const edges = [...file.nodes.flatMap((node) => node.edges ?? []), ...(file.global_edges ?? [])];
  return {
    environment: new Set(Object.keys(environment)),
    results: new Set([
      ...toolIds,
      ...actions.flatMap((action) => [
        ...(action.store_response_as ? [action.store_response_as] : []),
        ...(action.env_updates ?? []).map((update) => update.env_key),
      ]),
    ]),
    set: new Set(edges.flatMap((edge) => Object.keys(edge.set ?? {}))),
  };
}

/** Slots and what moves set may hold words of a caller. */
export function urlNames(
  { environment, results, set }: KnownNames,
  slots: ReadonlyMap<string, unknown>,
): UrlNames {
  const isOurs = (name: string) => !slots.has(name) && !set.has(name);
  return {
    constant: new Set([...environment].filter((name) => isOurs(name) && !results.has(name))),
    trusted: new Set([...environment, ...results].filter(isOurs)),
  };
}
