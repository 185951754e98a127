//! What happens in each kind of campaign, step by step, as offsets from its beginning.

use super::super::random::Random;
use super::super::workload::KeyKind;
use super::{CampaignKind, Variant};
use picket_detectors::event::EventTime;

/// What a thief wants with a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Aim {
    /// What the workload itself asks for.
    Same,
    /// What thieves go for.
    Sought,
    /// To look around the directory, with so many calls.
    Recon(u16),
    /// Mail, with so many calls.
    Mail(u16),
}

/// Who changes the directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    /// A person whose account has fallen.
    Person,
    /// This victim.
    Victim(usize),
}

/// One step.
#[derive(Debug, Clone, Copy)]
pub(super) enum Step {
    /// Signs in with what was stolen or added.
    Use(usize, Aim),
    /// Signs in from where the workload itself is.
    UseInPlace(usize, Aim),
    /// Fails to sign in.
    Fail(usize, u32),
    /// Adds a credential.
    AddKey(usize, KeyKind, By),
    /// Grants a permission.
    Grant(usize, &'static str, By),
    /// Gives a directory role.
    Role(usize, By),
    /// Becomes owner.
    Owner(usize),
    /// The secret gets into a public repository: by an alert, or in a push.
    Leak(usize),
    /// A secret that is long gone gets into a public repository.
    DeadLeak(usize),
    /// Calls Graph with the workload's own last token.
    Replay(usize, Aim),
}

/// Steps with their offsets in microseconds.
pub(super) type Script = Vec<(i64, Step)>;

const SELF: By = By::Victim(0);

/// Writes a script.
struct Writer<'r> {
    variant: Variant,
    random: &'r mut Random,
    at: i64,
    script: Script,
}

impl Writer<'_> {
    fn then(&mut self, step: Step) {
        self.script.push((self.at, step));
    }

    /// Minutes of waiting: few for the loud, many for the stealthy.
    fn wait(&mut self, loud: f64, stealthy: f64) {
        let minutes = if self.variant == Variant::Loud { loud } else { stealthy };
        self.at += (self.random.between(0.3, 1.7) * minutes * EventTime::MINUTE as f64) as i64;
    }

    /// What this thief is after.
    fn goals(&mut self) -> Vec<Aim> {
        let recon = self.recon();
        match self.random.below(10) {
            0..=3 => vec![Aim::Sought, Aim::Same],
            4..=6 => vec![recon, Aim::Same],
            _ => vec![recon, Aim::Sought],
        }
    }

    fn uses_for_goals(&mut self, victim: usize) {
        let goals = self.goals();
        self.uses(victim, &goals);
    }

    /// Some uses, the first for what is usual.
    fn uses(&mut self, victim: usize, aims: &[Aim]) {
        let count = if self.variant == Variant::Loud { self.random.whole(4, 14) } else { self.random.whole(3, 7) };
        for n in 0..count {
            let aim = if n == 0 { Aim::Same } else { self.random.choose(aims).copied().unwrap_or(Aim::Same) };
            self.then(Step::Use(victim, aim));
            self.wait(14.0, 300.0);
        }
    }

    fn recon(&mut self) -> Aim {
        let calls = if self.variant == Variant::Loud { self.random.whole(12, 60) } else { self.random.whole(4, 10) };
        Aim::Recon(calls as u16)
    }

    fn mail(&mut self) -> Aim {
        let calls = if self.variant == Variant::Loud { self.random.whole(40, 160) } else { self.random.whole(8, 30) };
        Aim::Mail(calls as u16)
    }

    fn backdoor(&mut self, victim: usize, kind: KeyKind, by: By) {
        self.then(Step::AddKey(victim, kind, by));
        self.wait(20.0, 700.0);
    }
}

/// The script of a campaign with so many victims.
pub(super) fn script(kind: CampaignKind, variant: Variant, victims: usize, random: &mut Random) -> Script {
    let mut writer = Writer { variant, random, at: 0, script: Script::new() };
    write(kind, victims, &mut writer);
    writer.script
}

