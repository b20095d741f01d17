import { SuperdialogError } from '../errors.ts';

/** Two drafts were made of the same moment; the other one was committed. */
export class DraftConflictError extends SuperdialogError {
  constructor() {
    super('draft_conflict', 'another turn was committed since this draft was begun');
  }
}
