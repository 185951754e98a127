//! Microsoft's verdicts on people, principals and agents: any member of any of them.

use super::decoding::decode_behind;

/// The beginnings of what is told apart; the rest is the fuzzer's.
const BEGINNINGS: [&str; 7] = [
    r#"{"time":"2026-05-04T10:00:09Z","category":"UserRiskEvents","properties":{"id":"1","riskEventType":"leakedCredentials","userId":"#,
    r#"{"time":"2026-05-04T10:00:09Z","category":"RiskyUsers","properties":{"id":"f0000000-0000-4000-8000-000000000001","riskState":"atRisk","#,
    r##"{"@odata.type":"#microsoft.graph.riskDetection","userId":"f0000000-0000-4000-8000-000000000001","##,
    r#"{"TimeGenerated":"2026-05-04T10:00:09Z","Type":"AADUserRiskEvents","UserId":"f0000000-0000-4000-8000-000000000001","#,
    r#"{"time":"2026-05-04T10:00:09Z","category":"ServicePrincipalRiskEvents","properties":{"servicePrincipalId":"d0000000-0000-4000-8000-000000000001","#,
    r#"{"time":"2026-05-04T10:00:09Z","category":"RiskyServicePrincipals","properties":{"id":"d0000000-0000-4000-8000-000000000001","riskLevel":"#,
    r#"{"time":"2026-05-04T10:00:09Z","category":"AgentRiskEvents","properties":{"agentId":"d0000000-0000-4000-8000-000000000001","#,
];

/// Decodes the verdict, whose beginning the first byte chooses.
pub fn risks(bytes: &[u8]) {
    decode_behind(&BEGINNINGS, bytes);
}
