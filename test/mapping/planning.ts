import type { MappingPlan } from '../../src/mapping/mapping-plan.js';
import { type MappingInput, planMapping } from '../../src/mapping/plan-mapping.js';
import type { XmlElement } from '../../src/model/xml.js';

/** Input for a plan in an empty Campaign, with what a test says of it. */
export function mappingInput(parts: Partial<MappingInput>): MappingInput {
  return {
    account: 'dynamicsCRM',
    selections: [],
    tables: [],
    existing: [],
    schemas: [],
    sourceSchemas: new Map(),
    ...parts,
  };
}

/** Plans on top of what another plan made. */
export function replan(made: MappingPlan, parts: Partial<MappingInput>): MappingPlan {
  return planMapping(mappingInput({ existing: made.mappings, sourceSchemas: documentsOf(made), ...parts }));
}

/** The source schemas as a plan leaves them. */
export function documentsOf(plan: MappingPlan): ReadonlyMap<string, XmlElement> {
  return new Map(plan.documents.flatMap(({ name, document }) => (document ? [[name, document] as const] : [])));
}

export function documentOf(plan: MappingPlan, name: string): XmlElement {
  const document = documentsOf(plan).get(name);
  if (!document) throw new Error(`The plan has no document "${name}".`);
  return document;
}
