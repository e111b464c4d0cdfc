import type { MockResponse } from '../../control.js';
import { answerJson, contextUrl, type RequestContext } from '../context.js';
import { CODES, DynamicsError, queryError } from '../errors.js';
import { assertPrivilege } from '../privileges.js';
import { assertAccess } from '../reach.js';
import { isReference, type Reference, type Row, type RowChanges } from '../store.js';
import type { JsonBody } from '../writes/payload.js';
import { changeRow, insertRow } from '../writes/write-rows.js';
import { mappedCells } from './attribute-maps.js';
import { optionalReference } from './references.js';

const QUALIFIED = { statecode: 1, statuscode: 3 };

interface Qualification {
  readonly context: RequestContext;
  readonly lead: Row;
  readonly body: JsonBody;
}

/**
 * Closes a lead as qualified and makes of it the rows that the body asks for.
 * https://learn.microsoft.com/power-apps/developer/data-platform/webapi/reference/qualifylead
 */
export function qualifyLead({ context, lead, body }: Qualification): MockResponse {
  const table = context.tables.get('lead');
  const id = String(lead.leadid);
  if (lead.statecode !== 0)
    throw new DynamicsError(400, CODES.invalidArgument, `The lead With Id = ${id} is already closed.`);
  for (const name of ['CreateAccount', 'CreateContact', 'CreateOpportunity'])
    if (typeof body[name] !== 'boolean') throw queryError(`QualifyLead expects '${name}' to be true or false.`);
  assertMayQualify(context, lead, body);
  const account =
    body.CreateAccount === true ? makeOf(context, lead, 'account', {}) : referenceIn(lead.parentaccountid);
  const contact =
    body.CreateContact === true
      ? makeOf(context, lead, 'contact', account === null ? {} : { parentcustomerid: account })
      : referenceIn(lead.parentcontactid);
  if (account !== null && contact !== null && body.CreateAccount === true)
    changeRow(context, context.tables.get('account'), context.store.row(account) ?? {}, { primarycontactid: contact });
  const customer =
    optionalReference(context, body.OpportunityCustomerId, 'OpportunityCustomerId') ?? account ?? contact;
  const opportunity =
    body.CreateOpportunity === true
      ? makeOf(context, lead, 'opportunity', {
          ...parents(account, contact),
          ...opportunityCells(context, body, customer),
        })
      : null;
  const statuscode = typeof body.Status === 'number' && body.Status > 0 ? body.Status : QUALIFIED.statuscode;
  changeRow(context, table, lead, {
    ...QUALIFIED,
    statuscode,
    ...parents(account, contact),
    ...(customer === null ? {} : { customerid: customer }),
    ...(opportunity === null ? {} : { qualifyingopportunityid: opportunity }),
  });
  return answerMade(context, [
    ...(body.CreateAccount === true && account !== null ? [account] : []),
    ...(body.CreateContact === true && contact !== null ? [contact] : []),
    ...(opportunity === null ? [] : [opportunity]),
  ]);
}

function assertMayQualify(context: RequestContext, lead: Row, body: JsonBody): void {
  assertAccess(context, 'Write', { table: context.tables.get('lead'), row: lead });
  const made = { account: body.CreateAccount, contact: body.CreateContact, opportunity: body.CreateOpportunity };
  for (const [name, isMade] of Object.entries(made))
    if (isMade === true) assertPrivilege(context, 'Create', context.tables.get(name));
}

function makeOf(context: RequestContext, lead: Row, name: string, more: RowChanges): Reference {
  const table = context.tables.get(name);
  const cells = mappedCells({ table: context.tables.get('lead'), row: lead }, table) ?? {};
  const row = insertRow(context, table, { ...cells, ...more });
  return { table: name, id: String(row[table.definition.primaryId]) };
}

function parents(account: Reference | null, contact: Reference | null): RowChanges {
  return {
    ...(account === null ? {} : { parentaccountid: account }),
    ...(contact === null ? {} : { parentcontactid: contact }),
  };
}

function opportunityCells(context: RequestContext, body: JsonBody, customer: Reference | null): RowChanges {
  const currency = optionalReference(context, body.OpportunityCurrencyId, 'OpportunityCurrencyId');
  const campaign = optionalReference(context, body.SourceCampaignId, 'SourceCampaignId');
  return {
    ...(customer === null ? {} : { customerid: customer }),
    ...(currency === null ? {} : { transactioncurrencyid: currency }),
    ...(campaign === null ? {} : { campaignid: campaign }),
  };
}

function referenceIn(cell: Row[string]): Reference | null {
  return isReference(cell) ? cell : null;
}

function answerMade(context: RequestContext, made: readonly Reference[]): MockResponse {
  const value = made.map(({ table, id }) => ({
    '@odata.type': `#Microsoft.Dynamics.CRM.${table}`,
    [context.tables.get(table).definition.primaryId]: id,
  }));
  return answerJson(context, { '@odata.context': contextUrl(context, 'Collection(mscrm.crmbaseentity)'), value });
}
