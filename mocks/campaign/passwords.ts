import { createCipheriv, pbkdf2Sync, randomBytes } from 'node:crypto';

/**
 * Encrypts a password as Campaign stores it: `@` and base64 of AES-256-CBC with an empty initialization vector, three bytes of salt and
 * checksum after the text. `key` is the value of the option `XtkSecretKey`, 32 bytes in base64.
 */
export function encryptPassword(password: string, key: string): string {
  const cipher = createCipheriv('aes-256-cbc', Buffer.from(key, 'base64'), Buffer.alloc(16));
  const text = Buffer.concat([Buffer.from(password, 'utf8'), Buffer.alloc(3)]);
  return `@${Buffer.concat([cipher.update(text), cipher.final()]).toString('base64')}`;
}

const ITERATIONS = 10_000;

/** A salted hash in base64, other at each call; the first 16 bytes are the salt. */
export function hashPassword(password: string): string {
  const salt = randomBytes(16);
  return Buffer.concat([salt, pbkdf2Sync(password, salt, ITERATIONS, 32, 'sha256')]).toString('base64');
}
