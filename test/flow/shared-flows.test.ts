import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { toSvg } from '../../src/commands/flow-svg.ts';
import { drawFlow, toMermaid } from '../../src/flow/draw.ts';
import { Flow } from '../../src/flow/flow.ts';
import { lintFlow } from '../../src/flow/lint/lint.ts';

/** Flows that others wrote; they are not part of this project. */
const folder = fileURLToPath(new URL('../../../shared/flows', import.meta.url));
const files = existsSync(folder)
  ? readdirSync(folder)
      .filter((name) => name.endsWith('.json'))
      .map((name) => join(folder, name))
  : [];
if (files.length === 0)
  console.warn(`the tests on flows of others are skipped: nothing in ${folder}`);

/** What lint warns of in each, by rule: how often. */
const WARNINGS: Readonly<Record<string, object>> = {
  kyc: {},
  appointment: {},
  escalation: { 'max-turns-fallback': 1 },
  golf_booking: { contradiction: 2, 'unknown-name': 5, unreachable: 6 },
};

describe.skipIf(files.length === 0)('a flow that others wrote', () => {
  test.for(files)('%s is linted without noise', (file) => {
    const findings = lintFlow(readFileSync(file, 'utf8'), file);
    expect(findings.filter(({ severity }) => severity === 'error')).toEqual([]);
    const warnings = findings.filter(({ severity }) => severity === 'warning');
    const counts = Object.entries(Object.groupBy(warnings, ({ rule }) => rule));
    expect(Object.fromEntries(counts.map(([rule, list]) => [rule, list?.length]))).toEqual(
      WARNINGS[basename(file, '.json')],
    );
    for (const finding of findings) expect(finding.line).toBeGreaterThan(1);
    const told = findings.map(({ rule, node, edge, field, message }) =>
      JSON.stringify([rule, node, edge, field, message]),
    );
    expect(new Set(told).size).toBe(told.length);
  });

  test.for(files)('%s is drawn with every node and edge', async (file) => {
    const flow = Flow.load(file);
    const drawing = drawFlow(flow);
    const edges = [...flow.nodes.values()].flatMap((node) => node.edges);
    expect(drawing.boxes.filter(({ kind }) => kind !== 'any')).toHaveLength(flow.nodes.size);
    expect(drawing.arrows).toHaveLength(edges.length + flow.globalEdges.length);
    expect(toMermaid(drawing)).toMatch(/^flowchart TD\n/);
    expect(await toSvg(drawing)).toMatch(/<svg[\s\S]+<\/svg>/);
  });
});
