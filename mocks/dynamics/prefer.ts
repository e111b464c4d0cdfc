import type { IncomingHttpHeaders } from 'node:http';
import { queryError } from './errors.js';

/** What a client asked for in its `Prefer` headers. https://learn.microsoft.com/power-apps/developer/data-platform/webapi/compose-http-requests-handle-errors */
export interface Preferences {
  readonly returnRepresentation: boolean;
  /** 1 to 5000; null where not asked for. */
  readonly maxPageSize: number | null;
  readonly trackChanges: boolean;
  readonly continueOnError: boolean;
  /** Tells whether annotations of this name, as in `OData.Community.Display.V1.FormattedValue`, are wanted. */
  includesAnnotation(name: string): boolean;
  readonly wantsAnnotations: boolean;
  /** The value of `Preference-Applied`; null where nothing was asked for. */
  readonly applied: string | null;
}

export const MAX_PAGE_SIZE = 5000;

export function parsePreferences(headers: IncomingHttpHeaders): Preferences {
  const tokens = preferTokens(headers);
  const annotations = tokens.get('odata.include-annotations') ?? null;
  const patterns = annotations === null ? [] : annotations.split(',').map((it) => it.trim());
  return {
    returnRepresentation: tokens.get('return') === 'representation',
    maxPageSize: parsePageSize(tokens.get('odata.maxpagesize')),
    trackChanges: tokens.has('odata.track-changes'),
    continueOnError: tokens.has('odata.continue-on-error'),
    includesAnnotation: (name) => patterns.some((pattern) => matchesAnnotation(pattern, name)),
    wantsAnnotations: patterns.length > 0,
    applied: appliedHeader(tokens),
  };
}

const KNOWN = ['return', 'odata.maxpagesize', 'odata.include-annotations', 'odata.track-changes'];

function preferTokens(headers: IncomingHttpHeaders): Map<string, string> {
  const header = headers.prefer;
  const text = Array.isArray(header) ? header.join(',') : (header ?? '');
  const tokens = new Map<string, string>();
  // Values may be quoted and then hold commas.
  for (const [, name, quoted, bare] of text.matchAll(/([\w.-]+)(?:\s*=\s*(?:"([^"]*)"|([^,;\s]*)))?/g)) {
    if (name !== undefined && !tokens.has(name.toLowerCase())) tokens.set(name.toLowerCase(), quoted ?? bare ?? '');
  }
  return tokens;
}

function parsePageSize(text: string | undefined): number | null {
  if (text === undefined) return null;
  const size = Number(text);
  if (!Number.isInteger(size) || size < 1)
    throw queryError(`The odata.maxpagesize preference '${text}' is not a positive integer.`);
  return Math.min(size, MAX_PAGE_SIZE);
}

function matchesAnnotation(pattern: string, name: string): boolean {
  if (pattern.startsWith('-')) return false;
  return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : pattern === name;
}

function appliedHeader(tokens: ReadonlyMap<string, string>): string | null {
  const applied = KNOWN.filter((name) => tokens.has(name)).map((name) => {
    const value = tokens.get(name) ?? '';
    if (name === 'odata.include-annotations') return `${name}="${value}"`;
    return value === '' ? name : `${name}=${value}`;
  });
  return applied.length === 0 ? null : applied.join(',');
}
