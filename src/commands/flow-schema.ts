import { flowJsonSchema } from '../flow/json-schema.ts';
import { writeOutput } from './flow-output.ts';

/** `superdialog flow schema`: the JSON Schema of flow files, on standard output or to a file. */
export function flowSchema(options: { out?: string | undefined }): void {
  writeOutput(`${JSON.stringify(flowJsonSchema(), null, 2)}\n`, options.out);
}
