import type { CallEnd, CallReport, TurnReport } from './report.ts';

/** The call as a page to read: who said what, which moves were made and why, how long it took. */
export function writeTranscript(report: CallReport, title: string): string {
  const lines = [`# ${title}`, '', summary(report), ''];
  for (const turn of report.turns) lines.push(...describeTurn(turn), '');
  for (const error of report.errors) {
    lines.push(`- error at ${seconds(error.atMs)} (${error.stage}): ${error.message}`);
  }
  return `${lines.join('\n').trimEnd()}\n`;
}

function summary(report: CallReport): string {
  const parts = [
    report.flow === null ? undefined : `flow ${report.flow}`,
    `${seconds(report.durationMs)}`,
    endings[report.endedBy],
    report.outcome === null ? undefined : `outcome ${report.outcome}`,
    report.wordErrorRate === null
      ? undefined
      : `word error rate ${(report.wordErrorRate * 100).toFixed(1)} %`,
  ];
  return `${parts.filter((part) => part !== undefined).join(', ')}.`;
}

/** How the end of a call is told. */
export const endings: Record<CallEnd, string> = {
  agent: 'ended by the agent',
  transfer: 'transferred',
  caller: 'the caller hung up',
  max_duration: 'ended at its longest duration',
  failed: 'ended because speech failed',
};

function describeTurn(turn: TurnReport): string[] {
  const lines = [
    `## ${turn.index + 1}. ${turn.from ?? ''}${turn.from === null ? '' : ' '}${target(turn)}`,
  ];
  const said = turn.said === null ? '' : ` (said: ${turn.said})`;
  if (turn.user !== null) lines.push('', `**Caller** ${turn.user}${said}`);
  if (turn.input === 'silence') lines.push('', '**Caller** says nothing');
  if (turn.heardText !== '')
    lines.push('', `**Agent** ${turn.heardText}${turn.interrupted ? ' …' : ''}`);
  if (turn.interrupted) lines.push('', `*cut off; was going to say: ${turn.text}*`);
  const details = [
    ...turn.moves.map(describeMove),
    ...turn.refused.map(describeRefusal),
    describeLatency(turn),
  ];
  lines.push('', ...details.filter((line) => line !== '').map((line) => `- ${line}`));
  return lines;
}

function target(turn: TurnReport): string {
  if (turn.to === null) return turn.input;
  return turn.to === turn.from ? '' : `→ ${turn.to}`;
}

export function describeMove(move: TurnReport['moves'][number]): string {
  return `${move.from} → ${move.to} (${move.by}: ${move.edge})`;
}

export function describeRefusal(refusal: TurnReport['refused'][number]): string {
  const what = refusal.edge ?? refusal.slot ?? '';
  return `refused${what === '' ? '' : ` ${what}`}: ${refusal.reason} (${refusal.rule})`;
}

/** One line; empty for a turn without speech on both sides. */
export function describeLatency(turn: TurnReport): string {
  const { endpointMs, sttMs, firstChunkMs, ttsFirstAudioMs, voiceToVoiceMs } = turn.latency;
  const parts = [
    part('end of turn', endpointMs),
    part('recognised', sttMs),
    part('first words', firstChunkMs),
    part('first audio', ttsFirstAudioMs),
  ].filter((each) => each !== '');
  if (voiceToVoiceMs === null) return parts.join(', ');
  return `answered after ${voiceToVoiceMs} ms (${parts.join(', ')})`;
}

function part(name: string, ms: number | null): string {
  return ms === null ? '' : `${name} ${ms}`;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
