import type { JournalEntry } from '../../mocks/control.js';

/**
 * A request to a mock as one line to read: `GET contacts?$select=lastname` or `queryDef nms:recipient: @id where @email IS NULL`. Ids are
 * left out, and so is what each request has: the order by the key alone, and Campaign's row beyond the page.
 */
export function readableRequest(entry: JournalEntry): string {
  return entry.path.includes('soaprouter') ? readableQueryDef(entry.body) : readableUrl(entry);
}

const GUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi;

function readableUrl({ method, path }: JournalEntry): string {
  const text = decodeURIComponent(path)
    .replace('/api/data/v9.2/', '')
    .replaceAll('Microsoft.Dynamics.CRM.', '')
    .replaceAll(/PropertyValues=\[("[0-9a-f-]{36}"(?:,"[0-9a-f-]{36}")*)\]/gi, (_, ids: string) => `${count(ids)} ids`)
    .replaceAll(GUID, 'ID')
    .replaceAll(/[&;]\$orderby=\w+id asc(?=[&;)]|$)/g, '')
    .replaceAll(/\$skiptoken=.*$/g, '$skiptoken=…');
  return `${method} ${text}`;
}

function readableQueryDef(body: string): string {
  const text = body.replaceAll('&lt;', '<').replaceAll('&gt;', '>');
  const [, schema = '', operation = ''] = /schema="(?!xtk:queryDef")([\w:]+)" operation="(\w+)"/.exec(text) ?? [];
  const expressions = (part: string) =>
    [...(new RegExp(`<${part}>(.*?)</${part}>`, 's').exec(text)?.[1] ?? '').matchAll(/expr="([^"]*)"/g)].map(
      ([, expression = '']) => expression,
    );
  const where = expressions('where')
    .map((it) => it.replaceAll(/ IN \(([^)]*)\)/g, (_, list: string) => ` IN (${count(list)} keys)`))
    .map((it) => it.replaceAll(GUID, 'ID').replaceAll(/(?<=[=>] )\d+/g, 'ID'));
  const order = expressions('orderBy').filter((it) => it !== '@id');
  return [
    `${operation === 'select' ? 'queryDef' : operation} ${schema}: ${expressions('select').join(' ')}`.trimEnd(),
    ...(where.length > 0 ? [`where ${where.join(', ')}`] : []),
    ...(order.length > 0 ? [`order ${order.join(', ')}`] : []),
  ].join(' ');
}

function count(list: string): number {
  return list.split(',').length;
}
