/** What a step of the connection test found. */
export interface Finding {
  readonly ok: boolean;
  readonly detail: string;
  /** What mends it, also of something that only soon will need mending; null where there is nothing to do. */
  readonly remedy: string | null;
}

export function passes(detail: string): Finding {
  return { ok: true, detail, remedy: null };
}

/** It works, and yet there is something to do. */
export function warns(detail: string, remedy: string): Finding {
  return { ok: true, detail, remedy };
}

export function fails(detail: string, remedy: string): Finding {
  return { ok: false, detail, remedy };
}
