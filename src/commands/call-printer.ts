import { styleText } from 'node:util';
import type { CallEvent, CallListener } from '../call/events.ts';
import type { TurnReport } from '../call/report.ts';
import { describeLatency, describeMove, describeRefusal, endings } from '../call/transcript.ts';

type Style = Parameters<typeof styleText>[0];
type Write = (line: string) => void;

/** Prints a call line by line as it unfolds: when, who, what, which move and why, how fast. */
export function callPrinter(write: Write): CallListener {
  return (event) => {
    for (const { who, text, style } of linesOf(event)) {
      const time = styleText('dim', (event.atMs / 1000).toFixed(1).padStart(6));
      write(`${time}  ${styleText(style, who.padEnd(7))} ${text}`);
    }
  };
}

interface Line {
  who: string;
  text: string;
  style: Style;
}

function linesOf(event: CallEvent): Line[] {
  switch (event.type) {
    case 'caller':
      return [{ who: 'caller', text: event.text, style: 'cyan' }];
    case 'dtmf':
      return [{ who: 'caller', text: `presses ${event.digits}`, style: 'cyan' }];
    case 'silence':
      return [{ who: 'caller', text: 'says nothing', style: 'cyan' }];
    case 'whisper':
      return [{ who: 'desk', text: 'a supervisor whispers', style: 'magenta' }];
    case 'turn':
      return linesOfTurn(event.turn);
    case 'error':
      return [{ who: 'error', text: `${event.error.stage}: ${event.error.message}`, style: 'red' }];
    case 'ended':
      return [{ who: 'call', text: endings[event.by], style: 'yellow' }];
    default:
      return [];
  }
}

function linesOfTurn(turn: TurnReport): Line[] {
  const lines: Line[] = [];
  const cut = turn.interrupted ? styleText('yellow', ' … (cut off)') : '';
  if (turn.heardText !== '' || turn.interrupted) {
    lines.push({ who: 'agent', text: `${turn.heardText}${cut}`, style: 'green' });
  }
  const details = [
    ...turn.moves.map(describeMove),
    ...turn.refused.map(describeRefusal),
    describeLatency(turn),
  ];
  for (const detail of details) {
    if (detail !== '') lines.push({ who: '', text: styleText('dim', detail), style: 'dim' });
  }
  return lines;
}
