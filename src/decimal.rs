//! Decimal numbers whose digits are the answer.
//!
//! Comes in: the characters that a person wrote. Goes out: plain digits (exponents written out, trailing zeros kept) and
//! an order between them. Nothing passes through a float, so nothing is rounded on the way.

use std::cmp::Ordering;
use std::fmt;

/// A decimal number as it was written: `0.910` keeps its last zero.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decimal {
    negative: bool,
    /// Digits before the point, without leading zeros except a single one.
    whole: String,
    /// Digits after the point, as written.
    fraction: String,
}

/// Why characters are no decimal number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DecimalError {
    /// Not `-`, digits, a point, digits, and perhaps an exponent.
    Grammar,
    /// Zero has no sign.
    NegativeZero,
    /// Written out it has more digits than [`MAX_DIGITS`].
    TooLong,
}

/// Most digits of a number that is written out: enough for money, counts and measurements.
pub const MAX_DIGITS: usize = 40;

impl Decimal {
    /// Reads `-? digits (. digits)? ([eE] [+-]? digits)?` without leading zeros, as JSON writes numbers.
    ///
    /// # Errors
    /// Anything else, `-0`, and numbers that are too long when written out.
    pub fn parse(text: &str) -> Result<Self, DecimalError> {
        let (negative, rest) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let (mantissa, exponent) = match rest.find(['e', 'E']) {
            Some(at) => (&rest[..at], exponent(&rest[at + 1..])?),
            None => (rest, 0),
        };
        let (whole, fraction) = match mantissa.split_once('.') {
            Some((whole, fraction)) if is_digits(fraction) => (whole, fraction),
            Some(_) => return Err(DecimalError::Grammar),
            None => (mantissa, ""),
        };
        if !is_digits(whole) || (whole.len() > 1 && whole.starts_with('0')) {
            return Err(DecimalError::Grammar);
        }
        let number = Self { negative, whole: whole.to_owned(), fraction: fraction.to_owned() }.shifted(exponent)?;
        if negative && number.is_zero() {
            return Err(DecimalError::NegativeZero);
        }
        Ok(number)
    }

    /// Order by value: `0.91` and `0.910` are equal here, though not as answers.
    #[must_use]
    pub fn compare(&self, other: &Self) -> Ordering {
        let size = || {
            let by_whole = self.whole.len().cmp(&other.whole.len()).then_with(|| self.whole.cmp(&other.whole));
            by_whole.then_with(|| self.fraction.trim_end_matches('0').cmp(other.fraction.trim_end_matches('0')))
        };
        match (self.negative, other.negative) {
            (false, true) => Ordering::Greater,
            (true, false) => Ordering::Less,
            (false, false) => size(),
            (true, true) => size().reverse(),
        }
    }

    /// The same with so many digits after the point: the nearest, and of two equally near ones that with an even last
    /// digit. Zeros are added where there are fewer; `None` if that makes too many.
    #[must_use]
    pub fn rounded(&self, places: usize) -> Option<Self> {
        let mut digits: Vec<u8> = self.whole.bytes().chain(self.fraction.bytes()).collect();
        let keep = self.whole.len() + places;
        if keep > MAX_DIGITS {
            return None;
        }
        let rest = digits.split_off(keep.min(digits.len()));
        digits.resize(keep, b'0');
        let up = match rest.split_first() {
            Some((b'5', tail)) if tail.iter().all(|digit| *digit == b'0') => {
                digits.last().is_some_and(|last| last % 2 == 1)
            }
            Some((first, _)) => *first >= b'5',
            None => false,
        };
        let mut carry = up;
        for digit in digits.iter_mut().rev() {
            if carry {
                carry = *digit == b'9';
                *digit = if carry { b'0' } else { *digit + 1 };
            }
        }
        if carry {
            digits.insert(0, b'1');
        }
        let fraction = digits.split_off(digits.len() - places);
        let text = |digits: Vec<u8>| digits.into_iter().map(char::from).collect::<String>();
        let (whole, fraction) = (text(digits), text(fraction));
        let number = Self { negative: self.negative, whole, fraction };
        // What rounds to zero has no sign.
        let negative = number.negative && !number.is_zero();
        (number.whole.len() + number.fraction.len() <= MAX_DIGITS).then_some(Self { negative, ..number })
    }

    fn is_zero(&self) -> bool {
        self.whole.bytes().chain(self.fraction.bytes()).all(|digit| digit == b'0')
    }

