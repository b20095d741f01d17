/**
 * The part of WASI preview 1 that the flite program calls, with one file held in memory: what is
 * said never touches a disk.
 */

/** WASI's numbers: https://github.com/WebAssembly/WASI/blob/main/legacy/preview1/docs.md */
const errno = { success: 0, badf: 8, spipe: 70 } as const;
const fileType = { character: 2, directory: 3, regular: 4 } as const;
const fd = { folder: 3, file: 4 } as const;

class ProgramExit extends Error {
  readonly status: number;

  constructor(status: number) {
    super(`exit status ${status}`);
    this.status = status;
  }
}

/** Runs the program once and returns the bytes of the one file it wrote. */
export async function runWithOutputFile(
  program: WebAssembly.Module,
  args: readonly string[],
): Promise<Uint8Array> {
  const file = new MemoryFile();
  let memory: WebAssembly.Memory | undefined;
  const wasi = wasiCalls(args, file, () => {
    if (memory === undefined) throw new Error('The program has no memory yet.');
    return memory.buffer;
  });
  const { exports } = await WebAssembly.instantiate(program, { wasi_snapshot_preview1: wasi });
  const start = exports._start;
  if (!(exports.memory instanceof WebAssembly.Memory) || typeof start !== 'function') {
    throw new Error('The program is not a WASI command.');
  }
  memory = exports.memory;
  try {
    start();
  } catch (error) {
    if (!(error instanceof ProgramExit) || error.status !== 0) throw error;
  }
  return file.bytes();
}

class MemoryFile {
  position = 0;
  #content = new Uint8Array(256 * 1024);
  #length = 0;

  write(data: Uint8Array): void {
    const end = this.position + data.length;
    if (end > this.#content.length) {
      const larger = new Uint8Array(Math.max(2 * this.#content.length, end));
      larger.set(this.#content);
      this.#content = larger;
    }
    this.#content.set(data, this.position);
    this.position = end;
    this.#length = Math.max(this.#length, end);
  }

  seek(offset: number, whence: number): void {
    const origins = [0, this.position, this.#length];
    this.position = (origins[whence] ?? 0) + offset;
  }

  bytes(): Uint8Array {
    return this.#content.subarray(0, this.#length);
  }
}

function wasiCalls(args: readonly string[], file: MemoryFile, buffer: () => ArrayBuffer) {
  const view = () => new DataView(buffer());
  const bytes = () => new Uint8Array(buffer());
  const encoded = args.map((arg) => new TextEncoder().encode(`${arg}\0`));

  return {
    args_sizes_get(countAt: number, sizeAt: number): number {
      view().setUint32(countAt, encoded.length, true);
      const size = encoded.reduce((sum, arg) => sum + arg.length, 0);
      view().setUint32(sizeAt, size, true);
      return errno.success;
    },
    args_get(pointersAt: number, textAt: number): number {
      let next = textAt;
      for (const [index, arg] of encoded.entries()) {
        view().setUint32(pointersAt + 4 * index, next, true);
        bytes().set(arg, next);
        next += arg.length;
      }
      return errno.success;
    },
    clock_time_get(_clock: number, _precision: bigint, timeAt: number): number {
      view().setBigUint64(timeAt, process.hrtime.bigint(), true);
      return errno.success;
    },
    path_open(...parameters: number[]): number {
      const fdAt = parameters[8] ?? 0;
      view().setUint32(fdAt, fd.file, true);
      return errno.success;
    },
    fd_prestat_get(of: number, prestatAt: number): number {
      if (of !== fd.folder) return errno.badf;
      view().setUint32(prestatAt, 0, true);
      view().setUint32(prestatAt + 4, 1, true);
      return errno.success;
    },
    fd_prestat_dir_name(_of: number, nameAt: number): number {
      bytes()[nameAt] = '.'.charCodeAt(0);
      return errno.success;
    },
    fd_fdstat_get(of: number, statAt: number): number {
      if (of > fd.file) return errno.badf;
      const allRights = 0xffff_ffffn;
      view().setUint8(statAt, typeOf(of));
      view().setUint16(statAt + 2, 0, true);
      view().setBigUint64(statAt + 8, allRights, true);
      view().setBigUint64(statAt + 16, allRights, true);
      return errno.success;
    },
    fd_fdstat_set_flags: (): number => errno.success,
    fd_close: (): number => errno.success,
    fd_read(_of: number, _buffersAt: number, _count: number, readAt: number): number {
      view().setUint32(readAt, 0, true);
      return errno.success;
    },
    fd_seek(of: number, offset: bigint, whence: number, positionAt: number): number {
      if (of !== fd.file) return errno.spipe;
      file.seek(Number(offset), whence);
      view().setBigUint64(positionAt, BigInt(file.position), true);
      return errno.success;
    },
    fd_write(of: number, buffersAt: number, count: number, writtenAt: number): number {
      let written = 0;
      for (let index = 0; index < count; index++) {
        const at = view().getUint32(buffersAt + 8 * index, true);
        const length = view().getUint32(buffersAt + 8 * index + 4, true);
        if (of === fd.file) file.write(bytes().subarray(at, at + length));
        written += length;
      }
      view().setUint32(writtenAt, written, true);
      return errno.success;
    },
    proc_exit(status: number): never {
      throw new ProgramExit(status);
    },
  };
}

function typeOf(descriptor: number): number {
  if (descriptor === fd.folder) return fileType.directory;
  return descriptor === fd.file ? fileType.regular : fileType.character;
}
