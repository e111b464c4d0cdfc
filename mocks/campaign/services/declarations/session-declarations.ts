const PERSIST_INTERFACE = `
  <interface name="persist" label="Persistence">
    <method name="NewInstance"/>
    <method name="SetDefaults"/>
    <method name="SetDefaultValues"/>
    <method name="ApplyDuplicateRules"/>
    <method name="Store"/>
    <method name="Remove"/>
    <method name="GetPkList"><parameters><param name="pkList" type="string" inout="out"/></parameters></method>
    <method name="Load"><parameters><param name="pk" type="primarykey"/></parameters></method>
    <method name="LoadIfExists"><parameters><param name="pk" type="primarykey"/></parameters></method>
    <method name="LoadAsText" static="true"><parameters>
      <param name="pk" type="primarykey"/><param name="content" type="string" inout="out"/>
    </parameters></method>
    <method name="Duplicate"><parameters><param name="pk" type="primarykey"/></parameters></method>
    <method name="DuplicateTo"><parameters>
      <param name="pk" type="primarykey"/><param name="folder" type="primarykey"/>
    </parameters></method>
    <method name="Write" static="true"><parameters><param name="doc" type="DOMDocument"/></parameters></method>
    <method name="WriteCollection" static="true"><parameters><param name="doc" type="DOMDocument"/></parameters></method>
    <method name="ImportCollection" static="true"><parameters><param name="doc" type="DOMDocument"/></parameters></method>
    <method name="DeleteCollection" static="true"><parameters>
      <param name="schema" type="string"/><param name="where" type="DOMElement"/>
      <param name="ignoreDeleteStatus" type="boolean"/>
    </parameters></method>
    <method name="GetDefaultEntity" static="true"><parameters>
      <param name="schema" type="string"/><param name="entity" type="DOMDocument" inout="out"/>
    </parameters></method>
    <method name="GetEntityIfMoreRecent" static="true"><parameters>
      <param name="pk" type="string"/><param name="md5" type="string"/><param name="mustExist" type="boolean"/>
      <param name="doc" type="DOMDocument" inout="out"/>
    </parameters></method>
    <method name="GetDirtyCacheEntities" static="true"><parameters>
      <param name="cacheEntities" type="DOMElement"/><param name="dirtyEntities" type="DOMDocument" inout="out"/>
    </parameters></method>
    <method name="GetNewIds" static="true"><parameters>
      <param name="count" type="long"/><param name="idList" type="string" inout="out"/>
    </parameters></method>
    <method name="GetNewIdsEx" static="true"><parameters>
      <param name="count" type="long"/><param name="sequence" type="string"/>
      <param name="idList" type="string" inout="out"/>
    </parameters></method>
    <method name="FormatDataPolicy" static="true"><parameters>
      <param name="dataPolicy" type="string"/><param name="value" type="string"/>
      <param name="result" type="string" inout="out"/>
    </parameters></method>
    <method name="EncryptPassword" static="true"><parameters>
      <param name="decrypted" type="string"/><param name="encrypted" type="string" inout="out"/>
    </parameters></method>
    <method name="EncryptServerPassword" static="true"><parameters>
      <param name="decrypted" type="string"/><param name="encrypted" type="string" inout="out"/>
    </parameters></method>
    <method name="Encrypt" static="true"><parameters>
      <param name="decrypted" type="string"/><param name="encrypted" type="string" inout="out"/>
    </parameters></method>
    <method name="HashPassword" static="true"><parameters>
      <param name="password" type="string"/><param name="hash" type="string" inout="out"/>
    </parameters></method>
  </interface>`;

/** Methods of sessions and of the interface that every schema with rows implements. */
export const SESSION_DECLARATIONS: readonly string[] = [
  `
<srcSchema namespace="xtk" name="persist" label="Persistence" library="true" mappingType="xmlFile">
  ${PERSIST_INTERFACE}
</srcSchema>`,
  `
<srcSchema namespace="xtk" name="session" label="Sessions to the application server" labelSingular="Session"
    desc="Sessions to the application server" implements="xtk:persist" library="true" mappingType="xmlFile">
${PERSIST_INTERFACE}  <methods>
    <method name="Logon" static="true"><parameters>
      <param name="login" type="string"/><param name="password" type="string"/><param name="parameters" type="DOMElement"/>
      <param name="sessionToken" type="string" inout="out"/><param name="sessionInfo" type="DOMElement" inout="out"/>
      <param name="securityToken" type="string" inout="out"/>
    </parameters></method>
    <method name="BearerTokenLogon" static="true"><parameters>
      <param name="bearerToken" type="string"/>
      <param name="sessionToken" type="string" inout="out"/><param name="sessionInfo" type="DOMElement" inout="out"/>
      <param name="securityToken" type="string" inout="out"/>
    </parameters></method>
    <method name="Logoff" static="true"/>
    <method name="TestCnx" static="true"/>
    <method name="GetUserInfo" static="true"><parameters>
      <param name="userInfo" type="sessionUserInfo" inout="out"/>
    </parameters></method>
    <method name="GetServerTime" static="true"><parameters>
      <param name="serverTime" type="datetime" inout="out"/>
    </parameters></method>
    <method name="GetOption" static="true"><parameters>
      <param name="name" type="string"/><param name="value" type="string" inout="out"/>
      <param name="type" type="byte" inout="out"/>
    </parameters></method>
    <method name="GetCnxInfo" static="true"><parameters>
      <param name="cnxInfo" type="DOMDocument" inout="out"/>
    </parameters></method>
    <method name="KillSession" static="true"><parameters><param name="session" type="string"/></parameters></method>
    <method name="ChangePassword" static="true"><parameters>
      <param name="oldPassword" type="string"/><param name="newPassword" type="string"/>
    </parameters></method>
    <method name="GetModifiedEntities" static="true"><parameters>
      <param name="cacheEntities" type="DOMElement"/><param name="dirtyEntities" type="DOMDocument" inout="out"/>
    </parameters></method>
    <method name="GetDirtyCacheEntities" static="true"><parameters>
      <param name="cacheEntities" type="DOMElement"/><param name="dirtyEntities" type="DOMDocument" inout="out"/>
    </parameters></method>
    <method name="EncryptPassword" static="true"><parameters>
      <param name="decrypted" type="string"/><param name="encrypted" type="string" inout="out"/>
    </parameters></method>
    <method name="EncryptServerPassword" static="true"><parameters>
      <param name="decrypted" type="string"/><param name="encrypted" type="string" inout="out"/>
    </parameters></method>
    <method name="Encrypt" static="true"><parameters>
      <param name="decrypted" type="string"/><param name="encrypted" type="string" inout="out"/>
    </parameters></method>
    <method name="HashPassword" static="true"><parameters>
      <param name="password" type="string"/><param name="hash" type="string" inout="out"/>
    </parameters></method>
    <method name="GetNewIds" static="true"><parameters>
      <param name="count" type="long"/><param name="idList" type="string" inout="out"/>
    </parameters></method>
    <method name="GetNewIdsEx" static="true"><parameters>
      <param name="count" type="long"/><param name="sequence" type="string"/>
      <param name="idList" type="string" inout="out"/>
    </parameters></method>
  </methods>
</srcSchema>`,
  `
<srcSchema namespace="xtk" name="option">
  <element name="option"><attribute name="description" type="string" length="512" label="Description"/></element>
</srcSchema>`,
];
