//! `picket scan`: credentials in files.

use super::args::Common;
use super::scan_args::{Format, ScanArgs};
use super::scan_progress::ScanProgress;
use super::{engine, exit, print};
use crate::config::Config;
use crate::scan::git::{self, FirstFindings, GitInspector, GitShared, GitSource, History, Unbundled};
use crate::scan::report::{GitHub, GitLab, Json, Report, Sarif, Text};
use crate::scan::verify::{Inquirer, Standing};
use crate::scan::{
    Baseline, BaselineWriter, Files, Finding, Ignoring, Inspector, Notice, Outcome, Owners, ScanError, Tally, run,
};
use anyhow::Context as _;
use picket_detectors::secrets::{FingerprintKey, RuleFile, Scanner, Sureness};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

pub(super) fn scan(common: &Common, args: &ScanArgs) -> anyhow::Result<ExitCode> {
    if args.git.is_none() && (args.since.is_some() || args.staged) {
        return Err(exit::UsageError::from("--since and --staged need --git REPO").into());
    }
    let key_file = args.key_file.as_ref().map(|path| path.display().to_string());
    let layers = engine::layers(common)?.flag("--key-file", &["secrets", "fingerprint_key_file"], key_file)?;
    let hosts = (!args.asking.verify_host.is_empty()).then(|| args.asking.verify_host.clone());
    let layers = layers.flag("--verify-host", &["verify", "hosts"], hosts)?;
    let audit = args.asking.verify_audit.as_ref().map(|path| path.display().to_string());
    let layers = layers.flag("--verify-audit", &["verify", "audit_file"], audit)?;
    let config = Config::check(&layers)?;
    let key = engine::fingerprint_key(&config);
    let scanner = scanner(&args.rules, key.clone())?;
    let baseline = args.baseline.as_ref().map(|path| Baseline::load(path, &key)).transpose()?.unwrap_or_default();
    let owners = Owners::load(&args.inventory, &engine::decode_context(&config))?;
    let inquirer = args.asking.verify.then(|| Inquirer::new(&config.verify)).transpose()?;
    let mut sink = Sink::new(report(args.format, &scanner), args, baseline, Judges { owners, inquirer });
    sink.begin()?;
    search(args, &scanner, &mut sink)?;
    sink.finish(&key)
}

/// Runs the search that was asked for.
fn search(args: &ScanArgs, scanner: &Scanner, sink: &mut Sink<'_>) -> anyhow::Result<()> {
    let read = Arc::new(AtomicU64::new(0));
    let kept = sink.judges.inquirer.as_ref().map(Inquirer::rules).unwrap_or_default();
    let inspector = || Inspector::new(scanner.clone(), Arc::clone(&read)).keeping(kept.clone());
    let _drawn_until_the_end = ScanProgress::start(Arc::clone(&read));
    let mut emit = |outcome: Outcome| sink.take(outcome);
    if args.stdin {
        let mut outcome = Outcome::default();
        inspector().stream(&mut std::io::stdin().lock(), "stdin", &mut outcome);
        return Ok(emit(outcome)?);
    }
    if let Some(path) = &args.git {
        return search_repository(args, path, &inspector, &mut emit);
    }
    let ignoring = if args.no_ignore { Ignoring::Nothing } else { Ignoring::AsGitDoes };
    let files = Files::below(&args.paths, ignoring)?;
    let worker = || {
        let mut inspector = inspector();
        move |work, outcome: &mut Outcome| inspector.work(work, outcome)
    };
    Ok(run(files, args.jobs(), worker, &mut emit)?)
}

/// Searches a repository: its history, or what is staged.
fn search_repository(
    args: &ScanArgs,
    path: &Path,
    inspector: &(impl Fn() -> Inspector + Sync),
    emit: &mut (dyn FnMut(Outcome) -> Result<(), ScanError> + Send),
) -> anyhow::Result<()> {
    let bundle = Unbundled::is_bundle(path).then(|| Unbundled::open(path)).transpose()?;
    let repository = bundle.as_ref().map_or_else(|| git::open(path), |bundle| Ok(bundle.repository()))?;
    let local = repository.to_thread_local();
    if !args.staged && local.is_shallow().unwrap_or_default() {
        let advice = "`git fetch --unshallow` brings the rest";
        print::warning(&format!("{} is a shallow clone: earlier commits are not searched; {advice}", path.display()));
    }
    let source = match &args.since {
        _ if args.staged => GitSource::staged(&local, path)?,
        Some(revision) => History::Since(revision.clone()).commits(&local, path)?,
        None => History::Whole.commits(&local, path)?,
    };
    let shared = GitShared::new(repository);
    let mut firsts = FirstFindings::default();
    let mut emit = |mut outcome: Outcome| {
        firsts.retain(&mut outcome);
        emit(outcome)
    };
    let worker = || {
        let mut git = GitInspector::new(&shared, inspector());
        move |work, outcome: &mut Outcome| git.work(&work, outcome)
    };
    Ok(run(source, args.jobs(), worker, &mut emit)?)
}

/// The shipped rules with the user's own.
fn scanner(files: &[PathBuf], key: FingerprintKey) -> anyhow::Result<Scanner> {
    let mut texts = Vec::new();
    for path in files {
        let text = std::fs::read_to_string(path).map_err(|source| match source.kind() {
            std::io::ErrorKind::NotFound => ScanError::Missing { path: path.clone() },
            _ => ScanError::Unreadable { path: path.clone(), source },
        })?;
        texts.push((path.display().to_string(), text));
    }
    let own: Vec<_> = texts.iter().map(|(name, text)| RuleFile { name, text }).collect();
    Ok(Scanner::with_rules(key, &own)?)
}

