//! `picket simulate`: a made-up tenant's logs, with the truth beside them.

use super::args::SimulateArgs;
use super::exit::UsageError;
use crate::simulate::{CampaignKind, Options, Simulation, Stream};
use anyhow::Context as _;
use picket_detectors::event::EventTime;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::ExitCode;

/// Days that are simulated where a number of records is asked for and no number of days.
const LONG: u32 = 36_500;

pub(super) fn simulate(args: &SimulateArgs) -> anyhow::Result<ExitCode> {
    let days = args.days.unwrap_or(if args.events.is_some() { LONG } else { 45 });
    let options = Options {
        seed: args.seed,
        principals: args.principals,
        days,
        start: start(&args.start)?,
        campaigns: campaigns(&args.campaigns)?,
        scanner: args.scanner,
    };
    let mut files = Files::create(&args.out)?;
    let mut left = args.events.unwrap_or(u64::MAX);
    let mut written = 0_u64;
    for delivered in Simulation::new(&options) {
        let counts = !matches!(delivered.stream, Stream::Labels | Stream::Inventory);
        if counts && left == 0 {
            break;
        }
        files.write(delivered.stream, &delivered.line)?;
        left -= u64::from(counts);
        written += u64::from(counts);
    }
    files.finish()?;
    let out = args.out.display();
    super::print::out(
        format!(
            "{written} records in {out}/logs, the inventory in {out}/inventory.ndjson, the truth in {out}/labels.ndjson\n"
        )
        .as_bytes(),
    )?;
    Ok(ExitCode::SUCCESS)
}

/// Midnight of a date.
fn start(date: &str) -> Result<EventTime, UsageError> {
    let numbers: Option<Vec<u32>> = date.split('-').map(|part| part.parse().ok()).collect();
    let Some([year, month, day]) = numbers.as_deref() else {
        return Err(format!("--start {date} is no date: write it as 2026-03-02").into());
    };
    let midnight = i32::try_from(*year).ok().and_then(|year| EventTime::from_civil(year, *month, *day, 0, 0, 0, 0));
    midnight.ok_or_else(|| format!("--start {date} is not in the calendar").into())
}

/// `all`, `none`, or kinds by name.
fn campaigns(names: &[String]) -> anyhow::Result<Vec<CampaignKind>> {
    match names {
        [all] if all == "all" => return Ok(CampaignKind::THEFTS.to_vec()),
        [none] if none == "none" => return Ok(Vec::new()),
        _ => {}
    }
    let known = || CampaignKind::THEFTS.iter().map(|kind| kind.name()).collect::<Vec<_>>().join(", ");
    let parse = |name: &String| {
        let kind = CampaignKind::THEFTS.into_iter().find(|kind| kind.name() == *name);
        let unknown = || format!("--campaigns {name} is unknown: use all, none, or some of {}", known());
        Ok(kind.ok_or_else(|| UsageError::from(unknown()))?)
    };
    names.iter().map(parse).collect()
}

/// One file a stream.
struct Files(Vec<(Stream, BufWriter<File>)>);

impl Files {
    fn create(out: &Path) -> anyhow::Result<Self> {
        std::fs::create_dir_all(out.join("logs"))
            .with_context(|| format!("the output folder {} can't be used", out.display()))?;
        let create = |stream: Stream| {
            let path = out.join(name(stream));
            let file = File::create(&path).with_context(|| format!("cannot write {}", path.display()))?;
            Ok((stream, BufWriter::with_capacity(1 << 20, file)))
        };
        Ok(Self(Stream::ALL.into_iter().map(create).collect::<anyhow::Result<_>>()?))
    }

    fn write(&mut self, stream: Stream, line: &str) -> anyhow::Result<()> {
        if let Some((_, file)) = self.0.iter_mut().find(|(of, _)| *of == stream) {
            file.write_all(line.as_bytes()).and_then(|()| file.write_all(b"\n")).context("cannot write the records")?;
        }
        Ok(())
    }

    fn finish(self) -> anyhow::Result<()> {
        self.0.into_iter().try_for_each(|(_, mut file)| file.flush()).context("cannot write the records")
    }
}

fn name(stream: Stream) -> &'static str {
    match stream {
        Stream::ServicePrincipals => "logs/service-principal-sign-ins.ndjson",
        Stream::ManagedIdentities => "logs/managed-identity-sign-ins.ndjson",
        Stream::Audit => "logs/audit.ndjson",
        Stream::GraphActivity => "logs/graph-activity.ndjson",
        Stream::AzureActivity => "logs/azure-activity.ndjson",
        Stream::KeyVault => "logs/key-vault.ndjson",
        Stream::Code => "logs/github.ndjson",
        Stream::Inventory => "inventory.ndjson",
        Stream::Labels => "labels.ndjson",
    }
}
