import { forbidsSpeech } from '../condition.ts';
import type { NodeFile } from '../schema.ts';
import type { Flow, NodeType } from '../types.ts';
import type { Rule, Severity } from './finding.ts';

/** Instructions and fields of one node that say different things. */
export const contradiction: Rule = ({ file, flow }) =>
  file.nodes.flatMap((node) =>
    contradictionsOf(node, flow).map(({ field, message, advice, severity }) => ({
      rule: 'contradiction',
      severity: severity ?? 'warning',
      node: node.id,
      field,
      message,
      advice,
    })),
  );

interface Contradiction {
  field: string;
  message: string;
  advice: string;
  severity?: Severity;
}

function contradictionsOf(node: NodeFile, flow: Flow): Contradiction[] {
  const type = flow.nodes.get(node.id)?.type ?? 'instruction';
  return [
    ...ofWords(node, type),
    ...ofType(node),
    ...(type === 'final' ? [] : ofEnding(node, flow)),
    ...ofCriteria(node),
  ];
}

const FORBIDS_SPEECH = /\b(?:do not|don't|never) speak[.!;]|\bsilent routing node\b/i;
/** A ban on speech stands at the head of an instruction; further down it is about one case. */
const HEAD_LENGTH = 300;

/** Who speaks and who does not. */
function ofWords(node: NodeFile, type: NodeType): Contradiction[] {
  const hasWords = (node.static_text ?? '').length > 0;
  if (type === 'router') {
    if (!hasWords) return [];
    const message = 'a router never speaks: its static_text is never heard';
    return [{ field: 'static_text', message, advice: 'remove the text, or the node_type' }];
  }
  const written = (node.instruction ?? '').replace(/\{\{.*?\}\}|\{%.*?%\}/g, '');
  const head = written.trim().slice(0, HEAD_LENGTH);
  if (hasWords || !(forbidsSpeech(head) || FORBIDS_SPEECH.test(head))) return [];
  return [
    {
      field: 'instruction',
      message: `the instruction forbids speech, but this node speaks: it is of type ${type}`,
      advice: 'say node_type: router, or take the ban out of the instruction',
    },
  ];
}

/** Fields that say of what type the node is. */
function ofType(node: NodeFile): Contradiction[] {
  const named = node.node_type ?? undefined;
  const found: Contradiction[] = [];
  if (node.is_final === true && named !== undefined && named !== 'final') {
    found.push({
      field: 'node_type',
      message: `is_final: true and node_type: ${named} disagree; is_final counts`,
      advice: 'say node_type: final, or leave it out',
      severity: 'info',
    });
  }
  if (node.is_final === false && named === 'final') {
    found.push({
      field: 'is_final',
      message: 'is_final: false and node_type: final disagree; node_type counts',
      advice: 'remove one of them',
    });
  }
  return found;
}

const ENDS_CALL = /\b(?:(?:end|terminate|disconnect) the (?:call|conversation)|hang up)\b/gi;
/** What stands before such words where they do not order the end. */
const NOT_AN_ORDER = /\b(?:not|never|n't|before|without|to|if|when|or|would|will)\s+$/i;

/** Orders to end the call at a node that cannot. */
function ofEnding(node: NodeFile, flow: Flow): Contradiction[] {
  const instruction = node.instruction ?? '';
  const ordered = [...instruction.matchAll(ENDS_CALL)].some(
    ({ index }) => !NOT_AN_ORDER.test(instruction.slice(0, index)),
  );
  const canEnd = (node.edges ?? []).some(
    ({ target_node_id: target }) => flow.nodes.get(target ?? '')?.type === 'final',
  );
  if (!ordered || canEnd || node.hang_up === true || node.transfer !== undefined) return [];
  return [
    {
      field: 'instruction',
      message:
        'the instruction says to end the call, but the node is not final and no edge leads to one that is',
      advice: 'say is_final: true, or lead an edge to a final node',
    },
  ];
}

function ofCriteria(node: NodeFile): Contradiction[] {
  if (node.allow_skip !== false || (node.completion_criteria ?? []).length > 0) return [];
  const message = 'allow_skip: false has nothing to guard: the node has no completion_criteria';
  return [{ field: 'allow_skip', message, advice: 'add completion_criteria, or remove it' }];
}

/** Routers that are routers only because of how their instruction is worded. */
export const guessedRouter: Rule = ({ file, flow }) =>
  file.nodes
    .filter(({ id }) => flow.nodes.get(id)?.type === 'router')
    .filter(({ node_type: named, instruction }) => !named && (instruction ?? '').trim() !== '')
    .map(({ id }) => ({
      rule: 'guessed-router',
      severity: 'warning',
      node: id,
      field: 'instruction',
      message:
        'this node is read as a router, which never speaks: words of its instruction forbid speech',
      advice: 'say node_type: router, or node_type: instruction if it is to speak',
    }));