fn report(format: Format, scanner: &Scanner) -> Box<dyn Report> {
    match format {
        Format::Text => Box::new(Text),
        Format::Json => Box::new(Json),
        Format::Sarif => Box::new(Sarif::new(scanner.clone())),
        Format::Github => Box::new(GitHub),
        Format::Gitlab => Box::new(GitLab::default()),
    }
}

/// Who says more of a finding than the scanner.
struct Judges {
    owners: Owners,
    inquirer: Option<Inquirer>,
}

impl Judges {
    /// Says whose a finding is, and whether it works, if that is asked.
    fn judge(&mut self, finding: &mut Finding) -> Result<(), ScanError> {
        self.owners.name(finding);
        if let Some(inquirer) = &mut self.inquirer {
            inquirer.ask(finding)?;
            self.owners.confirm(finding);
        }
        Ok(())
    }
}

/// Takes what was found, in order, and writes what is not known yet.
struct Sink<'a> {
    args: &'a ScanArgs,
    report: Box<dyn Report>,
    out: BufWriter<Box<dyn Write + Send>>,
    baseline: Baseline,
    writer: BaselineWriter,
    judges: Judges,
    tally: Tally,
    /// Findings reported, by confidence.
    found: [u64; 3],
    known: u64,
    /// Findings asked about: verified, dead, unknown.
    asked: [u64; 3],
    worst: Option<Sureness>,
    incomplete: bool,
}

impl<'a> Sink<'a> {
    fn new(report: Box<dyn Report>, args: &'a ScanArgs, baseline: Baseline, judges: Judges) -> Self {
        Self {
            args,
            report,
            out: BufWriter::new(Box::new(anstream::stdout())),
            baseline,
            writer: BaselineWriter::default(),
            judges,
            tally: Tally::default(),
            found: [0; 3],
            known: 0,
            asked: [0; 3],
            worst: None,
            incomplete: false,
        }
    }

    fn begin(&mut self) -> Result<(), ScanError> {
        self.report.begin(&mut self.out).map_err(ScanError::Output)
    }

    fn take(&mut self, outcome: Outcome) -> Result<(), ScanError> {
        self.tally += outcome.tally;
        for notice in &outcome.notices {
            self.notice(notice);
        }
        for finding in outcome.findings {
            self.finding(finding)?;
        }
        Ok(())
    }

    fn notice(&mut self, notice: &Notice) {
        self.incomplete |= notice.trouble.is_failure();
        print::warning(&notice.to_string());
    }

    fn finding(&mut self, mut finding: Finding) -> Result<(), ScanError> {
        if self.args.write_baseline.is_some() {
            self.writer.add(&finding);
        }
        if self.baseline.knows(&finding) {
            self.known += 1;
            return Ok(());
        }
        self.judges.judge(&mut finding)?;
        let standing = finding.verification.as_ref().map(|verification| verification.result);
        if let Some(count) = standing.and_then(|standing| self.asked.get_mut(standing as usize)) {
            *count += 1;
        }
        if self.args.asking.only_verified && standing != Some(Standing::Verified) {
            return Ok(());
        }
        let confidence = finding.sighting.confidence;
        self.worst = self.worst.max(Some(confidence));
        if let Some(count) = self.found.get_mut(confidence as usize) {
            *count += 1;
        }
        self.report.finding(&finding, &mut self.out).map_err(ScanError::Output)
    }

    fn finish(mut self, key: &FingerprintKey) -> anyhow::Result<ExitCode> {
        self.report.end(&mut self.out).and_then(|()| self.out.flush()).map_err(ScanError::Output)?;
        self.summary();
        if let Some(path) = &self.args.write_baseline {
            self.writer.save(path, key)?;
            print::note(&format!("{} secrets written to the baseline {}", self.writer.secrets(), path.display()));
        } else if self.worst.is_some_and(|worst| worst >= self.args.fail_on.sureness()) {
            return Ok(ExitCode::from(exit::FINDINGS));
        }
        if self.incomplete {
            return Err(Incomplete).context("the scan");
        }
        Ok(ExitCode::SUCCESS)
    }

    /// One line for people; programs have the report.
    fn summary(&self) {
        if self.args.format != Format::Text {
            return;
        }
        let [low, medium, high] = self.found;
        let (findings, documents) = (high + medium + low, self.tally.documents);
        let mut line = format!(
            "{findings} finding{} ({high} high, {medium} medium, {low} low) in {documents} document{} of {} bytes",
            plural(findings),
            plural(documents),
            self.tally.bytes
        );
        let [verified, dead, unknown] = self.asked;
        let rest = [
            (verified, "verified to work"),
            (dead, "found to work no longer"),
            (unknown, "could not be verified"),
            (self.tally.binary, "binary files passed over"),
            (self.tally.allowed, "allowed by comments"),
            (self.known, "known by the baseline"),
        ];
        for (count, what) in rest.into_iter().filter(|(count, _)| *count > 0) {
            line = format!("{line}; {count} {what}");
        }
        print::note(&line);
    }
}

fn plural(count: u64) -> &'static str {
    if count == 1 { "" } else { "s" }
}

/// Nothing was found, but not everything was read.
#[derive(Debug, thiserror::Error)]
#[error("some files could not be read, so that nothing was found does not say that nothing is there")]
struct Incomplete;
