import type { MockRequest, MockResponse } from '../../control.js';
import { requireRow } from '../addressed-row.js';
import { answerJson, answerNothing, contextUrl, formatMoment, type RequestContext } from '../context.js';
import { CODES, DynamicsError, methodNotAllowed, queryError, rowNotFound, unknownSegment } from '../errors.js';
import { parseQueryOptions } from '../odata/query-options.js';
import { assertPrivilege } from '../privileges.js';
import { assertAccess } from '../reach.js';
import type { Resource } from '../resource.js';
import { isGuid, normalizeGuid, parseResourcePath, type Segment } from '../resource-path.js';
import { isReference, type Reference, type Row } from '../store.js';
import { associate, disassociate } from '../writes/associate.js';
import { isObject, type JsonBody, parseBody } from '../writes/payload.js';
import { changeRow, insertRow } from '../writes/write-rows.js';
import { initializeFrom } from './initialize-from.js';
import { merge } from './merge.js';
import { answerMultiple, isMultiple } from './multiple.js';
import { qualifyLead } from './qualify-lead.js';
import { referenceIn, requireReferenced } from './references.js';
import {
  addPrivileges,
  removePrivilege,
  retrieveRolePrivileges,
  retrieveUserPrivilege,
  retrieveUserPrivileges,
} from './role-privileges.js';

/** A call: the parameters of a function, or the body of an action. */
interface Call {
  readonly context: RequestContext;
  readonly parameters: ReadonlyMap<string, string>;
  readonly body: JsonBody;
}

interface Operation {
  readonly method: 'GET' | 'POST';
  run(call: Call): MockResponse;
}

/** Functions and actions that hang on no row. https://learn.microsoft.com/power-apps/developer/data-platform/webapi/use-web-api-functions */
const OPERATIONS: Readonly<Record<string, Operation>> = {
  WhoAmI: { method: 'GET', run: ({ context }) => whoAmI(context) },
  RetrieveVersion: {
    method: 'GET',
    run: ({ context }) => complex(context, 'RetrieveVersionResponse', { Version: '9.2.24044.00188' }),
  },
  RetrieveTotalRecordCount: { method: 'GET', run: retrieveTotalRecordCount },
  RetrieveCurrentOrganization: { method: 'GET', run: ({ context }) => retrieveCurrentOrganization(context) },
  WinOpportunity: { method: 'POST', run: (call) => closeOpportunity(call, { state: 1, status: 3 }) },
  LoseOpportunity: { method: 'POST', run: (call) => closeOpportunity(call, { state: 2, status: 4 }) },
  AddListMembersList: { method: 'POST', run: addListMembers },
  Merge: { method: 'POST', run: ({ context, body }) => merge(context, body) },
  InitializeFrom: { method: 'GET', run: ({ context, parameters }) => initializeFrom(context, parameters) },
  RetrieveRolePrivilegesRole: { method: 'GET', run: rolePrivileges },
};

export function isOperation(name: string): boolean {
  return Object.hasOwn(OPERATIONS, name);
}

interface OperationRequest {
  readonly segment: Segment;
  readonly rest: readonly Segment[];
  readonly request: MockRequest;
}

export function answerOperation(context: RequestContext, { segment, rest, request }: OperationRequest): MockResponse {
  const operation = OPERATIONS[segment.name];
  if (operation === undefined || rest.length > 0) throw unknownSegment(rest[0]?.name ?? segment.name);
  if (operation.method !== request.method) throw methodNotAllowed(request.method);
  const body = operation.method === 'POST' ? parseBody(request.body, segment.name) : {};
  return context.store.transaction(() => operation.run({ context, parameters: parametersOf(segment, request), body }));
}

/** `Fn(EntityNames=@p1)?@p1=["account"]`: the value of an alias stands in for it. */
function parametersOf(segment: Segment, request: MockRequest): ReadonlyMap<string, string> {
  const aliases = parseQueryOptions(request.search);
  const given = segment.key?.kind === 'values' ? [...segment.key.values] : [];
  return new Map(given.map(([name, value]) => [name, value.startsWith('@') ? (aliases.get(value) ?? 'null') : value]));
}

