import DataLoader from 'dataloader';
import { Arg, Ctx, FieldResolver, Int, Query, Resolver, Root } from 'type-graphql';
import type { Connections } from '../../connectors/connections.js';
import type {
  CampaignSchema,
  CampaignSchemaSummary,
  ItemizedList,
  SchemaElement,
} from '../../model/campaign-schema.js';
import { RequestError } from '../../model/errors.js';
import { formatXml } from '../../model/xml.js';
import type { AdminContext } from '../context.js';
import { pageOf } from '../paging.js';
import {
  CampaignAttributeType,
  CampaignEnumerationType,
  CampaignKeyType,
  CampaignLinkType,
  CampaignSchemaConnectionType,
  CampaignSchemaEnumerationType,
  CampaignSchemaType,
} from './campaign-schema.types.js';

/** Schemas whose content one query may ask for: each costs a request to Campaign. */
const MAX_DESCRIBED_SCHEMAS = 50;

@Resolver(() => CampaignSchemaType)
export class CampaignSchemasResolver {
  /** One loader for each request, so that the schemas of a list are described together. */
  private readonly loaders = new WeakMap<AdminContext, DataLoader<string, CampaignSchema | null>>();

  constructor(private readonly connections: Connections) {}

  @Query(() => CampaignSchemaConnectionType, {
    description: 'The data schemas of Campaign, by name; `search` is looked for in names and labels.',
  })
  async campaignSchemas(
    @Ctx() context: AdminContext,
    @Arg('search', () => String, {
      nullable: true,
      description: 'Text to look for in names and labels, whatever its case.',
    })
    search: string | null | undefined,
    @Arg('first', () => Int, { nullable: true, defaultValue: 50, description: 'How many a page, 1 to 1000.' }) first:
      | number
      | null,
    @Arg('after', () => String, { nullable: true, description: 'A cursor of this list.' }) after:
      | string
      | null
      | undefined,
  ): Promise<CampaignSchemaConnectionType> {
    const campaign = await this.connections.campaign();
    const summaries = await campaign.summaries(context.call);
    const found = summaries.filter((schema) => matches(schema, search));
    return pageOf(found, (schema) => schema.name, { first, after });
  }

  @Query(() => CampaignSchemaType, {
    nullable: true,
    description: 'One schema with its attributes, enumerations, keys and links; null where there is none.',
  })
  async campaignSchema(
    @Ctx() context: AdminContext,
    @Arg('name', () => String, { description: 'Namespace and name, as in nms:recipient' }) name: string,
  ): Promise<CampaignSchemaType | null> {
    if (!/^[\w-]+:[\w-]+$/.test(name)) {
      throw new RequestError(
        'BAD_USER_INPUT',
        `Expected a schema name with its namespace, such as nms:recipient, but got "${name}".`,
        {
          field: 'name',
        },
      );
    }
    return this.loader(context).load(name);
  }

  @Query(() => [CampaignEnumerationType], {
    description: 'The itemized lists of Campaign, by name; `search` is looked for in names and labels.',
  })
  async campaignEnumerations(
    @Ctx() context: AdminContext,
    @Arg('search', () => String, {
      nullable: true,
      description: 'Text to look for in names and labels, whatever its case.',
    })
    search: string | null | undefined,
  ): Promise<readonly ItemizedList[]> {
    const campaign = await this.connections.campaign();
    return (await campaign.itemizedLists(context.call)).filter((list) => matches(list, search));
  }

  @FieldResolver(() => [CampaignAttributeType], {
    description: 'Every attribute, those of nested elements with their path.',
  })
  async attributes(@Root() schema: CampaignSchemaType, @Ctx() context: AdminContext): Promise<CampaignAttributeType[]> {
    return attributesOf((await this.describe(schema, context)).root, '');
  }

  @FieldResolver(() => [CampaignLinkType], {
    description: 'Where its records lead, those of nested elements with their path.',
  })
  async links(@Root() schema: CampaignSchemaType, @Ctx() context: AdminContext): Promise<CampaignLinkType[]> {
    return linksOf((await this.describe(schema, context)).root, '');
  }

  @FieldResolver(() => [CampaignKeyType], { description: 'Its keys, the primary one first.' })
  async keys(@Root() schema: CampaignSchemaType, @Ctx() context: AdminContext): Promise<readonly CampaignKeyType[]> {
    return (await this.describe(schema, context)).keys;
  }

  @FieldResolver(() => [CampaignSchemaEnumerationType], { description: 'The enumerations that it declares.' })
  async enumerations(
    @Root() schema: CampaignSchemaType,
    @Ctx() context: AdminContext,
  ): Promise<CampaignSchemaEnumerationType[]> {
    return [...(await this.describe(schema, context)).enumerations];
  }

  @FieldResolver(() => String, {
    nullable: true,
    description: 'The source schema as XML; null where Campaign keeps it to itself.',
  })
  async source(@Root() schema: CampaignSchemaType, @Ctx() context: AdminContext): Promise<string | null> {
    const campaign = await this.connections.campaign();
    const document = await campaign.readSourceSchema(schema.name, context.call);
    return document && formatXml(document);
  }

  private async describe(schema: CampaignSchemaType, context: AdminContext): Promise<CampaignSchema> {
    const described = await this.loader(context).load(schema.name);
    if (described) return described;
    throw new RequestError(
      'NOT_FOUND',
      `Schema "${schema.name}" has no compiled form in Campaign. Build it there, or ask for its source only.`,
    );
  }

  private loader(context: AdminContext): DataLoader<string, CampaignSchema | null> {
    const loader = this.loaders.get(context) ?? new DataLoader((names) => this.introspect(names, context));
    this.loaders.set(context, loader);
    return loader;
  }

  private async introspect(names: readonly string[], context: AdminContext): Promise<(CampaignSchema | null)[]> {
    if (names.length > MAX_DESCRIBED_SCHEMAS) {
      throw new RequestError(
        'BAD_USER_INPUT',
        `Expected the content of at most ${MAX_DESCRIBED_SCHEMAS} schemas in one request, but got ${names.length}. Lower "first", or ask for names and labels only.`,
        { field: 'first' },
      );
    }
    const schemas = await (await this.connections.campaign()).introspect(names, context.call);
    const byName = new Map(schemas.map((schema) => [schema.name, schema]));
    return names.map((name) => byName.get(name) ?? null);
  }
}

function matches(item: CampaignSchemaSummary, search: string | null | undefined): boolean {
  if (!search) return true;
  const wanted = search.toLocaleLowerCase();
  return [item.name, item.label].some((text) => text.toLocaleLowerCase().includes(wanted));
}

function attributesOf(element: SchemaElement, parent: string): CampaignAttributeType[] {
  const own = element.attributes.map((attribute) => ({
    ...attribute,
    path: `${parent}${attribute.isElement ? '' : '@'}${attribute.name}`,
  }));
  return [...own, ...element.elements.flatMap((child) => attributesOf(child, `${parent}${child.name}/`))];
}

function linksOf(element: SchemaElement, parent: string): CampaignLinkType[] {
  const own = element.links.map((link) => ({ ...link, path: `${parent}${link.name}` }));
  return [...own, ...element.elements.flatMap((child) => linksOf(child, `${parent}${child.name}/`))];
}
