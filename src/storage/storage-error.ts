/** Why the database cannot be used: a folder another process holds, a server that does not answer, tables that cannot be brought up to date. */
export type StorageErrorCode = 'LOCKED' | 'UNAVAILABLE' | 'MIGRATION_FAILED';

/** The database cannot be used. The message names it, without a password, and the remedy. */
export class StorageError extends Error {
  override readonly name = 'StorageError';

  constructor(
    readonly code: StorageErrorCode,
    message: string,
    options?: { readonly cause?: unknown },
  ) {
    super(message, options);
  }
}
