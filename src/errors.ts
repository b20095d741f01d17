/** The base of every error this package throws on purpose. `code` is stable and safe to switch on. */
export class SuperdialogError extends Error {
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
  }
}

/** Wrong use or input: a command prints the message alone and leaves with exit status 2. */
export class UsageError extends SuperdialogError {
  constructor(message: string, options?: ErrorOptions) {
    super('usage', message, options);
  }
}
