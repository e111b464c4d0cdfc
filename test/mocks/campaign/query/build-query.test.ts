import { describe, expect, it } from 'vitest';
import { Engine } from '../../../../mocks/campaign/engine.js';
import { SoapFault } from '../../../../mocks/campaign/errors.js';
import { buildQuery } from '../../../../mocks/campaign/query/build-query.js';
import { parseXml } from '../../../../mocks/campaign/xml.js';
import { createClock } from '../../../../mocks/control.js';

const view = new Engine(createClock()).currentView();
const sqlOf = (content: string) =>
  buildQuery(parseXml(`<queryDef schema="nms:recipient" operation="select">${content}</queryDef>`), view);

describe('the SQL of a query', () => {
  it('names tables and columns, with a join for each link', () => {
    const sql = sqlOf(`<select><node expr="@id"/><node expr="[folder/@label]"/></select>
      <where><condition expr="@email LIKE '%.com'" boolOperator="OR"/><condition expr="[folder/@name] = 'O\\'N'"/></where>
      <orderBy><node expr="@lastModified" sortDesc="true"/></orderBy>`);
    expect(sql).toBe(
      'SELECT T0.iRecipientId, T1.sLabel FROM NmsRecipient T0 LEFT JOIN XtkFolder T1 ON T0.iFolderId = T1.iFolderId ' +
        "WHERE (T0.sEmail LIKE '%.com') OR (T1.sName = 'O''N') ORDER BY T0.tsLastModified DESC",
    );
  });

  it('groups, and keeps what having lets through', () => {
    const sql = sqlOf(`<select><node expr="@gender" groupBy="true"/><node expr="Count(@id)"/></select>
      <having><condition expr="Count(@id) &gt; 1"/></having>`);
    expect(sql).toBe(
      'SELECT T0.iGender, Count(T0.iRecipientId) FROM NmsRecipient T0 GROUP BY T0.iGender HAVING (Count(T0.iRecipientId) > 1)',
    );
  });

  it('looks into collections and sub-queries', () => {
    const sql = sqlOf(`<select><node expr="@id"/></select><where>
      <condition expr="subscription" setOperator="EXISTS"><condition expr="@created &gt; #2026-01-01#"/></condition>
      <condition expr="@email" setOperator="NOT IN"><subQuery schema="nms:address"><select><node expr="@address"/></select></subQuery></condition></where>`);
    expect(sql).toContain(
      "(EXISTS (SELECT 1 FROM NmsSubscription TS0 WHERE TS0.iRecipientId = T0.iRecipientId AND ((TS0.tsCreated > TIMESTAMP '2026-01-01'))))",
    );
    expect(sql).toContain('AND (T0.sEmail NOT IN (SELECT T0.sAddress FROM NmsAddress T0))');
  });

  it.each(['@nope', '[folder/@nope]', '@email = ', '[nope/@x]'])('faults with XTK-170036 for %s', (expr) => {
    expect(() => sqlOf(`<select><node expr="${expr}"/></select>`)).toThrow(SoapFault);
    expect(() => sqlOf(`<where><condition expr="${expr}" setOperator="EXISTS"/></where>`)).toThrow(SoapFault);
  });
});
