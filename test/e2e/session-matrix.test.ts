import { describeSessions } from '../conformance/session-matrix.ts';

await describeSessions(() => true);
