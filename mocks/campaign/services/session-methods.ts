import { MethodError } from '../errors.js';
import { assertRight } from '../operators.js';
import { encryptPassword, hashPassword } from '../passwords.js';
import { type CompiledSchema, resolvePath, type ValueNode } from '../schema-model.js';
import type { Session } from '../session.js';
import { formatMoment, formatValue } from '../values.js';
import { type XmlElement, xml } from '../xml.js';
import { type Method, type Methods, textArgument } from './method.js';

/** The build that the mock plays. */
export const VERSION = { build: '9396', release: '7.4.3', commit: 'cc45440', instance: 'mock' } as const;

/** Methods of `xtk:session` for those who have logged on. */
export const SESSION_METHODS: Methods = {
  TestCnx: () => [],
  GetUserInfo: ({ session }) => [{ name: 'pUserInfo', type: 'element', element: userInfo(session) }],
  GetServerTime: ({ view }) => [{ name: 'pdtServerTime', type: 'dateTime', text: view.now().toISOString() }],
  GetOption: (call) => {
    const { value, type } = readOption(textArgument(call, 0), call.view.lookup('xtk:option'), call);
    return [
      { name: 'pstrValue', type: 'string', text: value },
      { name: 'pbtType', type: 'byte', text: String(type) },
    ];
  },

  /** Who is connected, for administrators. */
  GetCnxInfo: ({ session, sessions }) => {
    assertRight(session.operator, 'admin', 'see who is connected');
    const open = sessions
      .list()
      .map(({ id, operator, startedAt }) =>
        xml('session', { id, login: operator.login, loginId: String(operator.id), logonDate: formatMoment(startedAt) }),
      );
    return [
      { name: 'pdomCnxInfo', type: 'element', element: xml('cnxInfo', { instanceName: VERSION.instance }, open) },
    ];
  },

  /** Ends a session by its token, or by the id that `GetCnxInfo` lists it under. */
  KillSession: (call) => {
    assertRight(call.session.operator, 'admin', 'end sessions');
    const named = textArgument(call, 0);
    if (!call.sessions.kill(named)) throw new MethodError([`XSV-350000 There is no session '${named}'.`]);
    return [];
  },

  ChangePassword: (call) => {
    const [oldPassword, newPassword] = [textArgument(call, 0), textArgument(call, 1)];
    if (newPassword === '') throw new MethodError(['XTK-170006 The new password is empty.']);
    const isChanged = call.engine.operators.changePassword(call.session.operator, oldPassword, newPassword);
    if (!isChanged) throw new MethodError(['XSV-350012 Invalid login or password. Connection denied.']);
    return [];
  },

  ...passwordMethods(),
};

/** `EncryptPassword` is called as a method of `xtk:session` and of `xtk:persist`. */
export function passwordMethods(): Methods {
  const encrypt: Method = (call) => [
    { name: 'pstrEncrypted', type: 'string', text: encryptPassword(textArgument(call, 0), secretKey(call)) },
  ];
  return {
    Encrypt: encrypt,
    EncryptPassword: encrypt,
    EncryptServerPassword: encrypt,
    HashPassword: (call) => [{ name: 'pstrHash', type: 'string', text: hashPassword(textArgument(call, 0)) }],
  };
}

function secretKey(call: Parameters<Method>[0]): string {
  const { value } = readOption('XtkSecretKey', call.view.lookup('xtk:option'), call);
  if (Buffer.from(value, 'base64').length !== 32) {
    throw new MethodError(["XTK-170006 The option 'XtkSecretKey' does not hold 32 bytes in base64."]);
  }
  return value;
}

/** Where `xtk:option` keeps a value, by the number of its type. */
const OPTION_COLUMNS: Readonly<Record<number, string>> = {
  1: '@longValue',
  2: '@longValue',
  3: '@longValue',
  4: '@doubleValue',
  5: '@doubleValue',
  6: '@stringValue',
  7: '@timeStampValue',
  10: '@timeStampValue',
  12: 'memoValue',
  13: 'memoValue',
  15: '@longValue',
};

/** An option that does not exist has an empty value and the type 0. */
function readOption(name: string, schema: CompiledSchema | undefined, { view }: Parameters<Method>[0]) {
  const [row] = schema ? view.tableOf(schema).findSame(['name'], [name]) : [];
  const type = Number(row?.values.dataType ?? 0);
  const column = OPTION_COLUMNS[type];
  if (!row || !schema || column === undefined) return { value: '', type };
  const node = valueNode(schema, column, view.lookup);
  return { value: formatValue(row.values[node.path]), type };
}

function valueNode(schema: CompiledSchema, path: string, lookup: Parameters<typeof resolvePath>[2]): ValueNode {
  const { node } = resolvePath(schema, path, lookup);
  if (node.kind !== 'value') throw new Error(`Expected '${path}' of ${schema.id} to hold a value.`);
  return node;
}

/** The `sessionInfo` of a logon: who the server is, who the operator is. Lifetimes are in seconds. */
export function sessionInfo(
  session: Session,
  now: Date,
  lifetimes: { readonly session: number; readonly security: number },
): XmlElement {
  const serverInfo = xml('serverInfo', {
    advisedClientBuildNumber: '0',
    allowSQL: 'false',
    buildNumber: VERSION.build,
    commitId: VERSION.commit,
    databaseId: 'uFE80000000000000F1FA913DD7CC7C480041161C',
    defaultNameSpace: 'cus',
    fohVersion: '2',
    instanceName: VERSION.instance,
    majNumber: '6',
    minClientBuildNumber: '8969',
    minNumber: '7',
    minNumberTechnical: '0',
    releaseName: VERSION.release,
    securityTimeOut: String(lifetimes.security),
    serverDate: formatMoment(now),
    servicePack: '0',
    sessionTimeOut: String(lifetimes.session),
    useVault: 'false',
  });
  return xml('sessionInfo', {}, [serverInfo, userInfo(session)]);
}

function userInfo({ operator }: Session): XmlElement {
  const attributes = {
    datakitInDatabase: 'true',
    homeDir: '',
    instanceLocale: 'en',
    locale: 'en',
    login: operator.login,
    loginCS: `${operator.label} (${operator.login})`,
    loginId: String(operator.id),
    noConsoleCnx: 'false',
    orgUnitId: '0',
    theme: '',
    timezone: 'Europe/Paris',
  };
  return xml('userInfo', attributes, [
    ...(operator.rights.includes('admin') ? [xml('login-group', { id: '1060' })] : []),
    ...operator.rights.map((right) => xml('login-right', { right })),
    ...['core', 'campaign'].map((name) => xml('installed-package', { name, namespace: 'nms' })),
  ]);
}
