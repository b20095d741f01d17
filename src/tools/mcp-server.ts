/** A server that answers over HTTP, or a program to start and talk to over its pipes. */
export type McpServer =
  | { url: string; headers?: Readonly<Record<string, string>> }
  | {
      command: string;
      args?: readonly string[];
      /** Added to the few harmless variables that the SDK passes on. */
      env?: Readonly<Record<string, string>>;
      cwd?: string;
    };
