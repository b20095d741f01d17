/** The little of WebAssembly's types that flite needs; the compiler has them in its DOM library only. */
declare namespace WebAssembly {
  class Module {
    private readonly compiled: true;
  }
  class Memory {
    readonly buffer: ArrayBuffer;
  }
  interface Instance {
    readonly exports: Readonly<Record<string, unknown>>;
  }
  type Imports = Record<string, Record<string, (...parameters: never[]) => number>>;

  function compile(bytes: Uint8Array): Promise<Module>;
  function instantiate(program: Module, imports: Imports): Promise<Instance>;
}
