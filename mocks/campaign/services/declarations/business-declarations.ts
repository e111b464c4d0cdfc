const EVENT_METHODS = `
  <methods>
    <method name="PushEvent" static="true"><parameters>
      <param name="event" type="DOMDocument"/><param name="id" type="int64" inout="out"/>
    </parameters></method>
    <method name="PushEvents" static="true"><parameters>
      <param name="events" type="DOMDocument"/><param name="ids" type="DOMDocument" inout="out"/>
    </parameters></method>
  </methods>`;

/** Methods of the marketing application. */
export const BUSINESS_DECLARATIONS: readonly string[] = [
  `
<srcSchema namespace="xtk" name="counter" label="Counters" labelSingular="Counter" implements="xtk:persist">
  <element name="counter" autopk="true">
    <key name="name"><keyfield xpath="@name"/></key>
    <attribute name="name" type="string" length="64" label="Name" required="true"/>
    <attribute name="value" type="long" label="Value"/>
  </element>
  <methods>
    <method name="IncreaseValue" static="true"><parameters>
      <param name="name" type="string" label="Name" desc="Counter name"/>
      <param name="value" type="long" inout="out" label="Value" desc="New value of counter"/>
    </parameters></method>
  </methods>
</srcSchema>`,
  `
<srcSchema namespace="nms" name="subscription">
  <methods>
    <method name="Subscribe" static="true"><parameters>
      <param name="serviceName" type="string"/><param name="recipient" type="DOMElement"/>
      <param name="create" type="boolean"/>
    </parameters></method>
    <method name="Unsubscribe" static="true"><parameters>
      <param name="serviceName" type="string"/><param name="recipient" type="DOMElement"/>
    </parameters></method>
  </methods>
</srcSchema>`,
  `
<srcSchema namespace="nms" name="delivery" label="Deliveries" labelSingular="Delivery" implements="xtk:persist">
  <element name="delivery" autopk="true">
    <key name="internalName"><keyfield xpath="@internalName"/></key>
    <attribute name="internalName" type="string" length="100" label="Internal name"/>
    <attribute name="label" type="string" length="128" label="Label"/>
    <attribute name="state" type="byte" label="State"/>
    <attribute name="isModel" type="boolean" label="Template"/>
  </element>
  <methods>
    <method name="SubmitDelivery" static="true"><parameters>
      <param name="scenarioName" type="string"/><param name="content" type="DOMElement"/>
    </parameters></method>
    <method name="Prepare"/>
    <method name="PrepareProof"><parameters><param name="start" type="boolean"/></parameters></method>
  </methods>
</srcSchema>`,
  `
<srcSchema namespace="nms" name="rtEvent" label="Real-time events" labelSingular="Real-time event" implements="xtk:persist">
  <element name="rtEvent" autopk="true">
    <attribute name="type" type="string" length="64" label="Type"/>
    <attribute name="email" type="string" length="128" label="Email"/>
  </element>${EVENT_METHODS}
</srcSchema>`,
  `
<srcSchema namespace="nms" name="batchEvent" label="Batch events" labelSingular="Batch event" implements="xtk:persist">
  <element name="batchEvent" autopk="true">
    <attribute name="type" type="string" length="64" label="Type"/>
    <attribute name="email" type="string" length="128" label="Email"/>
  </element>${EVENT_METHODS}
</srcSchema>`,
  `
<srcSchema namespace="nms" name="extAccount">
  <methods>
    <method name="TestAccount" static="true"><parameters>
      <param name="type" type="byte"/><param name="active" type="boolean"/>
      <param name="server" type="string" inout="inout"/><param name="account" type="string"/>
      <param name="password" type="string"/><param name="port" type="string"/><param name="options" type="string"/>
      <param name="name" type="string"/><param name="oauth" type="boolean"/><param name="azureTenant" type="string"/>
      <param name="clientId" type="string"/><param name="clientSecret" type="string"/>
      <param name="redirectUrl" type="string"/>
      <param name="dbmsVer" type="string" inout="out"/><param name="warehouse" type="string" inout="out"/>
      <param name="testDuration" type="string" inout="out"/>
    </parameters></method>
  </methods>
</srcSchema>`,
];
