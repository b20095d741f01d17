import { expect, test } from 'vitest';
import { toSvg } from '../../src/commands/flow-svg.ts';
import { drawFlow, toMermaid } from '../../src/flow/draw.ts';
import { Flow } from '../../src/flow/flow.ts';

const FLOW = Flow.parse({
  initial_node: 'ask',
  environment_variables: { open: true },
  slots: { day: { type: 'date' } },
  global_edges: [
    { id: 'asks_hours', target_node_id: 'hours', match: { examples: ['when are you open'] } },
    { id: 'person', condition: 'wants a person', target_node_id: 'done', detour: false },
  ],
  nodes: [
    {
      id: 'ask',
      name: 'Ask "the" <day>',
      static_text: 'Which day?',
      collect: ['day'],
      edges: [
        { id: 'known', target_node_id: 'route', match: { collected: true, dtmf: '1' } },
        { id: 'unclear', target_node_id: 'done', is_fallback: true },
      ],
    },
    {
      id: 'route',
      edges: [
        { id: 'open', guard: 'open', target_node_id: 'done' },
        { id: 'else', condition: 'always', target_node_id: 'ask' },
      ],
    },
    { id: 'hours', static_text: 'From eight to six.' },
    { id: 'done', static_text: 'Goodbye.', is_final: true, outcome: 'booked' },
  ],
});

test('a Mermaid chart shows kinds of nodes, what takes each edge, fallbacks, detours and jumps', () => {
  expect(toMermaid(drawFlow(FLOW))).toBe(`flowchart TD
  n0("Ask #34;the#34; #60;day#62; #40;ask#41;<br/>asks for day")
  n1{"route"}
  n2("hours")
  n3(["done<br/>outcome booked"])
  any(("from any node"))
  n0 -->|"known<br/>keys 1<br/>collected"| n1
  n0 -.->|"unclear<br/>fallback"| n3
  n1 -->|"open<br/>if open"| n3
  n1 -->|"else<br/>always"| n0
  any <-->|"asks_hours<br/>example"| n2
  any -->|"person<br/>model: wants a person"| n3
  style n0 stroke-width:3px
`);
});

test('names are data: they neither break a chart nor become part of its language', async () => {
  const id = '"]; end\\N<script>alert(1)</script>%%{init: {}}%%';
  const flow = Flow.parse({ initial_node: id, nodes: [{ id, static_text: 'x', is_final: true }] });
  const [, box, , ...rest] = toMermaid(drawFlow(flow)).split('\n');
  expect(box).toMatch(/^ {2}n0\(\["[\p{L}\p{N} .,_:=#;<>/-]*"\]\)$/u);
  expect(box).not.toContain('<script>');
  expect(rest).toEqual(['']);
  const svg = await toSvg(drawFlow(flow));
  expect(svg).not.toContain('<script>');
  expect(svg).toContain('\\N&lt;script&gt;');
});

test('an SVG has a box for each node and an arrow for each edge', async () => {
  const svg = await toSvg(drawFlow(FLOW));
  expect(svg).toMatch(/<svg [\s\S]*<\/svg>\s*$/);
  expect(svg.match(/class="node"/g)).toHaveLength(5);
  expect(svg.match(/class="edge"/g)).toHaveLength(6);
  expect(svg).toContain('stroke-dasharray');
});
