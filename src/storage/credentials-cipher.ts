import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { AccountCredentials } from '../model/account.js';
import { RequestError } from '../model/errors.js';

const ALGORITHM = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;
const VERSION = 'v1';

/**
 * Seals credentials for the database: AES-256-GCM with a random IV for each, and the account's name as additional data, so that a sealed
 * value moved to another account does not open. The envelope is `v1:` and base64 of IV, tag and text.
 */
export class CredentialsCipher {
  constructor(private readonly secretKey: Buffer) {
    if (secretKey.length !== 32) throw new Error(`Expected a secret key of 32 bytes, but got ${secretKey.length}.`);
  }

  seal(account: string, credentials: AccountCredentials): string {
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv(ALGORITHM, this.secretKey, iv).setAAD(Buffer.from(account));
    const text = Buffer.concat([cipher.update(JSON.stringify(credentials), 'utf8'), cipher.final()]);
    return `${VERSION}:${Buffer.concat([iv, cipher.getAuthTag(), text]).toString('base64')}`;
  }

  /** Throws CONFLICT where this SECRET_KEY is not the one the credentials were sealed with, or the value was changed. */
  open(account: string, envelope: string): AccountCredentials {
    try {
      // What decrypts under our key was written by `seal`, and so has its shape.
      return JSON.parse(this.decrypt(account, envelope)) as AccountCredentials;
    } catch (cause) {
      throw new RequestError(
        'CONFLICT',
        `The credentials of external account "${account}" cannot be read with this SECRET_KEY. Start Isthmus with the SECRET_KEY they were ` +
          'saved with, or give them anew with updateExternalAccount.',
        { cause },
      );
    }
  }

  private decrypt(account: string, envelope: string): string {
    const [version, content] = envelope.split(':');
    if (version !== VERSION || !content) throw new Error(`Expected an envelope of version ${VERSION}.`);
    const bytes = Buffer.from(content, 'base64');
    const decipher = createDecipheriv(ALGORITHM, this.secretKey, bytes.subarray(0, IV_BYTES), {
      authTagLength: TAG_BYTES,
    })
      .setAAD(Buffer.from(account))
      .setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
    return decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES), undefined, 'utf8') + decipher.final('utf8');
  }
}
