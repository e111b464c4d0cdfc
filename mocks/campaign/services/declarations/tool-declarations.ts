/** Methods of queries, schema tools and workflows. */
export const TOOL_DECLARATIONS: readonly string[] = [
  `
<srcSchema namespace="xtk" name="queryDef" label="Query" mappingType="xmlFile">
  <methods>
    <method name="ExecuteQuery" const="true"><parameters>
      <param name="output" type="DOMDocument" inout="out"/>
    </parameters></method>
    <method name="BuildQuery" const="true"><parameters><param name="sql" type="string" inout="out"/></parameters></method>
    <method name="SelectAll"><parameters><param name="duplicate" type="boolean"/></parameters></method>
  </methods>
</srcSchema>`,
  `
<srcSchema namespace="xtk" name="builder" label="Schema builder" library="true" mappingType="xmlFile">
  <methods>
    <method name="BuildSchema" static="true"><parameters><param name="schema" type="DOMDocument"/></parameters></method>
    <method name="BuildSchemaFromId" static="true"><parameters><param name="id" type="string"/></parameters></method>
    <method name="RemoveSchemaLinkRef" static="true"><parameters>
      <param name="id" type="string"/><param name="extendedSchema" type="string"/>
    </parameters></method>
    <method name="GenerateSchema" static="true"><parameters>
      <param name="description" type="DOMElement"/><param name="draft" type="DOMElement"/>
      <param name="schema" type="DOMDocument" inout="out"/>
    </parameters></method>
    <method name="GetDbParams" static="true"><parameters>
      <param name="dbParams" type="DOMDocument" inout="out"/>
    </parameters></method>
  </methods>
</srcSchema>`,
  `
<srcSchema namespace="xtk" name="sqlSchema" label="SQL schemas" library="true" mappingType="xmlFile">
  <methods>
    <method name="BuildTableList" static="true"><parameters>
      <param name="dataSource" type="string"/><param name="filter" type="string"/>
      <param name="tableList" type="DOMDocument" inout="out"/>
    </parameters></method>
  </methods>
</srcSchema>`,
  `
<srcSchema namespace="xtk" name="workflow" label="Workflows">
  <methods>
    <method name="Start" static="true"><parameters><param name="workflowId" type="string"/></parameters></method>
    <method name="Stop" static="true"><parameters><param name="workflowId" type="string"/></parameters></method>
    <method name="Pause" static="true"><parameters><param name="workflowId" type="string"/></parameters></method>
    <method name="StartWithParameters" static="true"><parameters>
      <param name="workflowId" type="string"/><param name="parameters" type="DOMElement"/>
    </parameters></method>
    <method name="PostEvent" static="true"><parameters>
      <param name="workflowId" type="string"/><param name="activity" type="string"/>
      <param name="transition" type="string"/><param name="parameters" type="DOMElement"/>
      <param name="complete" type="boolean"/>
    </parameters></method>
    <method name="SimulateWithParameters" static="true"><parameters>
      <param name="workflowId" type="string"/><param name="parameters" type="DOMElement"/>
    </parameters></method>
    <method name="SpawnWithParameters" static="true"><parameters>
      <param name="workflowId" type="string"/><param name="parameters" type="DOMElement"/>
    </parameters></method>
    <method name="SpawnWithParametersEx" static="true"><parameters>
      <param name="workflowId" type="string"/><param name="simulation" type="boolean"/>
      <param name="parameters" type="DOMElement"/>
    </parameters></method>
  </methods>
</srcSchema>`,
];
