import type { Compile } from './compile.ts';
import type { FlowPlace } from './errors.ts';
import type { KnownNames } from './known-names.ts';
import type { EdgeFile, FlowFile, JsonSchemaFile, SlotFile } from './schema.ts';
import type { Slot, SlotType } from './types.ts';

/** Names that templates see and that are no slots. */
const RESERVED = new Set(['call', 'spoken', 'slot', 'value']);

/**
 * Every slot that counts as declared: by `slots`, `collect`, criteria, an `input_schema`, a tool's
 * schema, or because a template or a guard uses it. The first declaration that gives a type wins.
 */
export function declareSlots(file: FlowFile, compile: Compile): Map<string, Slot> {
  const slots = new Map<string, Slot>();
  for (const [name, slot] of Object.entries(file.slots ?? {})) {
    slots.set(name, slotOf(name, slot, compile));
  }
  const declare = (name: string, slot: SlotFile = plain()): void => {
    if (!slots.has(name)) slots.set(name, slotOf(name, slot, compile));
  };
  const edges = [...file.nodes.flatMap((node) => node.edges ?? []), ...(file.global_edges ?? [])];
  for (const edge of edges) declareByEdge(edge, declare);
  for (const tool of file.tools ?? []) declareBySchema(tool.input_schema, declare);
  for (const node of file.nodes) {
    for (const tool of node.tools ?? []) {
      if (typeof tool !== 'string') declareBySchema(tool.input_schema, declare);
    }
    for (const criterion of node.completion_criteria ?? []) {
      declare(criterion.key, plain(criterion.description));
    }
    for (const name of node.collect ?? []) declare(name);
  }
  return slots;
}

/** Adds the names that only templates and guards use, once these are compiled. */
export function declareUsedNames(
  slots: Map<string, Slot>,
  used: ReadonlySet<string>,
  { environment, results, set }: KnownNames,
  compile: Compile,
): void {
  for (const name of used) {
    const isKnown = [environment, results, set, RESERVED].some((names) => names.has(name));
    if (!slots.has(name) && !isKnown) {
      slots.set(name, slotOf(name, plain(), compile));
    }
  }
}

type Declare = (name: string, slot?: SlotFile) => void;

function declareByEdge(edge: EdgeFile, declare: Declare): void {
  declareBySchema(edge.input_schema, declare);
  for (const criterion of edge.criteria ?? []) declare(criterion.key, plain(criterion.description));
}

function declareBySchema(schema: JsonSchemaFile | null | undefined, declare: Declare): void {
  for (const [name, property] of Object.entries(schema?.properties ?? {})) {
    declare(name, slotOfProperty(property));
  }
}

const TYPE_OF_FORMAT: Record<string, SlotType> = {
  date: 'date',
  time: 'time',
  'date-time': 'datetime',
  email: 'email',
  phone: 'phone',
};

const TYPE_OF_JSON: Record<string, SlotType> = {
  number: 'number',
  integer: 'integer',
  boolean: 'boolean',
};

function slotOfProperty(property: Record<string, unknown>): SlotFile {
  const { type, format, pattern, description } = property;
  const options = Array.isArray(property.enum)
    ? property.enum.filter((value): value is string => typeof value === 'string' && value !== '')
    : [];
  const named = typeof format === 'string' ? TYPE_OF_FORMAT[format] : undefined;
  const slotType = named ?? (typeof type === 'string' ? TYPE_OF_JSON[type] : undefined) ?? 'text';
  return {
    ...plain(typeof description === 'string' ? description : undefined),
    type: options.length > 0 ? 'enum' : slotType,
    ...(options.length > 0 && { values: options }),
    ...(typeof pattern === 'string' && { pattern }),
  };
}

function plain(description?: string): SlotFile {
  return {
    type: 'text',
    confirm: false,
    sensitive: false,
    invalidates: [],
    ...(description !== undefined && description !== '' && { description }),
  };
}

function slotOf(name: string, file: SlotFile, compile: Compile): Slot {
  const place: FlowPlace = { field: `slots.${name}` };
  const options = (file.values ?? []).map((option) =>
    typeof option === 'string' ? { value: option, synonyms: [] } : option,
  );
  if (file.type === 'enum' && options.length === 0) {
    compile.problem(place, 'an enum slot needs "values", the list of what it can be');
  }
  const pattern =
    file.pattern === undefined
      ? undefined
      : compile.pattern(file.pattern, { field: `slots.${name}.pattern` });
  return {
    name,
    type: file.type,
    options,
    confirm: file.confirm,
    sensitive: file.sensitive,
    invalidates: file.invalidates,
    ...(pattern !== undefined && { pattern }),
    ...(file.length !== undefined && { length: file.length }),
    ...(file.description !== undefined && { description: file.description }),
  };
}
