//! Places, rules and indicators of the operator: opened at start, taken up anew when their files change.

use crate::config::Config;
use crate::decode::{Decoder, MarkHolder};
use crate::folder;
use crate::geo::Geography;
use crate::intelligence::Indicators;
use crate::sigma::Rules;
use crate::telemetry::{Metrics, Reload};
use compact_str::CompactString;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, SystemTime};

/// How often the files are looked at.
const INTERVAL: Duration = Duration::from_secs(2);

/// What marks records.
#[derive(Debug, Clone)]
pub(super) struct Marks {
    rules: Arc<Rules>,
    indicators: Arc<Indicators>,
    geography: Option<Arc<Geography>>,
}

impl Marks {
    /// Opens places, rules and indicators; what can't be used of them is logged with its place.
    pub(super) fn open(config: &Config) -> anyhow::Result<Self> {
        let rules = Rules::open(config.rules.clone())?;
        for refusal in rules.refused() {
            tracing::warn!(%refusal, "a rule is not used");
        }
        let loaded = rules.current();
        let is_loaded = |rule: &&CompactString| loaded.rules().iter().any(|known| known.id == **rule);
        for rule in config.expected.rules().filter(|rule| !is_loaded(rule)) {
            tracing::warn!(%rule, "an expected change names a rule that is not loaded");
        }
        let (indicators, complaints) = Indicators::open(config.indicator_files.clone());
        for complaint in complaints {
            tracing::warn!(%complaint, "an indicator is not used");
        }
        let files = Some(config.geo_files.clone()).filter(|files| !files.is_empty());
        let geography = files.map(Geography::open).transpose()?.map(Arc::new);
        Ok(Self { rules: Arc::new(rules), indicators: Arc::new(indicators), geography })
    }

    /// Decodes as configured, and marks for the detectors that are not off.
    pub(super) fn decoder(&self, config: &Config) -> Decoder {
        let found: [(&str, Arc<dyn MarkHolder>); 2] = [
            ("sigmaRuleMatch", Arc::clone(&self.rules) as _),
            ("investigationsThreatIntelligence", Arc::clone(&self.indicators) as _),
        ];
        let wanted = found.into_iter().filter(|(detector, _)| !config.modes.is_off(detector));
        // Places first: an indicator may be an autonomous system.
        let places = self.geography.iter().map(|places| Arc::clone(places) as Arc<dyn MarkHolder>);
        let marks = places.chain(wanted.map(|(_, holder)| holder)).collect();
        Decoder { context: super::engine::decode_context(config), marks }
    }

    /// Takes up changes of the files until the watcher is dropped.
    pub(super) fn watch(&self, metrics: &Metrics) -> std::io::Result<Watcher> {
        let stop = Arc::new(AtomicBool::new(false));
        let (marks, metrics, stopped) = (self.clone(), metrics.clone(), Arc::clone(&stop));
        // What changes between opening and the first look is seen as changed.
        let mut rules = stamps(&marks.rules.paths());
        let mut indicators = stamps(marks.indicators.paths());
        let mut places = stamps(marks.place_files());
        let thread = std::thread::Builder::new().name("watch".to_owned()).spawn(move || {
            while !stopped.load(Ordering::Acquire) {
                std::thread::park_timeout(INTERVAL);
                if renew(&mut rules, &marks.rules.paths()) {
                    metrics.reloaded("rules", marks.reload_rules());
                }
                if renew(&mut indicators, marks.indicators.paths()) {
                    metrics.reloaded("indicators", marks.reload_indicators());
                }
                if renew(&mut places, marks.place_files()) {
                    metrics.reloaded("places", marks.reload_places());
                }
            }
        })?;
        Ok(Watcher { stop, thread: Some(thread) })
    }

    fn place_files(&self) -> &[PathBuf] {
        self.geography.as_deref().map_or(&[], Geography::files)
    }

    fn reload_rules(&self) -> Reload {
        match self.rules.reload() {
            Ok(rules) => tracing::info!(rules, "rules were taken up anew"),
            Err(error) => {
                tracing::error!(%error, "changed rules are not taken up; the old ones stay in use");
                return Reload::Refused;
            }
        }
        Reload::Taken
    }

    fn reload_indicators(&self) -> Reload {
        match self.indicators.reload() {
            Ok((indicators, complaints)) => {
                tracing::info!(indicators, refused = complaints.len(), "indicators were taken up anew");
            }
            Err(error) => {
                tracing::error!(%error, "changed indicators are not taken up; the old ones stay in use");
                return Reload::Refused;
            }
        }
        Reload::Taken
    }

    fn reload_places(&self) -> Reload {
        if let Some(Err(error)) = self.geography.as_ref().map(|geography| geography.reload()) {
            tracing::error!(%error, "changed files of places are not taken up; what they said before stays in use");
            return Reload::Refused;
        }
        tracing::info!("files of places were taken up anew");
        Reload::Taken
    }
}

/// Files with what tells that they changed.
type Stamps = BTreeMap<PathBuf, (Option<SystemTime>, u64)>;

fn stamps(paths: &[PathBuf]) -> Stamps {
    let files = paths.iter().flat_map(|path| folder::files(path)).filter_map(Result::ok);
    let stamp = |file: &Path| std::fs::metadata(file).map_or((None, 0), |about| (about.modified().ok(), about.len()));
    files.map(|file| (file.clone(), stamp(&file))).collect()
}

fn renew(known: &mut Stamps, paths: &[PathBuf]) -> bool {
    let now = stamps(paths);
    let changed = now != *known;
    *known = now;
    changed
}

/// Watches until it is dropped.
#[derive(Debug)]
pub(super) struct Watcher {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Watcher {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Release);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            drop(thread.join());
        }
    }
}