fn write(kind: CampaignKind, victims: usize, writer: &mut Writer<'_>) {
    let recon = writer.recon();
    match kind {
        CampaignKind::StolenSecret
        | CampaignKind::StolenCertificate
        | CampaignKind::StolenPipelineSecret
        | CampaignKind::SameCloudMimic => writer.uses_for_goals(0),
        CampaignKind::Pentest => writer.uses(0, &[Aim::Same, Aim::Sought]),
        CampaignKind::LeakAlone => writer.then(Step::Leak(0)),
        CampaignKind::DeadLeak => writer.then(Step::DeadLeak(0)),
        CampaignKind::LeakThenUse => {
            writer.then(Step::Leak(0));
            writer.wait(8.0, 900.0);
            writer.uses_for_goals(0);
        }
        CampaignKind::ManagedTokenOutside => {
            for _ in 0..writer.random.whole(1, 4) {
                let aim = writer.random.pick(&[recon, Aim::Sought]);
                writer.then(Step::Use(0, aim));
                writer.wait(30.0, 400.0);
            }
        }
        CampaignKind::ManagedIdentityPillage => {
            for _ in 0..writer.random.whole(2, 5) {
                writer.then(Step::UseInPlace(0, Aim::Sought));
                writer.wait(2.0, 40.0);
                writer.then(Step::UseInPlace(0, recon));
                writer.wait(2.0, 40.0);
            }
        }
        CampaignKind::GraphRecon => writer.uses(0, &[recon]),
        CampaignKind::LowAndSlow => {
            for _ in 0..writer.random.whole(5, 9) {
                writer.then(Step::Use(0, Aim::Same));
                writer.at += EventTime::DAY + writer.random.whole(-40, 40) * EventTime::MINUTE;
            }
        }
        CampaignKind::TokenReplay => {
            let mail = writer.mail();
            for _ in 0..writer.random.whole(1, 4) {
                let aim = writer.random.choose(&[recon, mail, Aim::Same]).copied().unwrap_or(recon);
                writer.then(Step::Replay(0, aim));
                writer.wait(30.0, 500.0);
            }
        }
        CampaignKind::WorkflowHijack => {
            for _ in 0..writer.random.whole(2, 6) {
                writer.then(Step::UseInPlace(0, recon));
                writer.wait(5.0, 200.0);
                writer.then(Step::UseInPlace(0, Aim::Sought));
                writer.wait(5.0, 200.0);
            }
        }
        _ => write_with_changes(kind, victims, writer),
    }
}

fn write_with_changes(kind: CampaignKind, victims: usize, writer: &mut Writer<'_>) {
    let (recon, mail) = (writer.recon(), writer.mail());
    match kind {
        CampaignKind::RogueSecretByAdmin => {
            writer.backdoor(0, KeyKind::Secret, By::Person);
            writer.uses_for_goals(0);
        }
        CampaignKind::OwnerThenCertificate => {
            writer.then(Step::Owner(0));
            writer.wait(10.0, 600.0);
            writer.backdoor(0, KeyKind::Certificate, By::Person);
            writer.uses_for_goals(0);
        }
        CampaignKind::RogueSecretByApp => {
            writer.then(Step::Use(0, recon));
            writer.wait(10.0, 300.0);
            writer.backdoor(1, KeyKind::Secret, SELF);
            writer.uses(1, &[Aim::Same, Aim::Sought]);
        }
        CampaignKind::FederatedBackdoor => {
            writer.backdoor(0, KeyKind::Federated, By::Person);
            writer.uses_for_goals(0);
        }
        CampaignKind::DormantRevived => {
            writer.backdoor(0, KeyKind::Secret, By::Person);
            writer.then(Step::Grant(0, "full_access_as_app", By::Person));
            writer.wait(5.0, 300.0);
            writer.uses(0, &[mail, recon]);
        }
        CampaignKind::SelfGrant => {
            writer.then(Step::Use(0, Aim::Same));
            writer.wait(6.0, 60.0);
            writer.then(Step::Grant(0, "Mail.Read", SELF));
            writer.wait(6.0, 60.0);
            writer.uses(0, &[mail]);
        }
        CampaignKind::RoleEscalation => {
            writer.then(Step::Use(0, recon));
            writer.wait(6.0, 60.0);
            writer.then(Step::Role(0, SELF));
            writer.wait(6.0, 60.0);
            writer.uses(0, &[recon, Aim::Sought]);
        }
        CampaignKind::MassMail => {
            for _ in 0..writer.random.whole(2, 6) {
                writer.then(Step::Use(0, mail));
                writer.wait(20.0, 300.0);
            }
        }
        CampaignKind::SecretSpray => spray(victims, writer),
        CampaignKind::ExpiredThenValid => {
            for _ in 0..writer.random.whole(1, 3) {
                writer.then(Step::Fail(0, 7_000_222));
                writer.wait(1.0, 30.0);
            }
            writer.uses_for_goals(0);
        }
        _ => {
            // One network, several victims: blueprints and plain thefts alike.
            for victim in 0..victims {
                writer.then(Step::Use(victim, Aim::Same));
                writer.wait(10.0, 120.0);
                writer.then(Step::Use(victim, recon));
                writer.wait(10.0, 120.0);
            }
        }
    }
}

/// All but the last are tried in vain.
fn spray(victims: usize, writer: &mut Writer<'_>) {
    for _ in 0..writer.random.whole(1, 3) {
        for victim in 0..victims {
            writer.then(Step::Fail(victim, 7_000_215));
            writer.wait(0.3, 6.0);
        }
    }
    writer.uses_for_goals(victims - 1);
}
