import { describe, expect, it } from 'vitest';
import { compileAggregate } from '../../../src/connectors/campaign/compile-aggregate.js';
import { writeXml } from '../../../src/connectors/campaign/xml-text.js';
import type { AggregateFunction, AggregateQuery } from '../../../src/model/aggregate.js';
import type { CampaignSchema } from '../../../src/model/campaign-schema.js';
import { describeKnown, recipient } from './recipient.js';

function compile(parts: Partial<AggregateQuery<CampaignSchema>>) {
  return compileAggregate({ from: recipient, groupBy: [], count: false, measures: [], ...parts }, describeKnown);
}

const HEAD = '<queryDef xtkschema="xtk:queryDef" schema="nms:recipient" operation="select" lineCount="10001"><select>';

describe('an aggregate query as queryDef', () => {
  it('counts by the key, and asks for the measures alone that are wanted', () => {
    const measures = [
      { function: 'sum', path: 'wishes' },
      { function: 'avg', path: 'score' },
      { function: 'min', path: 'birthDate' },
      { function: 'max', path: 'lastModified' },
      { function: 'countDistinct', path: 'location/city' },
    ] as const;
    expect(writeXml(compile({ count: true, measures }).select)).toBe(
      `${HEAD}<node expr="Count(@id)" alias="@count"/><node expr="Sum(@wishes)" alias="@v0"/><node expr="Avg(@score)" alias="@v1"/>` +
        '<node expr="Min(@birthDate)" alias="@v2"/><node expr="Max(@lastModified)" alias="@v3"/>' +
        '<node expr="countDistinct([location/@city])" alias="@v4"/></select></queryDef>',
    );
  });

  it('groups, texts without a value as one group, and filters first', () => {
    const filter = { kind: 'compare', path: 'blackList', operator: 'eq', value: false } as const;
    expect(writeXml(compile({ groupBy: ['gender', 'location/city'], count: true, filter }).select)).toBe(
      `${HEAD}<node expr="@gender" alias="@k0" groupBy="true"/>` +
        `<node expr="Coalesce([location/@city], '')" alias="@k1" groupBy="true" noSqlBind="true"/>` +
        '<node expr="Count(@id)" alias="@count"/></select><where><condition expr="@blackList = 0"/></where></queryDef>',
    );
  });

  it('is not asked where its filter can match nothing', () => {
    expect(compile({ count: true, filter: { kind: 'in', path: 'email', values: [] } }).matchesNothing).toBe(true);
  });

  it.each<[AggregateFunction, string]>([
    ['sum', 'email'],
    ['avg', 'birthDate'],
    ['min', 'blackList'],
    ['countDistinct', 'notes'],
  ])('refuses the %s of %s', (name, path) => {
    expect(() => compile({ measures: [{ function: name, path }] })).toThrow(`"${path}" cannot be asked for ${name}`);
  });

  it('refuses to group by long texts and by what is not there', () => {
    expect(() => compile({ groupBy: ['notes'] })).toThrow('"notes" cannot be grouped by');
    expect(() => compile({ groupBy: ['nosuch'] })).toThrow('"nosuch"');
  });
});
