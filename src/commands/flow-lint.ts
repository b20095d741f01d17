import { styleText } from 'node:util';
import type { Finding, Severity } from '../flow/lint/finding.ts';
import { lintFlow } from '../flow/lint/lint.ts';
import { readFlowText } from '../flow/source.ts';

export interface FlowLintOptions {
  /** One JSON document on standard output, and nothing else. */
  json: boolean;
}

/**
 * `superdialog flow lint`. Returns exit status 0 if there is neither an error nor a warning, else 1.
 * Throws a FlowError for a file that is no flow.
 */
export function flowLint(
  files: readonly string[],
  { json }: FlowLintOptions,
  write: (line: string) => void = console.log,
): number {
  const linted = files.map((file) => ({ file, findings: lintFlow(readFlowText(file), file) }));
  if (json) write(JSON.stringify(linted, null, 2));
  else for (const { file, findings } of linted) writeFindings(file, findings, write);
  const isBad = linted.some(({ findings }) => findings.some(({ severity }) => severity !== 'info'));
  return isBad ? 1 : 0;
}

const STYLE = { error: 'red', warning: 'yellow', info: 'dim' } as const satisfies Record<
  Severity,
  string
>;

function writeFindings(
  file: string,
  findings: readonly Finding[],
  write: (line: string) => void,
): void {
  for (const finding of findings) {
    const { line, severity, rule, message, advice } = finding;
    const label = styleText(STYLE[severity], severity.padEnd(7));
    write(`${file}:${line ?? 1}  ${label}  ${rule}${placeOf(finding)}: ${message}`);
    if (advice !== '') write(`${' '.repeat(4)}${advice}`);
  }
  const counts = Object.keys(STYLE).map((severity) => {
    const count = findings.filter((finding) => finding.severity === severity).length;
    return `${count} ${severity}`;
  });
  write(styleText('dim', `${file}: ${counts.join(', ')}`));
}

function placeOf({ node, edge, field }: Finding): string {
  const parts = [
    ...(node === undefined ? [] : [`node "${node}"`]),
    ...(edge === undefined ? [] : [`edge "${edge}"`]),
    ...(field === undefined ? [] : [field]),
  ];
  return parts.length === 0 ? '' : ` at ${parts.join(', ')}`;
}
