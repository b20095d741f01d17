import { FileSessionStore } from '../../../src/session/file-store.ts';
import { argument, tell } from './child.ts';

/** Saves one large session over and over, until it is killed. */
const { folder, id } = argument<{ folder: string; id: string }>();
const store = new FileSessionStore(folder);
const content = 'x'.repeat(500_000);
for (;;) {
  const stored = await store.load(id);
  const version = (stored?.version ?? 0) + 1;
  const message = { role: 'user', content, id: 'm', createdAt: 1 } as const;
  const times = { createdAtMs: 1, updatedAtMs: version };
  await store.save({ id, version, ...times, messages: [message], flowState: null });
  await tell({ version });
}