function complex(context: RequestContext, type: string, value: JsonBody): MockResponse {
  return answerJson(context, { '@odata.context': contextUrl(context, `Microsoft.Dynamics.CRM.${type}`), ...value });
}

function whoAmI(context: RequestContext): MockResponse {
  const { user } = context;
  const lookup = (cell: Row[string]) => (cell !== undefined && isReference(cell) ? cell.id : null);
  return complex(context, 'WhoAmIResponse', {
    BusinessUnitId: lookup(user.businessunitid),
    UserId: user.systemuserid,
    OrganizationId: lookup(user.organizationid),
  });
}

function rolePrivileges({ context, parameters }: Call): MockResponse {
  const id = normalizeGuid(parameters.get('RoleId') ?? '');
  return retrieveRolePrivileges(context, requireReferenced(context, { table: 'role', id }));
}

function retrieveTotalRecordCount({ context, parameters }: Call): MockResponse {
  const names = parseNames(parameters.get('EntityNames'));
  for (const name of names) {
    if (context.tables.find(name) === undefined)
      throw new DynamicsError(
        400,
        CODES.invalidArgument,
        `The entity with a name = '${name}' was not found in the MetadataCache.`,
      );
    assertPrivilege(context, 'Read', context.tables.get(name));
  }
  const counts = {
    Count: names.length,
    IsReadOnly: false,
    Keys: names,
    Values: names.map((name) => context.store.table(name).size),
  };
  return complex(context, 'RetrieveTotalRecordCountResponse', { EntityRecordCountCollection: counts });
}

function parseNames(text: string | undefined): string[] {
  try {
    const parsed: unknown = JSON.parse((text ?? '').replaceAll("'", '"'));
    if (Array.isArray(parsed) && parsed.every((name) => typeof name === 'string')) return parsed;
  } catch {
    // Told below.
  }
  throw queryError('RetrieveTotalRecordCount expects EntityNames to be a list of logical names: ["account"].');
}

function retrieveCurrentOrganization(context: RequestContext): MockResponse {
  const [organization] = context.store.table('organization').all();
  const detail = {
    OrganizationId: organization?.organizationid,
    FriendlyName: organization?.name,
    OrganizationVersion: '9.2.24044.188',
    UniqueName: 'contoso',
    State: 'Enabled',
  };
  return complex(context, 'RetrieveCurrentOrganizationResponse', { Detail: detail });
}

/** https://learn.microsoft.com/dynamics365/sales/developer/opportunity-entities */
function closeOpportunity({ context, body }: Call, { state, status }: { state: number; status: number }): MockResponse {
  const close = body.OpportunityClose;
  const bind = isObject(close) ? close['opportunityid@odata.bind'] : undefined;
  const id = typeof bind === 'string' ? /\(([^)]+)\)$/.exec(bind)?.[1] : undefined;
  if (id === undefined || !isGuid(id))
    throw queryError('Expected OpportunityClose to hold "opportunityid@odata.bind": "/opportunities(<id>)".');
  const table = context.tables.get('opportunity');
  assertPrivilege(context, 'Write', table);
  const row = context.store.table('opportunity').get(normalizeGuid(id));
  if (row === undefined) throw rowNotFound('opportunity', id);
  assertAccess(context, 'Write', { table, row });
  const statuscode = typeof body.Status === 'number' && body.Status > 0 ? body.Status : status;
  changeRow(context, table, row, {
    statecode: state,
    statuscode,
    actualclosedate: formatMoment(context.now()).slice(0, 10),
  });
  const subject = isObject(close) && typeof close.subject === 'string' ? close.subject : 'Opportunity closed';
  insertRow(context, context.tables.get('opportunityclose'), {
    subject,
    opportunityid: { table: 'opportunity', id: normalizeGuid(id) },
  });
  return answerNothing();
}

function addListMembers({ context, body }: Call): MockResponse {
  const list = requireList(context, referenceIn(context, body.List, 'List'));
  if (!Array.isArray(body.Members)) throw queryError('Expected Members to be a list of rows.');
  for (const member of body.Members)
    changeMembership(context, { list, member: referenceIn(context, member, 'Members'), add: true });
  return answerNothing();
}

