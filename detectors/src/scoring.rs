//! The numbers that turn evidence into risk, read from `rules/scoring.yaml` where each stands with its reason.

use crate::event::UserRiskGrade;
use crate::risk::RiskLevel;
use serde::Deserialize;

/// Why scoring numbers can't be used.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ScoringError {
    /// Not the expected YAML.
    #[error("scoring rules can't be read: {0}")]
    Unreadable(String),
    /// A number outside its range.
    #[error("scoring rules: {name} is {value}, but must lie between {low} and {high}")]
    OutOfRange {
        /// The number's name.
        name: &'static str,
        /// Its value.
        value: f64,
        /// The least allowed.
        low: f64,
        /// The greatest allowed.
        high: f64,
    },
    /// Levels that overlap.
    #[error("scoring rules: levels must rise, and each must fall below where it is raised")]
    LevelsOverlap,
}

/// All numbers.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "each number is explained in rules/scoring.yaml, the one place for it")]
pub struct Scoring {
    pub levels: Levels,
    pub alerts: Alerts,
    pub suspicious_signins: Episodes,
    pub habits: HabitPriors,
    pub peers: PeerOdds,
    pub suspicious_api_traffic: SuspiciousApiTraffic,
    pub suspicious_credential_addition: SuspiciousCredentialAddition,
    pub parallel_use: ParallelUse,
    pub replacement: Replacement,
    pub taken_further: TakenFurther,
    pub suspicious_application: SuspiciousApplication,
    pub suspicious_pipeline_activity: SuspiciousPipelineActivity,
    pub suspicious_privilege_grant: SuspiciousPrivilegeGrant,
    pub anomalous_service_principal_activity: AnomalousActivity,
    pub credential_guessing: CredentialGuessing,
    pub malicious_application: Fixed,
    pub unfamiliar_resource_access: UnfamiliarResourceAccess,
    pub failed_access_attempt: Fixed,
    pub sign_in_spike: SignInSpike,
    pub token_replay: TokenReplay,
    pub leaked_credentials: LeakedCredentials,
    pub microsoft_signal: MicrosoftSignal,
    pub risky_user_sign_in: RiskyUserSignIn,
    pub sigma_rules: SigmaRules,
    pub threat_intelligence: ThreatIntelligence,
}

/// Where a level begins and where it ends.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Band {
    /// The score at which the level is entered.
    pub raise: f64,
    /// The score below which it is left.
    pub fall: f64,
}

/// The bands of the levels.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Levels {
    /// `low`.
    pub low: Band,
    /// `medium`.
    pub medium: Band,
    /// `high`.
    pub high: Band,
}

impl Levels {
    /// The level of a score, coming from a level: entered at `raise`, left below `fall`.
    pub fn level(&self, score: f64, from: RiskLevel) -> RiskLevel {
        [RiskLevel::High, RiskLevel::Medium, RiskLevel::Low]
            .into_iter()
            .find(|level| {
                let threshold = if *level <= from { self.fall(*level) } else { self.raise(*level) };
                !Self::is_below(score, threshold)
            })
            .unwrap_or(RiskLevel::None)
    }

    /// Scores are sums of rounded parts: a hair below a threshold is the threshold.
    pub(crate) fn is_below(score: f64, threshold: f64) -> bool {
        score + 1e-9 < threshold
    }

    /// Where a level ends; 0 for none.
    pub fn fall(&self, level: RiskLevel) -> f64 {
        self.band(level).fall
    }

    /// Where a level begins; 0 for none.
    pub fn raise(&self, level: RiskLevel) -> f64 {
        self.band(level).raise
    }

    fn band(&self, level: RiskLevel) -> Band {
        match level {
            RiskLevel::None => Band { raise: 0.0, fall: 0.0 },
            RiskLevel::Low => self.low,
            RiskLevel::Medium => self.medium,
            RiskLevel::High => self.high,
        }
    }
}

