import { readFile } from 'node:fs/promises';

/** Sends an operation that must succeed, and gives its data. */
export type Ask = (query: string, variables: Record<string, unknown>) => Promise<Record<string, unknown>>;

/** A certificate with the private key that the gateway shows once; whoever runs the set-up keeps it. */
export interface KeptCertificate {
  readonly certificate: string;
  readonly privateKey: string;
}

export interface SetUpOptions {
  readonly ask: Ask;
  /** Address of the Dynamics organization. */
  readonly server: string;
  /** Sign-in name of the non-interactive user. */
  readonly userPrincipalName: string;
  readonly certificate: {
    read(): Promise<KeptCertificate | null>;
    keep(certificate: KeptCertificate): Promise<void>;
  };
  /** Told of each operation when it has been answered. */
  readonly onStep?: (step: Step) => void;
}

export interface Step {
  readonly file: string;
  /** The comment that the operation begins with. */
  readonly title: string;
  readonly answer: unknown;
  /** What it changed; empty where everything was as it should be. */
  readonly changes: readonly string[];
}

const FOLDER = 'examples/setup';
const ACCOUNT = 'dynamicsCRM';

/**
 * Carries out the documented procedure from an empty tenant, organization and Campaign instance to a connection that works, by the operations
 * of this folder. Run again it changes nothing.
 */
export async function runSetUp(options: SetUpOptions): Promise<readonly Step[]> {
  const { server, userPrincipalName } = options;
  const steps: Step[] = [];
  const take = takeInto(steps, options);

  const { clientId, tenantId } = await take<Application>('01-register-application', {});
  const { certificate, privateKey } = await certificateOf(options, take);
  const encodedKey = await take<string>('03-encode-private-key', { pem: privateKey });
  const { customKeyIdentifier, keyId } = await take<Uploaded>('04-upload-certificate', { clientId, certificate });
  await take('05-grant-permissions', { clientId });
  await take('06-create-non-interactive-user', { server, userPrincipalName });
  await take('07-create-application-user', { server, clientId });
  const credentials = { privateKey: encodedKey, customKeyIdentifier, keyId, certificate };
  const account = { name: ACCOUNT, server, tenantId, clientId, oauthType: 'CERTIFICATE', certificate: credentials };
  await take('08-create-external-account', { input: account });
  await take('09-map-tables', {});
  await take('10-check-schema', {});
  await take('11-synchronize-enumerations', {});
  await take('12-create-workflow', {});
  await take('13-test-external-account', {});
  return steps;
}

interface Application {
  readonly clientId: string;
  readonly tenantId: string;
}

interface Uploaded {
  readonly customKeyIdentifier: string;
  readonly keyId: string;
}

type Take = <Answer>(name: string, variables: Record<string, unknown>) => Promise<Answer>;

function takeInto(steps: Step[], { ask, onStep }: SetUpOptions): Take {
  return async <Answer>(name: string, variables: Record<string, unknown>) => {
    const file = `${FOLDER}/${name}.graphql`;
    const query = await readFile(file, 'utf8');
    const [answer] = Object.values(await ask(query, variables));
    const title = query.split('\n', 1)[0]?.replace(/^#\s*/, '') ?? name;
    const step = { file, title, answer, changes: changesOf(answer) };
    steps.push(step);
    onStep?.(step);
    return answer as Answer; // what the operation asks for
  };
}

/** A certificate is made once; later runs go on with the one that was kept. */
async function certificateOf(options: SetUpOptions, take: Take): Promise<KeptCertificate> {
  const kept = await options.certificate.read();
  if (kept) return kept;
  const { certificate, privateKey } = await take<KeptCertificate>('02-generate-certificate', {});
  await options.certificate.keep({ certificate, privateKey });
  return { certificate, privateKey };
}

/** Operations tell what they did as an outcome, as changes, or as values of enumerations. */
function changesOf(answer: unknown): readonly string[] {
  const { outcome, changes, enumerations, name }: Told = Object(answer);
  if (changes)
    return changes.map((change) => (typeof change === 'string' ? change : `${change.kind} ${change.subject}`));
  if (enumerations) return enumerations.flatMap(changedValues);
  return outcome === undefined || outcome === 'UNCHANGED' ? [] : [`${outcome} ${name ?? 'certificate'}`];
}

interface Told {
  readonly outcome?: string;
  readonly name?: string;
  readonly changes?: readonly (string | { readonly kind: string; readonly subject: string })[];
  readonly enumerations?: readonly ToldEnumeration[];
}

interface ToldEnumeration {
  readonly table: string;
  readonly column: string;
  readonly added: readonly unknown[];
  readonly updated: readonly unknown[];
  readonly removed: readonly unknown[];
}

function changedValues({ table, column, added, updated, removed }: ToldEnumeration): readonly string[] {
  const count = added.length + updated.length + removed.length;
  return count === 0 ? [] : [`${count} values of ${table}.${column}`];
}