    /// Moves the point to the right (or left, if negative) and writes the zeros that come into view.
    fn shifted(self, places: i64) -> Result<Self, DecimalError> {
        let (mut whole, mut fraction) = (self.whole, self.fraction);
        if places.unsigned_abs() > MAX_DIGITS as u64 {
            return Err(DecimalError::TooLong);
        }
        for _ in 0..places {
            whole.push(if fraction.is_empty() { '0' } else { fraction.remove(0) });
        }
        for _ in places..0 {
            fraction.insert(0, whole.pop().unwrap_or('0'));
        }
        let significant = whole.trim_start_matches('0');
        let whole = if significant.is_empty() { "0".to_owned() } else { significant.to_owned() };
        if whole.len() + fraction.len() > MAX_DIGITS {
            return Err(DecimalError::TooLong);
        }
        Ok(Self { negative: self.negative, whole, fraction })
    }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn exponent(text: &str) -> Result<i64, DecimalError> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if !is_digits(digits) {
        return Err(DecimalError::Grammar);
    }
    let size: i64 = digits.parse().map_err(|_| DecimalError::TooLong)?;
    Ok(if text.starts_with('-') { -size } else { size })
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.negative { "-" } else { "" };
        let point = if self.fraction.is_empty() { "" } else { "." };
        write!(f, "{sign}{}{point}{}", self.whole, self.fraction)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str) -> Result<String, DecimalError> {
        Decimal::parse(text).map(|number| number.to_string())
    }

    #[test]
    fn digits_stay_and_exponents_are_written_out() {
        for (written, digits) in [
            ("0.910", "0.910"),
            ("-12.50", "-12.50"),
            ("1e3", "1000"),
            ("1.50E1", "15.0"),
            ("1.5e-3", "0.0015"),
            ("12.5e-1", "1.25"),
            ("0", "0"),
            ("0.0e2", "0"),
        ] {
            assert_eq!(plain(written).as_deref(), Ok(digits), "{written}");
        }
    }

    #[test]
    fn rounding_is_half_to_even_on_digits() {
        for (written, places, rounded) in [
            ("0.9125", 3, "0.912"),
            ("0.9135", 3, "0.914"),
            ("0.91250000000000000001", 3, "0.913"),
            ("0.5", 0, "0"),
            ("1.5", 0, "2"),
            ("2.5", 0, "2"),
            ("9.996", 2, "10.00"),
            ("99.5", 0, "100"),
            ("0.9", 3, "0.900"),
            ("12", 1, "12.0"),
            ("-0.0004", 3, "0.000"),
            ("-1.25", 1, "-1.2"),
            ("1e-05", 4, "0.0000"),
            // The nearest double is 1.00499999999999989…, whose digits say otherwise.
            ("1.005", 2, "1.00"),
            ("1.015", 2, "1.02"),
        ] {
            let number = Decimal::parse(written).expect("a number");
            assert_eq!(number.rounded(places).map(|number| number.to_string()).as_deref(), Some(rounded), "{written}");
        }
        assert_eq!(Decimal::parse("1").expect("a number").rounded(40), None);
    }

    #[test]
    fn other_notations_are_refused() {
        for text in [
            "", "-", ".inf", "-.nan", "nan", "0x1F", "0o10", "1_000", "+1", "010", "1.", ".5", "1,5", "95 %", "1e", "٣",
        ] {
            assert_eq!(plain(text), Err(DecimalError::Grammar), "{text}");
        }
        assert_eq!(plain("-0"), Err(DecimalError::NegativeZero));
        assert_eq!(plain("-0.00"), Err(DecimalError::NegativeZero));
        assert_eq!(plain("1e999"), Err(DecimalError::TooLong));
        assert_eq!(plain("1e99999999999999999999"), Err(DecimalError::TooLong));
        assert_eq!(plain("1e-41"), Err(DecimalError::TooLong));
        assert_eq!(plain(&"9".repeat(41)), Err(DecimalError::TooLong));
    }

    #[test]
    fn order_is_by_value_and_exact() {
        let compare =
            |a: &str, b: &str| Decimal::parse(a).expect("a number").compare(&Decimal::parse(b).expect("a number"));
        assert_eq!(compare("0.91", "0.910"), Ordering::Equal);
        assert_eq!(compare("0.1", "0.09"), Ordering::Greater);
        assert_eq!(compare("9", "10"), Ordering::Less);
        assert_eq!(compare("-2", "-10"), Ordering::Greater);
        assert_eq!(compare("-1", "0"), Ordering::Less);
        // The two are one IEEE double.
        assert_eq!(compare("0.10000000000000000001", "0.1"), Ordering::Greater);
    }
}
