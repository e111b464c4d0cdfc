import type { CallOptions } from '../../model/call.js';
import type { CampaignSchema, CampaignSchemaSummary } from '../../model/campaign-schema.js';
import { RemoteError } from '../../model/errors.js';
import { childElements, type XmlElement, xml } from '../../model/xml.js';
import type { SoapCaller } from './client.js';
import { describeSchema, referencedSchemas, withReferenced } from './introspect.js';
import { quote } from './literals.js';
import { missingTarget } from './paths.js';
import { fetchRows, queryDocument } from './query-rows.js';
import { documentOutput } from './soap.js';

/** Descriptions are kept this long for links and enumerations; `introspect` itself always reads anew. */
const KEPT_MS = 5 * 60_000;
const MOST_KEPT = 500;

/** Reads descriptions of schemas and keeps those that queries need for the links they cross. */
export class SchemaReader {
  private readonly kept = new Map<string, { readonly schema: CampaignSchema | null; readonly until: number }>();

  constructor(private readonly client: SoapCaller) {}

  /** Every compiled schema, by name. */
  async summaries(options?: CallOptions): Promise<readonly CampaignSchemaSummary[]> {
    const rows = await fetchSchemaRows(this.client, ['@label'], options);
    return rows.map(({ name, attributes }) => ({ name, label: attributes.label || name }));
  }

  /** Reads the named schemas anew, with the enumerations that they refer to; those that do not exist are left out. */
  async read(names: readonly string[], options?: CallOptions): Promise<readonly CampaignSchema[]> {
    const read = await Promise.all([...new Set(names)].map((name) => this.fetch(name, options)));
    const schemas = read.filter((schema) => schema !== null);
    const referenced = new Set(schemas.flatMap(referencedSchemas));
    const others = await Promise.all([...referenced].map((name) => this.describe(name, options)));
    const known = [...schemas, ...others.filter((schema) => schema !== null)];
    return schemas.map((schema) => this.keep(schema.name, withReferenced(schema, known)));
  }

  /** A function that knows every schema which the paths of a query lead to. */
  async targetsOf(
    schema: CampaignSchema,
    paths: readonly string[],
    options?: CallOptions,
  ): Promise<(name: string) => CampaignSchema | undefined> {
    const known = new Map<string, CampaignSchema | null>([[schema.name, schema]]);
    const describe = (name: string) => known.get(name) ?? undefined;
    for (const path of paths) {
      // A path of one step crosses no link.
      if (!path.includes('/')) continue;
      let missing = missingTarget(schema, path, describe);
      while (missing !== null && !known.has(missing)) {
        known.set(missing, await this.complete(missing, options));
        missing = missingTarget(schema, path, describe);
      }
    }
    return describe;
  }

  /** Forgets what was kept, as after a change of schemas. */
  forget(): void {
    this.kept.clear();
  }

  /** A kept description, or one read now with all its enumerations. */
  private async complete(name: string, options?: CallOptions): Promise<CampaignSchema | null> {
    const kept = this.kept.get(name);
    if (kept && kept.until > Date.now()) return kept.schema;
    const [schema] = await this.read([name], options);
    return schema ?? null;
  }

  /** A kept description, or one read now without the enumerations of further schemas. */
  private describe(name: string, options?: CallOptions): Promise<CampaignSchema | null> {
    const kept = this.kept.get(name);
    return kept?.schema && kept.until > Date.now() ? Promise.resolve(kept.schema) : this.fetch(name, options);
  }

  private async fetch(name: string, options?: CallOptions): Promise<CampaignSchema | null> {
    if (!FULL_NAME.test(name)) return null;
    const document = await fetchEntity(this.client, `xtk:schema|${name}`, options);
    return document && describeSchema(document);
  }

  private keep(name: string, schema: CampaignSchema): CampaignSchema {
    if (this.kept.size >= MOST_KEPT) this.kept.clear();
    this.kept.set(name, { schema, until: Date.now() + KEPT_MS });
    return schema;
  }
}

/** `nms:recipient`; nothing else can be the name of a schema. */
const FULL_NAME = /^[\w-]+:[\w-]+$/;

const PAGE = 1_000;
const MOST_PAGES = 1_000;

/** A row of the list of compiled schemas, with the attributes that were asked for. */
export interface SchemaRow extends Pick<XmlElement, 'attributes'> {
  readonly name: string;
}

/** Every compiled schema, by name. `select` names attributes, as in `@label`. */
export async function fetchSchemaRows(
  client: SoapCaller,
  select: readonly string[],
  options?: CallOptions,
): Promise<readonly SchemaRow[]> {
  const found = new Map<string, SchemaRow>();
  let last: string | undefined;
  for (let page = 0; page < MOST_PAGES; page++) {
    const known = found.size;
    for (const { attributes } of await fetchRows(client, schemaListQuery(select, last), options)) {
      last = `${attributes.namespace}:${attributes.name}`;
      found.set(last, { name: last, attributes });
    }
    // The option XtkQuery_Schema_LineCount may cap a page, so only one without news is the last.
    if (found.size === known) break;
  }
  return [...found.values()].sort((one, other) => (one.name < other.name ? -1 : 1));
}

function schemaListQuery(select: readonly string[], after: string | undefined): XmlElement {
  return queryDocument({
    schema: 'xtk:schema',
    select: ['@namespace', '@name', ...select],
    lineCount: PAGE,
    where: after === undefined ? [] : [afterSchema(after)],
    orderBy: ['@namespace', '@name'],
  });
}

function afterSchema(fullName: string): XmlElement {
  const [namespace = '', name = ''] = fullName.split(':');
  return xml('condition', {}, [
    xml('condition', { boolOperator: 'OR', expr: `@namespace > ${quote(namespace)}` }),
    xml('condition', {}, [
      xml('condition', { boolOperator: 'AND', expr: `@namespace = ${quote(namespace)}` }),
      xml('condition', { expr: `@name > ${quote(name)}` }),
    ]),
  ]);
}

/**
 * Reads a document of the entity store by its key (`xtk:schema|nms:recipient`), or null where there is none.
 * https://experienceleague.adobe.com/docs/campaign-classic/using/configuring-campaign-classic/api/data-oriented-apis.html
 */
export async function fetchEntity(client: SoapCaller, key: string, options?: CallOptions): Promise<XmlElement | null> {
  const parameters = [
    { name: 'strPk', value: key },
    { name: 'strMd5', value: '' },
    { name: 'bMustExist', value: false },
  ];
  try {
    const call = { service: 'xtk:persist', method: 'GetEntityIfMoreRecent', parameters, idempotent: true };
    const document = documentOutput((await client.call(call, options))[0]);
    return document && hasContent(document) ? document : null;
  } catch (error) {
    if (error instanceof RemoteError && error.code === 'NOT_FOUND') return null;
    throw error;
  }
}

function hasContent(document: XmlElement): boolean {
  return Object.keys(document.attributes).length > 0 || childElements(document).length > 0;
}
