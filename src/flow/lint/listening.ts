import { analyse, type Matcher, scoreMatch } from '../../understanding/index.ts';
import type { FlowPlace } from '../errors.ts';
import type { Edge, Flow, FlowNode } from '../types.ts';
import type { Finding, Rule } from './finding.ts';

/** Edges of one node that a caller's words cannot tell apart. */
export const alike: Rule = ({ flow }) => [
  ...[...flow.nodes.values()].flatMap((node) => alikeAmong(node.edges, { node: node.id }, flow)),
  ...alikeAmong(flow.globalEdges, {}, flow),
  ...[...flow.nodes.values()].flatMap((node) => takenFromGlobal(node, flow)),
];

function alikeAmong(edges: readonly Edge[], place: FlowPlace, flow: Flow): Finding[] {
  const listening = edges.filter((edge) => !edge.isFallback && edge.match !== undefined);
  return listening.flatMap((edge) =>
    listening
      .filter((other) => other !== edge && other.target !== edge.target && !areApart(edge, other))
      .flatMap((other) => [
        ...sameWords(edge, other, place, flow),
        // Told once, at the edge that stands first.
        ...(listening.indexOf(edge) < listening.indexOf(other) ? sameKeys(edge, other, place) : []),
      ]),
  );
}

/** Guards of both may keep one of them away: what they are about is not for us to tell. */
function areApart(edge: Edge, other: Edge): boolean {
  return edge.guard !== undefined && other.guard !== undefined;
}

/** An example of `edge` that says `other` as well, or nearly. */
function sameWords(edge: Edge, other: Edge, place: FlowPlace, flow: Flow): Finding[] {
  const own = matcherOf(edge);
  const otherMatcher = matcherOf(other);
  const confused = own.examples.find((example) => {
    const utterance = analyse(example);
    const score = scoreMatch(utterance, otherMatcher, []).score;
    return score > 0 && scoreMatch(utterance, own, []).score - score < flow.match.margin;
  });
  if (confused === undefined) return [];
  return [
    {
      rule: 'examples-alike',
      severity: 'warning',
      ...place,
      edge: edge.id,
      field: 'match',
      message: `the example "${confused}" fits the edge "${other.id}" just as well: it decides nothing`,
      advice: 'give each edge words that the other has not',
    },
  ];
}

/** Own edges are heard before global ones. */
function takenFromGlobal(node: FlowNode, flow: Flow): Finding[] {
  const own = node.edges.filter((edge) => !edge.isFallback && edge.match !== undefined);
  const globals = flow.globalEdges.filter((edge) => edge.target !== node.id);
  return globals.flatMap((global) =>
    own
      .filter((edge) => edge.target !== global.target && edge.guard === undefined)
      .flatMap((edge) => {
        const taken = matcherOf(global).examples.find((example) => decides(edge, example, flow));
        if (taken === undefined) return [];
        return [
          {
            rule: 'global-hidden',
            severity: 'warning',
            node: node.id,
            edge: edge.id,
            field: 'match',
            message: `at this node the words "${taken}" of the global edge "${global.id}" take this edge`,
            advice: 'right if it is meant; else give this edge narrower words',
          } satisfies Finding,
        ];
      }),
  );
}

function decides(edge: Edge, words: string, flow: Flow): boolean {
  const { score, covers } = scoreMatch(analyse(words), matcherOf(edge), []);
  return covers && score >= (edge.match?.threshold ?? flow.match.threshold);
}

function sameKeys(edge: Edge, other: Edge, place: FlowPlace): Finding[] {
  const shared = edge.match?.dtmf.find((keys) => other.match?.dtmf.includes(keys));
  if (shared === undefined) return [];
  return [
    {
      rule: 'same-key',
      severity: 'warning',
      ...place,
      edge: edge.id,
      field: 'match.dtmf',
      message: `the edge "${other.id}" has the key ${shared} too: the first edge gets it`,
      advice: 'give one of them another key',
    },
  ];
}

function matcherOf({ match }: Edge): Matcher {
  return {
    patterns: [...(match?.patterns ?? []), ...(match?.intent?.patterns ?? [])],
    examples: [...(match?.examples ?? []), ...(match?.intent?.examples ?? [])],
  };
}

/** Edges that say nothing about when to take them. */
export const unexplained: Rule = ({ flow }) =>
  [...flow.nodes.values()].flatMap((node) =>
    node.edges
      .filter((edge) => !edge.isFallback && edge.condition === '')
      .filter(({ guard, match }) => guard === undefined && match === undefined)
      .map((edge) => ({
        rule: 'unexplained-edge',
        severity: 'warning',
        node: node.id,
        edge: edge.id,
        message: 'it has no condition, no guard and no match: nobody can tell when to take it',
        advice: 'say when, or write condition: always',
      })),
  );
