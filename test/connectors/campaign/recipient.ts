import { describeSchema } from '../../../src/connectors/campaign/introspect.js';
import { resolvePath } from '../../../src/connectors/campaign/paths.js';
import { parseXml } from '../../../src/connectors/campaign/xml-text.js';

/** A compiled schema with one of everything: an enumeration, an element, a memo, a simple link, a collection and a computed attribute. */
export const RECIPIENT_XML = `
<schema namespace="nms" name="recipient" label="Recipients" labelSingular="Recipient" md5="0A1B" xtkschema="xtk:schema">
  <enumeration name="gender" basetype="byte" label="Gender">
    <value name="unknown" label="None specified" value="0"/>
    <value name="male" label="Male" value="1"/>
    <value name="female" label="Female" value="2"/>
  </enumeration>
  <element name="recipient" label="Recipient" autopk="true">
    <key name="email"><keyfield xpath="@email"/></key>
    <attribute name="email" label="Email" type="string" length="128"/>
    <attribute name="lastName" label="Last name"/>
    <attribute name="gender" label="Gender" type="byte" enum="gender"/>
    <attribute name="wishes" type="long"/>
    <attribute name="score" type="double"/>
    <attribute name="externalNo" type="int64"/>
    <attribute name="blackList" type="boolean"/>
    <attribute name="birthDate" type="date"/>
    <attribute name="lastModified" type="datetime"/>
    <attribute name="origin" userEnum="origin"/>
    <attribute name="domain" expr="GetEmailDomain(@email)"/>
    <attribute name="crmId"/>
    <attribute name="folder-id" type="long" advanced="true"/>
    <element name="notes" type="memo" label="Notes"/>
    <element name="location"><attribute name="city"/><attribute name="zipCode" length="20"/></element>
    <element name="folder" type="link" target="xtk:folder" label="Folder"><join xpath-src="@folder-id" xpath-dst="@id"/></element>
    <element name="broadLog" type="link" target="nms:broadLogRcp" unbound="true"><join xpath-src="@id" xpath-dst="@recipient-id"/></element>
  </element>
</schema>`;

export const FOLDER_XML = `
<schema namespace="xtk" name="folder" label="Folders">
  <element name="folder" autopk="true"><attribute name="name"/><attribute name="label"/></element>
</schema>`;

export const recipient = describeSchema(parseXml(RECIPIENT_XML));
export const folder = describeSchema(parseXml(FOLDER_XML));

/** Knows the schemas of this file. */
export function describeKnown(name: string) {
  return [recipient, folder].find((schema) => schema.name === name);
}

/** Resolves a path of the recipient. */
export function pathOf(path: string) {
  return resolvePath(recipient, path, describeKnown);
}
