import { styleText } from 'node:util';
import type { Answer, UpstreamCall } from './send.js';

/** Lists longer than this are cut in print, those inside other lists sooner. */
const MAX_ITEMS = 10;
const MAX_INNER_ITEMS = 3;

let step = 0;

/** Begins a step: its number and what it is about, with the file it sends. */
export function heading(title: string, file?: string): void {
  step += 1;
  process.stdout.write(`\n${styleText('bold', `${step}. ${title}`)}${file ? styleText('dim', `  (${file})`) : ''}\n`);
}

export function line(text: string): void {
  process.stdout.write(`   ${text}\n`);
}

/** Shows what came back, how long it took, and what it cost in requests to the two systems. */
export function printAnswer(answer: Answer): void {
  for (const text of outline(answer.data)) line(text);
  const cost = costOf(answer.upstream);
  line(styleText('dim', `${Math.round(answer.milliseconds)} ms, ${cost}`));
}

export function printFailure(error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`\n${styleText('red', 'The demo cannot go on.')}\n${message}\n`);
}

function costOf(calls: readonly UpstreamCall[]): string {
  const counts = new Map<string, number>();
  for (const call of calls) counts.set(call.system, (counts.get(call.system) ?? 0) + 1);
  if (counts.size === 0) return 'no request to either system';
  return `requests: ${[...counts].map(([system, count]) => `${count} to ${system}`).join(', ')}`;
}

/** A value as an indented outline, close to YAML, with long lists cut. */
export function outline(value: unknown, indent = '', most = MAX_ITEMS): readonly string[] {
  if (Array.isArray(value)) return listOutline(value, indent, most);
  if (typeof value !== 'object' || value === null) return [`${indent}${String(value)}`];
  return Object.entries(value).flatMap(([key, inner]) => {
    if (isShort(inner)) return [`${indent}${key}: ${short(inner)}`];
    return [`${indent}${key}:`, ...outline(inner, `${indent}  `, most)];
  });
}

function listOutline(items: readonly unknown[], indent: string, most: number): readonly string[] {
  const shown = items.slice(0, most).flatMap((item) => itemOutline(item, indent));
  return items.length > most ? [...shown, `${indent}… and ${items.length - most} more`] : shown;
}

function itemOutline(item: unknown, indent: string): readonly string[] {
  if (isShort(item)) return [`${indent}- ${short(item)}`];
  const [first = '', ...rest] = outline(item, `${indent}  `, MAX_INNER_ITEMS);
  return [`${indent}- ${first.trimStart()}`, ...rest];
}

/** What fits on a line: a scalar, or an object of few scalars. */
function isShort(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true;
  const values = Object.values(value);
  return values.every((inner) => typeof inner !== 'object' || inner === null) && short(value).length <= 150;
}

function short(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.map(short).join(', ');
  if (typeof value !== 'object' || value === null) return String(value ?? 'none');
  return Object.entries(value)
    .map(([key, inner]) => `${key} ${short(inner)}`)
    .join(', ');
}
