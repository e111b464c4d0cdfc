import { type Document, isNode, LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';

/** A mistake in the file. The message begins with the file, the line and the field. */
export class FileError extends Error {
  override readonly name = 'FileError';
}

/** What a file describes, with secrets filled in, and where each part of it stands. */
export interface ConnectionFile {
  readonly content: Connection;
  /** `connection.yaml:12: tables.0.columns.3`, for a message about a part of it. */
  place(path: readonly PropertyKey[]): string;
}

export type Connection = z.infer<typeof CONNECTION>;

/**
 * Reads the text of a file. `environment` holds what `${NAME}` refers to.
 * Throws a `FileError` for text that is no YAML, for what the format does not know, and for a secret that is not set.
 */
export function readConnection(
  name: string,
  text: string,
  environment: Readonly<Record<string, string | undefined>>,
): ConnectionFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  const lineAt = (offset: number) => lines.linePos(offset).line;
  const [mistake] = document.errors;
  if (mistake) throw new FileError(`${name}:${lineAt(mistake.pos[0])}: ${mistake.message}`);
  const place = (path: readonly PropertyKey[]) => {
    return `${name}:${lineAt(offsetOf(document, path))}: ${path.length === 0 ? 'the file' : path.join('.')}`;
  };
  const parsed = CONNECTION.safeParse(document.toJS({ maxAliasCount: 100 }) ?? {});
  if (!parsed.success) throw new FileError(parsed.error.issues.map((issue) => describe(issue, place)).join('\n'));
  return { content: { ...parsed.data, account: withSecrets(parsed.data.account, environment, place) }, place };
}

/** The JSON Schema of the format, for editors. */
export function connectionJsonSchema(): object {
  return z.toJSONSchema(CONNECTION, { io: 'input' });
}

const NAME = z.string().min(1);
const REFERENCE = z.string().regex(/^\$\{[A-Za-z_][A-Za-z0-9_]*\}$/, {
  error: `Expected a reference to the environment such as \${NAME}, and not the secret itself.`,
});

const ACCOUNT = z.strictObject({
  name: NAME.describe('Internal name: a letter, then letters, digits or _; at most 40.'),
  label: z.string().optional(),
  server: NAME.describe('Address of the organization, as in https://contoso.crm.dynamics.com'),
  tenantId: NAME,
  clientId: NAME.describe('Application (client) id.'),
  oauthType: z.enum(['CERTIFICATE', 'PASSWORD_CREDENTIALS', 'CLIENT_SECRET']),
  certificate: z
    .strictObject({
      privateKey: REFERENCE,
      customKeyIdentifier: NAME,
      keyId: NAME,
      certificate: NAME.optional().describe('The text of its PEM file, from which its expiry is known.'),
      expiresOn: z.iso
        .datetime({ offset: true })
        .optional()
        .describe('When the certificate expires, for the warnings 30 days before, as in 2027-01-31T12:00:00Z'),
    })
    .optional()
    .describe('With oauthType CERTIFICATE.'),
  passwordCredentials: z
    .strictObject({ account: NAME, password: REFERENCE })
    .optional()
    .describe('With oauthType PASSWORD_CREDENTIALS.'),
  clientSecret: REFERENCE.optional().describe('With oauthType CLIENT_SECRET.'),
});

const FIELD = z.strictObject({
  column: NAME,
  path: NAME.describe('Path from the root element, as in @email or location/@city'),
  conversion: z.enum(['DEFAULT', 'DATE_ONLY', 'WITHOUT_TIME_OFFSET', 'COPY']).optional(),
  direction: z.enum(['BOTH', 'TO_CAMPAIGN', 'TO_DYNAMICS']).optional(),
});

const TABLE = z.strictObject({
  table: NAME.describe('Logical name.'),
  columns: z.array(NAME).optional().describe('Default: every column that can be mapped, or those of target.fields.'),
  target: z
    .strictObject({
      schema: NAME.describe('An existing schema such as nms:recipient, or one to be made.'),
      key: NAME.optional().describe('The attribute that holds the Dynamics id; default @crmId.'),
      fields: z.array(FIELD).optional(),
    })
    .optional()
    .describe('Default: a schema made for the table, cus:crm<Table>.'),
});

const ENUMERATION = z.strictObject({
  table: NAME,
  column: NAME,
  list: NAME.optional().describe('Itemized list; default <Table>_<column>, or the name of a global option set.'),
  mode: z.enum(['ADD', 'REPLACE']).optional(),
});

const WORKFLOW = z.strictObject({
  name: NAME,
  operation: z.enum(['IMPORT', 'EXPORT', 'IMPORT_DELETED', 'DELETE']),
  table: NAME,
  filter: z.record(z.string(), z.json()).optional().describe('As in { "statecode": { "eq": 0 } }'),
  orderBy: z.array(z.string()).optional(),
  automaticIndex: z.boolean().optional(),
  schedule: z.string().optional().describe('Cron expression of five fields, in UTC.'),
  batchSize: z.int().min(1).max(5_000).optional(),
});

const CONNECTION = z
  .strictObject({
    $schema: z.string().optional(),
    account: ACCOUNT,
    tables: z.array(TABLE).min(1).optional(),
    enumerations: z
      .union([z.literal('all'), z.array(ENUMERATION)])
      .optional()
      .describe('The choice columns to copy into itemized lists; all: every mapped one.'),
    workflows: z.array(WORKFLOW).optional(),
  })
  .describe('How one Dynamics organization is connected to Campaign.');

function describe(issue: z.core.$ZodIssue, place: ConnectionFile['place']): string {
  if (issue.code !== 'unrecognized_keys') return `${place(issue.path)}: ${issue.message}`;
  return issue.keys
    .map((key) => `${place([...issue.path, key])}: There is no such field here. Leave it out.`)
    .join('\n');
}

/** Where the value at a path begins; of a field that is missing, what it is missing from. */
function offsetOf(document: Document, path: readonly PropertyKey[]): number {
  for (let length = path.length; length >= 0; length--) {
    const node = document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return 0;
}

type Account = z.infer<typeof ACCOUNT>;

function withSecrets(
  account: Account,
  environment: Readonly<Record<string, string | undefined>>,
  place: ConnectionFile['place'],
): Account {
  const fill = (value: unknown, path: readonly string[]): unknown => {
    if (typeof value === 'string') return resolve(value, environment, () => place(['account', ...path]));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, fill(part, [...path, key])]));
  };
  // Strings stay strings, so that what was an account still is one.
  return fill(account, []) as Account;
}

function resolve(text: string, environment: Readonly<Record<string, string | undefined>>, place: () => string): string {
  return text.replace(/\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g, (_, name: string) => {
    const value = environment[name];
    if (value) return value;
    throw new FileError(`${place()}: Expected the environment variable "${name}" to be set.`);
  });
}