macro_rules! numbers {
    ($($(#[$doc:meta])* $name:ident { $($field:ident: $type:ty),* $(,)? })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
        #[serde(deny_unknown_fields)]
        #[expect(missing_docs, reason = "each number is explained in rules/scoring.yaml, the one place for it")]
        pub struct $name { $(pub $field: $type),* }
    )*};
}

numbers! {
    /// Evidence of a day, judged by likelihood ratio.
    Episodes { even_bits: f64, report_bits: f64, half_life_hours: u32, weight_cap: f64, new_detection_bits: f64 }
    /// How many alerts the numbers are set for, and by what a tenant is measured.
    Alerts {
        per_1000_principals_day: f64, doubtful: Doubtful, half_known_thousand_principal_days: f64,
        most_bits_more_common: f64, most_bits_less_common: f64,
    }
    /// Doubtful findings in 1,000 principals a day.
    Doubtful { sign_ins: f64, api_traffic: f64, credential_additions: f64 }
    /// A principal that signs in for the first time since anybody looks.
    Woken { least_days: i32, honest_share: f64, max_bits: f64 }
    /// Priors of habits and the model of theft.
    HabitPriors {
        kappa_days: f64, min_active_days: f64, min_span_days: i32, max_span_days: i32, dense_hours: f64, honest_new: HonestNew,
        theft_new: TheftNew, rented_network: Odds, country_elsewhere: Odds, deployment_elsewhere: Odds, resource_elsewhere: Odds,
        sought_resource: Odds, granted_days: i64, granted: Odds, trusted_place_bits: f64, silence_max_bits: f64, woken: Woken, rhythm: RhythmPrior,
    }
    /// What the tenant's other principals share, on a value that is new to one.
    PeerOdds { own_exit: Odds, own_network: Odds, foreign: Odds, country: Odds, deployment: Odds, operation: Odds, endpoint: Odds, administrator: Odds, administrator_place: Odds, trust: Odds, trust_known_as_applications: f64 }
    /// Chance a day that an honest workload shows a new value.
    HonestNew {
        network: f64, country: f64, city: f64, prefix: f64, deployment: f64, resource: f64,
        resource_without_place: f64, credential_network: f64, silence: f64, place_of_pipeline: f64,
    }
    /// Chance that a thief's sign-in shows a new value.
    TheftNew {
        network: f64, country: f64, city: f64, prefix: f64, rented_prefix: f64, deployment: f64, resource: f64,
        credential_network: f64, silence: f64,
    }
    /// Calls of APIs.
    SuspiciousApiTraffic {
        episodes: Episodes, honest_new: NewCall, theft_new: NewCall, theft_prefix_of_managed_identity: f64, sought: Odds, grave: Odds, refused: Odds, breadth_expected: f64, sought_breadth_expected: f64, grave_breadth_expected: f64, refused_breadth_expected: f64, scope_breadth_expected: f64, object_breadth_expected: f64, called_from_max_bits: f64, agent_beside_new_endpoint: Odds, outside_azure: Odds, outside_azure_by_address: Odds, honest_leaves_azure: f64, honest_leaves_azure_by_address: f64,
        breadth_bits_a_doubling: f64, volume: Surge, volume_cap: f64, reach: Surge, honest_first_call: f64, honest_woken: f64,
    }
    /// Refused proofs and a success from one place.
    CredentialGuessing { weight: f64, sprayed: f64, half_life_hours: u32 }
    /// Consent to an application with the marks of a trap.
    SuspiciousApplication {
        episodes: Episodes, sensitive_bits: f64, offline_bits: f64, borrowed_name_bits: f64, spread_bits_a_doubling: f64, spread_max_bits: f64, young_hours: i64,
        young_bits: f64, known_bits: f64,
    }
    /// An odd sign-in and an odd act on one day.
    TakenFurther { episodes: Episodes, least_sign_in_bits: f64, least_act_bits: f64, second_max_bits: f64 }
    /// A credential goes on at home beside a new place.
    ParallelUse { episodes: Episodes, bits: f64 }
    /// The new place goes on and the old one has fallen silent.
    Replacement { bits: f64, most_active: f64, honest_without_overlap: f64 }
    /// Permissions, roles, consent and owners given.
    SuspiciousPrivilegeGrant {
        episodes: Episodes, takeover_bits: f64, sensitive_bits: f64, limited_bits: f64, self_granted_bits: f64,
        self_granted_cap: f64, young_days: i64, young_bits: f64,
    }
    /// What a principal does to the directory.
    AnomalousActivity {
        episodes: Episodes, theft_new_operation: f64, honest_new_operation: f64, theft_first_act: f64,
        honest_first_act: f64, sought: Odds, takeover_bits: f64, reach: Surge,
    }
    /// What is done in repositories that a principal trusts.
    SuspiciousPipelineActivity {
        episodes: Episodes, low_bits: f64, medium_bits: f64, high_bits: f64, organization_bits: f64, maintainer: Odds,
        theft_new_workflow: f64, honest_new_workflow: f64, new_workflow_max_bits: f64, secrets_bits: f64,
    }
    /// A weight that does not depend on a history.
    Fixed { weight: f64, half_life_hours: u32 }
    /// Resources that an agent never asked for.
    UnfamiliarResourceAccess { episodes: Episodes, theft_new: f64, honest_new: f64 }
    /// More sign-ins than ever.
    SignInSpike { episodes: Episodes, surge: Surge }
    /// Tokens used elsewhere.
    TokenReplay { episodes: Episodes, theft_new: f64, honest_new: f64, within_cloud: Odds, theft_carried: f64, honest_carried: f64, min_days: f64 }
    /// An hour or a day greater than any before.
    Surge { theft: f64, least_honest: f64, doublings: f64, days: f64 }
    /// Chance a day with calls that a call shows a new value.
    NewCall { endpoint: f64, agent: f64, prefix: f64, scope: f64, object: f64 }
    /// Chances of a feature under theft and under honest change.
    Odds { theft: f64, honest: f64 }
    /// The hour of the day and the minutes of the hour.
    RhythmPrior { min_bits: f64, max_bits: f64, kappa_days: f64 }
    /// Credentials added.
    SuspiciousCredentialAddition {
        even_bits: f64, report_bits: f64, half_life_hours: u32, weight_cap: f64, sequence: Sequence, sequence_bits: f64,
        kappa_changes: f64, honest_new_administrator: f64, theft_new_administrator: f64, honest_new_prefix: f64,
        theft_new_prefix: f64, person_place: Odds, kappa_person_days: f64, person_at_risk: PersonAtRisk, application_actor_bits: f64, on_service_principal_bits: f64, new_kind_bits: f64,
        unknown_issuer_bits: f64, issuer_changed_bits: f64, many_subjects_bits: f64, self_added_bits: f64, join_days: i64, sequence_place_bits: f64,
    }
    /// Who changes a principal while Microsoft holds them at risk, by Microsoft's level.
    PersonAtRisk { bits: ByUserRisk, weight_cap: f64 }
    /// A number for each of Microsoft's levels of a user's risk.
    ByUserRisk { hidden: f64, low: f64, medium: f64, high: f64, confirmed: f64 }
    /// Two things that belong together, by the sum of what each is worth.
    Sequence { even_bits: f64, report_bits: f64, weight_cap: f64 }
    /// Credentials found in the open.
    LeakedCredentials {
        used: f64, matched: f64, attributed: f64, unlike: f64, low: f64, verified: f64, checked_dead: f64, ended: f64, internal: f64,
        ended_half_life_hours: u32, unmatched_half_life_hours: u32,
    }
    /// Microsoft's own verdicts.
    MicrosoftSignal { low: f64, medium: f64, high: f64, hidden: f64, half_life_hours: u32 }
    /// Agents that act for users whom Microsoft holds at risk, by Microsoft's level.
    RiskyUserSignIn { weight: ByUserRisk, half_life_hours: u32 }
    /// Rules that match, by the level that their authors gave them.
    SigmaRules { report: f64, low: f64, medium: f64, high: f64, critical: f64, unproven_cap: f64, usual: f64, half_life_hours: u32 }
    /// The operator's indicators, by how sure their source is.
    ThreatIntelligence { sure: f64, likely: f64, weak: f64, sure_from: u8, likely_from: u8, failed: f64, half_life_hours: u32 }
}

impl ByUserRisk {
    /// The number of a level.
    pub fn of(&self, grade: UserRiskGrade) -> f64 {
        match grade {
            UserRiskGrade::Hidden => self.hidden,
            UserRiskGrade::Low => self.low,
            UserRiskGrade::Medium => self.medium,
            UserRiskGrade::High => self.high,
            UserRiskGrade::Confirmed => self.confirmed,
        }
    }
}

impl Odds {
    /// The chances of the feature not being there.
    #[must_use]
    pub fn otherwise(self) -> Self {
        Self { theft: 1.0 - self.theft, honest: 1.0 - self.honest }
    }

    /// The evidence of the feature, in bits.
    pub fn bits(&self) -> f64 {
        (self.theft / self.honest).log2()
    }

    /// The evidence of the feature being there or not.
    pub fn told(&self, there: bool) -> f64 {
        if there { self.bits() } else { self.otherwise().bits() }
    }
}

/// The weight of evidence: the probability of theft where `even` bits make it as likely as not.
pub fn weight_of(bits: f64, even: f64, cap: f64) -> f64 {
    (1.0 / (1.0 + (even - bits).exp2())).min(cap)
}

impl Scoring {
    /// The numbers that Picket ships.
    ///
    /// # Panics
    /// Never: the file is part of the program and a test reads it.
    #[expect(clippy::expect_used, reason = "the file is compiled in and read by a test")]
    pub fn builtin() -> Self {
        Self::parse(include_str!("../../rules/scoring.yaml")).expect("the shipped scoring rules are valid")
    }

    /// Reads and checks numbers.
    ///
    /// # Errors
    /// Text that is not the expected YAML, and numbers outside their range.
    pub fn parse(yaml: &str) -> Result<Self, ScoringError> {
        let scoring: Self =
            serde_saphyr::from_str(yaml).map_err(|error| ScoringError::Unreadable(error.to_string()))?;
        scoring.check()?;
        Ok(scoring)
    }

    fn check(&self) -> Result<(), ScoringError> {
        let levels = &self.levels;
        let rising = levels.low.raise < levels.medium.raise && levels.medium.raise < levels.high.raise;
        let falling = [levels.low, levels.medium, levels.high].iter().all(|band| band.fall < band.raise);
        if !rising || !falling {
            return Err(ScoringError::LevelsOverlap);
        }
        let leaked = &self.leaked_credentials;
        let additions = &self.suspicious_credential_addition;
        let chances = [
            ("levels.low.fall / 100", levels.low.fall / 100.0),
            ("levels.high.raise / 100", levels.high.raise / 100.0),
            ("suspicious_signins.weight_cap", self.suspicious_signins.weight_cap),
            ("suspicious_credential_addition.weight_cap", additions.weight_cap),
            ("suspicious_credential_addition.sequence.weight_cap", additions.sequence.weight_cap),
            ("leaked_credentials.used", leaked.used),
            ("leaked_credentials.matched", leaked.matched),
            ("leaked_credentials.attributed", leaked.attributed),
            ("leaked_credentials.unlike", leaked.unlike),
            ("leaked_credentials.low", leaked.low),
            ("leaked_credentials.verified", leaked.verified),
            ("leaked_credentials.internal", leaked.internal),
            ("risky_user_sign_in.weight.confirmed", self.risky_user_sign_in.weight.confirmed),
            ("suspicious_credential_addition.person_at_risk.weight_cap", additions.person_at_risk.weight_cap),
            ("sigma_rules.critical", self.sigma_rules.critical),
            ("sigma_rules.unproven_cap", self.sigma_rules.unproven_cap),
            ("threat_intelligence.sure", self.threat_intelligence.sure),
            ("habits.honest_new.network", self.habits.honest_new.network),
            ("habits.theft_new.network", self.habits.theft_new.network),
        ];
        for (name, value) in chances {
            // A weight of 1 would make the score deaf to everything else.
            if !(value > 0.0 && value < 1.0) {
                return Err(ScoringError::OutOfRange { name, value, low: 0.0, high: 1.0 });
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_numbers_are_valid() {
        let levels = Scoring::builtin().levels;
        assert_eq!(levels.level(79.9, RiskLevel::None), RiskLevel::Medium);
        assert_eq!(levels.level(79.9, RiskLevel::High), RiskLevel::High, "a level is not left above its fall");
        assert_eq!(levels.level(64.9, RiskLevel::High), RiskLevel::Medium);
        assert_eq!(levels.level(3.0, RiskLevel::High), RiskLevel::None);
    }

    #[test]
    fn an_unknown_number_is_refused_by_name() {
        let yaml = include_str!("../../rules/scoring.yaml").replace("kappa_days: 3", "kapa_days: 3");
        let error = Scoring::parse(&yaml).expect_err("a misspelt name");
        assert!(error.to_string().contains("kapa_days"), "{error}");
    }

    #[test]
    fn a_weight_of_one_is_refused() {
        let yaml = include_str!("../../rules/scoring.yaml").replace("matched: 0.9 ", "matched: 1.0 ");
        assert!(matches!(
            Scoring::parse(&yaml),
            Err(ScoringError::OutOfRange { name: "leaked_credentials.matched", .. })
        ));
    }
}
