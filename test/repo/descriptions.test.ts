import { readFileSync } from 'node:fs';
import {
  buildSchema,
  type GraphQLNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
} from 'graphql';
import { expect, it } from 'vitest';
import { startGateway, type TestGateway } from '../support/gateway.js';

it('every type, field, argument and value of schema.graphql is described', () => {
  expect(undescribedIn(readFileSync('schema.graphql', 'utf8'))).toEqual([]);
});

it('so is what a gateway adds for further tables and schemas, and what it serves before anything is mapped', async () => {
  const further = { DYNAMICS_TABLES: 'list,opportunity,task', CAMPAIGN_SCHEMAS: 'nms:delivery,nms:service' };
  const gateway = await startGateway({ contacts: 5, settings: further });
  const text = await servedBy(gateway);
  await gateway.example('01-create-external-account.graphql');
  await gateway.example('04-map-tables.graphql');
  const mapped = await servedBy(gateway);
  await gateway.close();
  expect(mapped).toContain('type DynamicsOpportunity ');
  expect(mapped).toContain('type CampaignNmsDelivery ');
  expect([...undescribedIn(text), ...undescribedIn(mapped)]).toEqual([]);
});

async function servedBy(gateway: TestGateway): Promise<string> {
  const response = await fetch(`${gateway.app.gateway.url}/schema.graphql`);
  return response.text();
}

function undescribedIn(text: string): readonly string[] {
  const types = Object.values(buildSchema(text).getTypeMap()).filter(({ name }) => !name.startsWith('__'));
  return types.flatMap(undescribed);
}

/** What of a type has no description, by its path. */
function undescribed(type: GraphQLNamedType): readonly string[] {
  return parts(type).flatMap(([path, { description }]) => (description?.trim() ? [] : [path]));
}

type Part = readonly [path: string, { readonly description?: string | null | undefined }];

function parts(type: GraphQLNamedType): readonly Part[] {
  const self: Part = [type.name, type];
  if (isEnumType(type)) return [self, ...type.getValues().map((value): Part => [`${type.name}.${value.name}`, value])];
  if (isInputObjectType(type))
    return [self, ...Object.values(type.getFields()).map((field): Part => [`${type.name}.${field.name}`, field])];
  if (!isObjectType(type) && !isInterfaceType(type)) return [self];
  const fields = Object.values(type.getFields()).flatMap((field): readonly Part[] => [
    [`${type.name}.${field.name}`, field],
    ...field.args.map((argument): Part => [`${type.name}.${field.name}(${argument.name})`, argument]),
  ]);
  return [self, ...fields];
}
