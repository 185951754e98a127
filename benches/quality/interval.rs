//! Shares with their intervals.

/// So many of so many.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Share {
    pub(crate) hits: u32,
    pub(crate) of: u32,
}

impl Share {
    /// Counts one.
    pub(crate) fn count(&mut self, hit: bool) {
        self.hits += u32::from(hit);
        self.of += 1;
    }

    /// The share.
    pub(crate) fn value(self) -> f64 {
        f64::from(self.hits) / f64::from(self.of.max(1))
    }

    /// The interval that holds the true share 95 times in 100 (Wilson, 1927: sound for few cases and near 0 and 1).
    pub(crate) fn interval(self) -> (f64, f64) {
        const Z: f64 = 1.96;
        let (share, of) = (self.value(), f64::from(self.of.max(1)));
        let middle = share + Z * Z / (2.0 * of);
        let half = Z * (share * (1.0 - share) / of + Z * Z / (4.0 * of * of)).sqrt();
        let scale = 1.0 + Z * Z / of;
        (((middle - half) / scale).max(0.0), ((middle + half) / scale).min(1.0))
    }
}

impl std::fmt::Display for Share {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.of == 0 {
            return f.pad("–");
        }
        let (low, high) = self.interval();
        let (value, low, high) = (100.0 * self.value(), 100.0 * low, 100.0 * high);
        f.pad(&format!("{value:5.1} % ({low:.1} to {high:.1}; {} of {})", self.hits, self.of))
    }
}
