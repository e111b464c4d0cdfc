import { type DestinationStream, type Logger, type LoggerOptions, pino, stdSerializers } from 'pino';

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];

/** Names of properties that may hold a secret, wherever a log entry carries them within three levels. */
const SECRET_NAMES = [
  'authorization',
  'cookie',
  'password',
  'secret',
  'clientSecret',
  'secretKey',
  'token',
  'accessToken',
  'access_token',
  'sessionToken',
  'securityToken',
  'apiKey',
  'privateKey',
  'credentials',
  '["x-api-key"]',
  '["set-cookie"]',
];

/**
 * Makes the logger that every part writes to, as lines of JSON on standard output unless another destination is given.
 * What stands under the name of a secret (`authorization`, `password`, `privateKey` …) is written as `[redacted]`.
 */
export function createLogger(level: LogLevel, destination?: DestinationStream): Logger {
  const options: LoggerOptions = {
    level,
    base: { name: 'isthmus', pid: process.pid },
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label) => ({ level: label }) },
    redact: { paths: SECRET_NAMES.flatMap(pathsTo), censor: '[redacted]' },
    serializers: { error: stdSerializers.err },
  };
  return destination ? pino(options, destination) : pino(options);
}

function pathsTo(name: string): string[] {
  const step = name.startsWith('[') ? name : `.${name}`;
  return [name, `*${step}`, `*.*${step}`];
}
