import { createRequire } from 'node:module';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CampaignMock, createCampaignMock } from '../../../mocks/campaign/server.js';
import { covers } from '../compatibility.js';
import { logOn } from './soap-client.js';

// The library has no types, and NLWS is made at run time from the schemas that the server answers.
// biome-ignore lint/suspicious/noExplicitAny: see above
type Client = any;

const sdk: Client = createRequire(import.meta.url)('@adobe/acc-js-sdk');

describe.each(['SimpleJson', 'BadgerFish', 'xml'])(
  'the Campaign mock behind @adobe/acc-js-sdk with %s',
  (representation) => {
    let mock: CampaignMock;
    let client: Client;

    beforeAll(async () => {
      mock = await createCampaignMock();
      const parameters = sdk.ConnectionParameters.ofUserAndPassword(mock.url, 'admin', 'admin', { representation });
      client = await sdk.init(parameters);
      await client.logon();
    });
    afterAll(() => mock.close());

    /** A document as a caller of this representation has it. */
    function document(xml: string): Client {
      // White space between elements would be text, which the library's BadgerFish does not keep in its place.
      const parsed = sdk.DomUtil.parse(xml.replaceAll(/>\s+</g, '><'));
      return representation === 'xml' ? parsed.documentElement : sdk.DomUtil.toJSON(parsed, representation);
    }

    /** What the library gave, in the representation that is easiest to read here. */
    function plain(result: Client, root = 'x'): Client {
      if (representation === 'SimpleJson' || result === null) return result;
      const xml = representation === 'xml' ? result : sdk.DomUtil.fromJSON(root, result, representation);
      return sdk.DomUtil.toJSON(xml, 'SimpleJson');
    }

    /** The library adds a text `xtkschema` to what it is given, which it cannot write as BadgerFish; there it must not see it. */
    function object(xml: string): Client {
      const made = document(xml);
      if (representation === 'BadgerFish') Object.defineProperty(made, 'xtkschema', { value: 'hidden' });
      return made;
    }

    async function query(attributes: string, content = ''): Promise<Client> {
      const queryDef = object(
        `<queryDef xtkschema="xtk:queryDef" schema="nms:recipient" ${attributes}><select><node expr="@firstName"/></select>
        <where><condition expr="@lastName = 'Nowak'"/>${content}</where><orderBy><node expr="@firstName"/></orderBy></queryDef>`,
      );
      return client.NLWS.xtkQueryDef.create(queryDef).executeQuery();
    }

    it('answers all four operations of a query', async () => {
      covers('campaign', '5 acc-js-sdk', 'the four query operations in SimpleJson, BadgerFish and xml');
      const selected = plain(await query('operation="select" lineCount="1"'), 'recipient-collection');
      expect(selected.recipient).toMatchObject([{ firstName: 'Amélie' }]);
      expect(plain(await query('operation="get"')).firstName).toBe('Amélie');
      // The library takes every DOM for an empty answer of getIfExists.
      const found = await query('operation="getIfExists"');
      expect(representation === 'xml' ? found : plain(found).firstName).toBe(
        representation === 'xml' ? null : 'Amélie',
      );
      expect(await query('operation="getIfExists"', '<condition expr="@id = 1"/>')).toBeNull();
      expect(plain(await query('operation="count"')).count).toBe('9');
      await expect(query('operation="get"', '<condition expr="@id = 1"/>')).rejects.toMatchObject({
        errorCode: 'SOP-330011',
      });
    });

    it('selects every field after selectAll', async () => {
      covers('campaign', '5 acc-js-sdk', 'selectAll');
      const queryDef = object(`<queryDef xtkschema="xtk:queryDef" schema="xtk:option" operation="get">
      <where><condition expr="@name = 'WdbcTimeZone'"/></where></queryDef>`);
      const all = client.NLWS.xtkQueryDef.create(queryDef);
      await all.selectAll(false);
      expect(plain(await all.executeQuery())).toMatchObject({ stringValue: 'Europe/Paris', dataType: '6' });
    });

    it('writes a record and a collection', async () => {
      covers('campaign', '5 acc-js-sdk', 'write, writeCollection');
      await client.NLWS.xtkSession.write(
        document('<recipient xtkschema="nms:recipient" _key="@email" email="one@rep.example" lastName="One"/>'),
      );
      await client.NLWS.xtkSession.writeCollection(
        document(`<recipient-collection xtkschema="nms:recipient">
        <recipient _key="@email" email="one@rep.example" lastName="Changed"/><recipient email="two@rep.example"/>
      </recipient-collection>`),
      );
      const rows = mock.rows('nms:recipient').filter((row) => String(row.email).endsWith('@rep.example'));
      expect(rows).toMatchObject([{ email: 'one@rep.example', lastName: 'Changed' }, { email: 'two@rep.example' }]);
    });

    it('makes, saves and duplicates a document', async () => {
      covers('campaign', '5 acc-js-sdk', 'NewInstance, save, Duplicate');
      const operator = client.NLWS.xtkOption.create(
        object(`<option xtkschema="xtk:option" name="Made" dataType="6"/>`),
      );
      await operator.newInstance();
      await client.NLWS.xtkSession.write(document(sdk.DomUtil.toXMLString(asXml(operator.inspect(), 'option'))));
      const made = mock.rows('xtk:option').find((row) => row.name === 'Made');
      const copy = client.NLWS.xtkOption.create(object('<option xtkschema="xtk:option"/>'));
      await copy.duplicate(`xtk:option|${made?.id}`);
      expect(plain(copy.inspect())).toMatchObject({ dataType: '6' });
      expect(plain(copy.inspect())).not.toHaveProperty('name');
    });

    function asXml(entity: Client, root: string): Client {
      const xml = representation === 'xml' ? entity : sdk.DomUtil.fromJSON(root, entity, representation);
      const element = xml.documentElement ?? xml;
      element.setAttribute('xtkschema', `xtk:${root}`);
      return element;
    }

    it('reads and sets options, with their description', async () => {
      covers('campaign', '5 acc-js-sdk', 'getOption, setOption with a description');
      expect(await client.getOption('WdbcTimeZone', false)).toBe('Europe/Paris');
      expect(await client.getOption('nothing', false)).toBeNull();
      // The library writes options as SimpleJson, whatever the representation.
      if (representation !== 'SimpleJson') {
        await expect(client.setOption('LASTIMPORT_crm', 'x')).rejects.toThrow();
        const option =
          '<option xtkschema="xtk:option" _key="@name" name="LASTIMPORT_crm" dataType="6" stringValue="x"/>';
        await client.NLWS.xtkSession.write(document(option));
        expect(await client.getOption('LASTIMPORT_crm', false)).toBe('x');
        return;
      }
      await client.setOption('LASTIMPORT_crm', '2026/01/31 10:00:00', 'Last import');
      expect(await client.getOption('LASTIMPORT_crm', false)).toBe('2026/01/31 10:00:00');
      expect(mock.rows('xtk:option').find((row) => row.name === 'LASTIMPORT_crm')).toMatchObject({
        description: 'Last import',
      });
      expect(await client.getOption('nothing', false)).toBeNull();
    });

    it('describes schemas and enumerations', async () => {
      covers('campaign', '5 acc-js-sdk', 'getSchema, application.getSchema, client.getSysEnum, application.getSysEnum');
      const schema = plain(await client.getSchema('nms:recipient'));
      expect([schema.namespace, schema.name]).toEqual(['nms', 'recipient']);
      const gender = plain(await client.getSysEnum('nms:recipient:gender'));
      expect(gender.value.map(({ name }: { name: string }) => name)).toEqual(['unknown', 'male', 'female']);
      const described = await client.application.getSchema('nms:recipient');
      expect(described.root.children['@gender'].enum).toBe('nms:recipient:gender');
      expect(described.root.children.folder.target).toBe('xtk:folder');
      expect(described.root.children['@email'].label).toBe('Email');
      expect((await client.application.getSysEnum('gender', described)).values.male.value).toBe(1);
    });

    it('gives enumerations by the ways that the library has, which lacks getEnum', async () => {
      covers('campaign', '5 acc-js-sdk', 'enumerations: getSysEnum by both names, node.enumeration(), itemized lists');
      expect([typeof client.getEnum, typeof client.application.getEnum]).toEqual(['undefined', 'undefined']);
      const byTwoNames = plain(await client.getSysEnum('gender', 'nms:recipient'));
      expect(byTwoNames.value.map(({ value }: { value: string }) => value)).toEqual(['0', '1', '2']);
      expect(await client.getSysEnum('nms:recipient:nothing')).toBeUndefined();
      await expect(client.getSysEnum('gender')).rejects.toMatchObject({ errorCode: 'SDK-000006' });
      const described = await client.application.getSchema('nms:recipient');
      const gender = await described.root.children['@gender'].enumeration();
      expect([gender.name, gender.values.female.label]).toEqual(['nms:recipient:gender', 'Female']);
      const list = object(`<queryDef xtkschema="xtk:queryDef" schema="xtk:enumValue" operation="select">
        <select><node expr="@label"/></select><where><condition expr="[enum/@name] = 'salutation'"/></where><orderBy><node expr="@order"/></orderBy></queryDef>`);
      const values = plain(await client.NLWS.xtkQueryDef.create(list).executeQuery(), 'enumValue-collection');
      expect(values.enumValue.length).toBeGreaterThan(1);
    });

    it('submits a job, follows it and takes its result', async () => {
      covers('campaign', '4.9 Jobs', 'Execute, GetResult, HasWarning');
      covers(
        'campaign',
        '5 acc-js-sdk',
        'job API: submit, execute, submitSoapCall, status, progress, result, hasWarning',
      );
      await client.NLWS.xtkSession.write(document('<delivery xtkschema="nms:delivery" internalName="DM1" label="L"/>'));
      const delivery = document('<delivery xtkschema="nms:delivery" internalName="DM1"/>');
      // The library describes a SOAP call as SimpleJson, whatever the representation.
      const ways = representation === 'SimpleJson' ? ['submit', 'execute', 'submitSoapCall'] : ['submit', 'execute'];
      for (const how of ways) {
        const job = client.jobInterface({ xtkschema: 'nms:delivery', method: 'Prepare', object: delivery });
        await job[how]();
        const status = await job.getStatus();
        expect([how, status.status, await job.hasWarning()]).toEqual([how, 5, false]);
        // The library reads the progress from SimpleJson only.
        expect(job.getProgress()).toBe(representation === 'BadgerFish' ? 0 : 1);
        expect(status.logs).toHaveLength(2);
        expect(await job.getResult()).toContain('internalName="DM1"');
      }
      expect(mock.rows('nms:delivery').find((row) => row.internalName === 'DM1')).toMatchObject({ state: 45 });
    });

    it('starts a workflow with variables', async () => {
      covers('campaign', '5 acc-js-sdk', 'NLWS of workflows and events');
      await client.NLWS.xtkSession.write(document('<workflow xtkschema="xtk:workflow" internalName="wk" label="W"/>'));
      await client.NLWS.xtkWorkflow.startWithParameters('wk', document('<variables a="1"/>'));
      expect(mock.recorded().at(-1)?.details).toMatchObject({ variables: { a: '1' } });
      await client.NLWS.xtkWorkflow.stop('wk');
      expect(mock.rows('xtk:workflow').find((row) => row.internalName === 'wk')).toMatchObject({ state: 20 });
    });

    it('reads content whose prefixes were declared around it', async () => {
      await (
        await logOn(mock)
      ).write(`<rtEvent xmlns:x="urn:x" xtkschema="nms:rtEvent" type="order" email="prefix@e.example">
        <ctx><x:no x:a="1" b="2">1</x:no><y:no xmlns:y="urn:y" y:a="1"><y:of x:c="1"/></y:no></ctx></rtEvent>`);
      const [event] = mock.rows('nms:rtEvent').filter(({ email }) => email === 'prefix@e.example');
      expect(event?.ctx).toBe('<no b="2">1</no><y:no xmlns:y="urn:y" y:a="1"><y:of/></y:no>');
      const query =
        object(`<queryDef xtkschema="xtk:queryDef" schema="nms:rtEvent" operation="select"><select><node expr="ctx"/></select>
        <where><condition expr="@email = 'prefix@e.example'"/></where></queryDef>`);
      const found = plain(await client.NLWS.xtkQueryDef.create(query).executeQuery(), 'rtEvent-collection');
      expect(JSON.stringify(found)).toContain('"b":"2"');
    });

    it('reads a schema that was written with prefixes declared around it', async () => {
      const session = await logOn(mock);
      await session.writeCollection(`<c xmlns:x="urn:x" xtkschema="xtk:srcSchema"><srcSchema x:by="me" namespace="cus" name="far">
        <element name="far" autopk="true"><attribute name="code" x:note="1"/></element></srcSchema></c>`);
      await session.call('xtk:builder#BuildSchemaFromId', '<id>cus:far</id>');
      const again = await sdk.init(sdk.ConnectionParameters.ofUserAndPassword(mock.url, 'admin', 'admin'));
      await again.logon();
      expect((await again.application.getSchema('cus:far')).root.children['@code'].type).toBe('string');
    });

    it('pushes an event and takes its id', async () => {
      const event = document(
        '<rtEvent xtkschema="nms:rtEvent" type="order" email="a@e.example"><ctx><no>1</no></ctx></rtEvent>',
      );
      const id = await client.NLWS.nmsRtEvent.pushEvent(event);
      expect(Number(id)).toBe(mock.rows('nms:rtEvent').at(-1)?.id);
    });
  },
);
