/** Jobs, their log, and the interface to submit and follow them. */
export const JOB_DECLARATIONS: readonly string[] = [
  `
<srcSchema namespace="xtk" name="job" label="Jobs" labelSingular="Job" implements="xtk:jobInterface">
  <enumeration name="status" basetype="byte">
    <value name="edition" label="Being edited" value="0"/><value name="running" label="Running" value="2"/>
    <value name="canceling" label="Canceling" value="3"/><value name="canceled" label="Canceled" value="4"/>
    <value name="finished" label="Finished" value="5"/><value name="error" label="Error" value="6"/>
    <value name="pausePending" label="Pause pending" value="7"/><value name="paused" label="Paused" value="8"/>
    <value name="purgePending" label="Purge pending" value="9"/>
  </enumeration>
  <interface name="jobInterface" label="Job interface" async="true">
    <method name="Execute" const="true"><parameters>
      <param name="methodName" type="string" inout="in"/><param name="id" type="string" inout="out"/>
    </parameters></method>
    <method name="Submit" const="true"><parameters>
      <param name="methodName" type="string" inout="in"/><param name="id" type="string" inout="out"/>
    </parameters></method>
    <method name="SubmitSoapCall" const="true"><parameters>
      <param name="soapCall" type="DOMElement" inout="in"/><param name="id" type="string" inout="out"/>
    </parameters></method>
    <method name="Cancel" static="true"><parameters><param name="id" type="string" inout="in"/></parameters></method>
    <method name="Pause" static="true"><parameters><param name="id" type="string" inout="in"/></parameters></method>
    <method name="WaitJobCancelled" static="true"><parameters>
      <param name="id" type="string" inout="in"/><param name="timeout" type="long" inout="in" desc="In seconds"/>
    </parameters></method>
    <method name="GetStatus" static="true"><parameters>
      <param name="id" type="string" inout="in"/><param name="lastLogId" type="long" inout="in"/>
      <param name="maxLogCount" type="long" inout="in"/>
      <param name="status" type="short" inout="out" enum="xtk:job:status"/>
      <param name="returnLogs" type="DOMElement" inout="out"/><param name="properties" type="DOMElement" inout="out"/>
    </parameters></method>
    <method name="GetResult" static="true"><parameters>
      <param name="id" type="string" inout="in"/><param name="response" type="string" inout="out"/>
    </parameters></method>
    <method name="HasWarning" static="true"><parameters>
      <param name="id" type="string" inout="in"/><param name="hasWarning" type="boolean" inout="out"/>
    </parameters></method>
  </interface>
  <element name="job" autopk="true">
    <attribute name="status" type="byte" label="Status" enum="status"/>
    <attribute name="service" type="string" length="128" label="Service"/>
    <attribute name="method" type="string" length="128" label="Method"/>
    <attribute name="startDate" type="datetime" label="Start"/>
    <attribute name="endDate" type="datetime" label="End"/>
    <element name="arguments" type="memo" label="Arguments"/>
    <element name="result" type="memo" label="Result"/>
  </element>
</srcSchema>`,
  `
<srcSchema namespace="xtk" name="jobLog" label="Job logs" labelSingular="Job log" implements="xtk:persist">
  <enumeration name="logType" basetype="byte">
    <value name="info" label="Information" value="0"/><value name="error" label="Error" value="1"/>
    <value name="warning" label="Warning" value="2"/>
  </enumeration>
  <element name="jobLog" autopk="true">
    <attribute name="logType" type="byte" label="Type" enum="logType"/>
    <attribute name="iRc" type="long" label="Return code"/>
    <attribute name="logDate" type="datetime" label="Date"/>
    <attribute name="message" type="string" length="512" label="Message"/>
    <attribute name="object" type="string" length="255" label="Object"/>
    <element name="job" type="link" target="xtk:job" label="Job" revLink="log" revIntegrity="own"/>
  </element>
</srcSchema>`,
];
