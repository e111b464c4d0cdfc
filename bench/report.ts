import type { Aim } from './aims.js';

/** One line of the report. */
export interface Row {
  readonly what: string;
  readonly result: string;
  readonly aim?: Aim;
}

/** Where a suite tells what it measures while it does. */
export interface Report {
  row(what: string, result: string, aim?: Aim): void;
  /** What is being measured, and how much is to come; shown, but not kept. */
  progress(text: string): void;
}

/** Prints each row when it is known, and keeps it. Progress goes to standard error, on a line of its own that the next one takes. */
export function createReport(): Report & { readonly rows: readonly Row[] } {
  const rows: Row[] = [];
  const clear = process.stderr.isTTY ? '\r\x1b[K' : '';
  return {
    rows,
    row(what, result, aim) {
      rows.push({ what, result, ...(aim && { aim }) });
      process.stderr.write(clear);
      process.stdout.write(`${what.padEnd(64)} ${result}${aim ? ` (${tellAim(aim)})` : ''}\n`);
    },
    progress(text) {
      process.stderr.write(process.stderr.isTTY ? `${clear}${text}` : `${text}\n`);
    },
  };
}

export function tellAim({ text, met }: Aim): string {
  return `aim ${text}: ${met ? 'met' : 'not met'}`;
}