interface MembershipChange {
  readonly list: Row;
  readonly member: Reference;
  readonly add: boolean;
}

function changeMembership(context: RequestContext, { list, member, add }: MembershipChange): void {
  const table = context.tables.get('list');
  const navigation = table.navigation.get(`list${member.table}_association`);
  if (navigation === undefined) throw queryError(`A list cannot hold rows of the type ${member.table}.`);
  assertAccess(context, 'Append', { table, row: list });
  const memberTable = context.tables.get(member.table);
  assertAccess(context, 'AppendTo', { table: memberTable, row: requireReferenced(context, member) });
  (add ? associate : disassociate)(context, { table, row: list, navigation, target: member });
}

function requireList(context: RequestContext, { table, id }: Reference): Row {
  const row = context.store.row({ table, id });
  if (row === undefined || table !== 'list') throw rowNotFound('list', id);
  return row;
}

/** What a bound operation is called with: the row it hangs on, and the parameters in its parentheses or its body. */
interface BoundCall extends Call {
  readonly row: Row;
}

interface BoundOperation {
  readonly table: string;
  readonly method: 'GET' | 'POST';
  run(call: BoundCall): MockResponse;
}

const BOUND_OPERATIONS: Readonly<Record<string, BoundOperation>> = {
  AddMemberList: { table: 'list', method: 'POST', run: (call) => changeMember(call, 'AddMemberList') },
  RemoveMemberList: { table: 'list', method: 'POST', run: (call) => changeMember(call, 'RemoveMemberList') },
  QualifyLead: {
    table: 'lead',
    method: 'POST',
    run: ({ context, row, body }) => qualifyLead({ context, lead: row, body }),
  },
  AddPrivilegesRole: {
    table: 'role',
    method: 'POST',
    run: ({ context, row, body }) => addPrivileges(context, row, body),
  },
  RemovePrivilegeRole: {
    table: 'role',
    method: 'POST',
    run: ({ context, row, body }) => removePrivilege(context, row, body),
  },
  RetrieveUserPrivileges: {
    table: 'systemuser',
    method: 'GET',
    run: ({ context, row }) => retrieveUserPrivileges(context, row),
  },
  RetrieveUserPrivilegeByPrivilegeName: {
    table: 'systemuser',
    method: 'GET',
    run: ({ context, row, parameters }) => retrieveUserPrivilege(context, row, parameters.get('PrivilegeName')),
  },
};

/** `POST lists(id)/Microsoft.Dynamics.CRM.AddMemberList`, `POST contacts/Microsoft.Dynamics.CRM.CreateMultiple`. */
export function answerBoundOperation(
  context: RequestContext,
  resource: Extract<Resource, { kind: 'bound' }>,
  request: MockRequest,
): MockResponse {
  const { operation, table, address } = resource;
  if (address === null && isMultiple(operation)) return answerMultiple(context, { table, operation, request });
  const found = Object.hasOwn(BOUND_OPERATIONS, operation) ? BOUND_OPERATIONS[operation] : undefined;
  if (found === undefined || address === null || found.table !== table.name)
    throw unknownSegment(`Microsoft.Dynamics.CRM.${operation}`);
  if (request.method !== found.method) throw methodNotAllowed(request.method);
  const segment = parseResourcePath(request.path).at(-1);
  const parameters = segment === undefined ? new Map<string, string>() : parametersOf(segment, request);
  const body = found.method === 'POST' ? parseBody(request.body, table.definition.setName) : {};
  const row = requireRow(address);
  return context.store.transaction(() => found.run({ context, parameters, body, row }));
}

function changeMember(
  { context, row, body }: BoundCall,
  operation: 'AddMemberList' | 'RemoveMemberList',
): MockResponse {
  const member = referenceIn(context, body.Member ?? body.Entity, 'Member');
  changeMembership(context, { list: row, member, add: operation === 'AddMemberList' });
  return complex(context, `${operation}Response`, {});
}
