import type { Graph } from '@viz-js/viz';
import type { Arrow, Box, Drawing } from '../flow/draw.ts';

const SHAPES = {
  instruction: 'box',
  static: 'box',
  router: 'diamond',
  final: 'oval',
  any: 'circle',
  missing: 'note',
} as const satisfies Record<Box['kind'], string>;

const STYLES = {
  instruction: 'solid',
  static: 'rounded',
  router: 'solid',
  final: 'bold',
  any: 'dashed',
  missing: 'dotted',
} as const satisfies Record<Box['kind'], string>;

const FONT = { fontname: 'Helvetica,Arial,sans-serif', fontsize: 11 };

/** Lays the drawing out with Graphviz, in this process and without a browser. */
export async function toSvg(drawing: Drawing): Promise<string> {
  const { instance } = await import('@viz-js/viz');
  const viz = await instance();
  return viz.renderString(graphOf(drawing), { format: 'svg' });
}

function graphOf({ boxes, arrows }: Drawing): Graph {
  return {
    directed: true,
    graphAttributes: { rankdir: 'TB', ranksep: 0.7 },
    nodeAttributes: FONT,
    edgeAttributes: { ...FONT, fontsize: 9 },
    nodes: boxes.map(({ id, kind, label, initial }) => ({
      name: id,
      attributes: {
        label: escaped(label),
        shape: SHAPES[kind],
        style: STYLES[kind],
        penwidth: initial ? 2.5 : 1,
      },
    })),
    edges: arrows.map(({ from, to, label, kind }) => ({
      tail: from,
      head: to,
      attributes: { label: escaped(label), ...attributesOf(kind) },
    })),
  };
}

function attributesOf(kind: Arrow['kind']): Record<string, string> {
  if (kind === 'fallback') return { style: 'dashed' };
  return kind === 'detour' ? { dir: 'both', color: 'gray40' } : {};
}

/** Names are data: Graphviz would read a backslash as an escape. */
function escaped(label: string): string {
  return label.replaceAll('\\', '\\\\');
}
