import { compilePattern } from '../understanding/pattern.ts';
import type { Pattern } from '../understanding/types.ts';
import type { FlowPlace, FlowProblem } from './errors.ts';
import { compileJson, isJsonText } from './json-template.ts';
import { compileGuard, compileTemplate, type Guard, type Template } from './template.ts';
import { compileUrl, type UrlNames } from './url-template.ts';

/** Compiles the templates, guards and patterns of one file and collects what is wrong with them. */
export class Compile {
  readonly problems: FlowProblem[] = [];
  /** Every name that a template or guard takes from the data. */
  readonly names = new Set<string>();

  problem(place: FlowPlace, message: string): void {
    this.problems.push({ ...place, message });
  }

  template(source: string, place: FlowPlace): Template {
    return this.#attempt(() => compileTemplate(source), place, 'bad template') ?? NOTHING;
  }

  url(source: string, place: FlowPlace, names: UrlNames): Template {
    return this.#attempt(() => compileUrl(source, names), place, 'bad URL') ?? NOTHING;
  }

  /** A text that may be JSON. */
  body(source: string, place: FlowPlace): Template {
    if (!isJsonText(source)) return this.template(source, place);
    return this.#attempt(() => compileJson(source), place, 'bad template') ?? NOTHING;
  }

  /** One text or a list of variants. */
  templates(source: string | readonly string[], place: FlowPlace): Template[] {
    const sources = typeof source === 'string' ? [source] : source;
    return sources.map((text) => this.template(text, place));
  }

  guard(source: string, place: FlowPlace): Guard | undefined {
    return this.#attempt(() => compileGuard(source), place, 'bad guard');
  }

  pattern(source: string, place: FlowPlace): Pattern | undefined {
    try {
      return compilePattern(source);
    } catch (error) {
      this.problem(place, messageOf(error));
      return undefined;
    }
  }

  patterns(sources: readonly string[], place: FlowPlace): Pattern[] {
    return sources.flatMap((source, index) => {
      const pattern = this.pattern(source, { ...place, field: `${place.field}[${index}]` });
      return pattern === undefined ? [] : [pattern];
    });
  }

  #attempt<T extends { names: ReadonlySet<string> }>(
    compile: () => T,
    place: FlowPlace,
    fault: string,
  ): T | undefined {
    try {
      const compiled = compile();
      for (const name of compiled.names) this.names.add(name);
      return compiled;
    } catch (error) {
      this.problem(place, `${fault}: ${messageOf(error)}`);
      return undefined;
    }
  }
}

/** Stands in for a template that did not compile; the flow is refused in the end. */
const NOTHING: Template = { source: '', names: new Set(), render: () => '' };

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
