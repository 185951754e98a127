//! `2^-x` by basic operations only, so that every machine gets the same bits.

/// `2^-x` for `x >= 0`; exact for whole numbers, within 1e-12 elsewhere.
pub(super) fn half_to_the(x: f64) -> f64 {
    if !x.is_finite() || x >= 1_000.0 {
        return 0.0;
    }
    let x = x.max(0.0);
    let whole = x.floor();
    let exponent = -(x - whole) * std::f64::consts::LN_2;
    // Taylor series of e^exponent; exponent lies in (-ln 2, 0], 18 terms reach the limit of f64.
    let mut term = 1.0;
    let mut sum = 1.0;
    for n in 1..=18 {
        term *= exponent / f64::from(n);
        sum += term;
    }
    sum / f64::powi(2.0, whole as i32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_the_library() {
        for i in 0..2_000 {
            let x = f64::from(i) / 37.0;
            assert!((half_to_the(x) - (-x).exp2()).abs() < 1e-12, "{x}");
        }
        assert!((half_to_the(3.0) - 0.125).abs() < f64::EPSILON);
        assert!(half_to_the(f64::INFINITY) <= 0.0);
    }
}
