//! The order of events: by timestamp, then by arrival. A position is either an
//! event's own or the gap behind it, and its decimal form is what AWS's event
//! ids look like: the timestamp times 2^144, so that ids of this century have
//! 56 digits and sort as text.

/// Where an event is, or the gap just behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Position {
    pub timestamp_ms: i64,
    pub sequence: u64,
    pub behind: bool,
}

/// A 192-bit number, sixteen bits a limb, the least first.
type Limbs = [u16; 12];

const DIGITS: usize = 56;
/// The limbs of the sequence: bits 80 to 143.
const SEQUENCE_LIMB: usize = 5;
/// The limbs of the timestamp: bits 144 to 191.
const TIMESTAMP_LIMB: usize = 9;

impl Position {
    /// Of an event.
    pub fn of(timestamp_ms: i64, sequence: u64) -> Self {
        Position { timestamp_ms, sequence, behind: false }
    }

    /// Before every event at or after this time.
    pub fn before(timestamp_ms: i64) -> Self {
        Position::of(timestamp_ms.max(0), 0)
    }

    /// The gap behind this event.
    pub fn behind(self) -> Self {
        Position { behind: true, ..self }
    }

    /// 56 decimal digits.
    pub fn digits(self) -> String {
        let mut limbs: Limbs = [0; 12];
        let timestamp = self.timestamp_ms.max(0) as u64;
        for n in 0..3 {
            limbs[TIMESTAMP_LIMB + n] = (timestamp >> (16 * n)) as u16;
        }
        for n in 0..4 {
            limbs[SEQUENCE_LIMB + n] = (self.sequence >> (16 * n)) as u16;
        }
        limbs[0] = u16::from(self.behind);
        let mut digits = Vec::with_capacity(DIGITS + 2);
        while limbs != [0; 12] || digits.len() < DIGITS {
            digits.push(b'0' + divide_by_ten(&mut limbs));
        }
        digits.iter().rev().map(|digit| char::from(*digit)).collect()
    }

    /// Reads what [`digits`](Self::digits) wrote.
    pub fn parse(digits: &str) -> Option<Self> {
        if !(DIGITS..=DIGITS + 2).contains(&digits.len()) {
            return None;
        }
        let mut limbs: Limbs = [0; 12];
        for digit in digits.bytes() {
            let digit = digit.is_ascii_digit().then(|| digit - b'0')?;
            multiply_by_ten_and_add(&mut limbs, digit)?;
        }
        let number = |limbs: &[u16]| limbs.iter().rev().fold(0, |n, l| n << 16 | u64::from(*l));
        let position = Position {
            timestamp_ms: number(&limbs[TIMESTAMP_LIMB..]) as i64,
            sequence: number(&limbs[SEQUENCE_LIMB..TIMESTAMP_LIMB]),
            behind: limbs[0] == 1,
        };
        (limbs[0] <= 1 && limbs[1..SEQUENCE_LIMB] == [0; 4]).then_some(position)
    }
}

/// When the event of this id has happened, in milliseconds; `None` for what is no event's id.
pub fn time_of_id(id: &str) -> Option<i64> {
    Position::parse(id).filter(|position| !position.behind).map(|position| position.timestamp_ms)
}

/// Divides in place, and gives the remainder.
fn divide_by_ten(limbs: &mut Limbs) -> u8 {
    let mut rest: u32 = 0;
    for limb in limbs.iter_mut().rev() {
        let part = rest << 16 | u32::from(*limb);
        *limb = (part / 10) as u16;
        rest = part % 10;
    }
    rest as u8
}

/// `None` when the result needs more than 192 bits.
fn multiply_by_ten_and_add(limbs: &mut Limbs, digit: u8) -> Option<()> {
    let mut carry = u32::from(digit);
    for limb in limbs.iter_mut() {
        let part = u32::from(*limb) * 10 + carry;
        *limb = part as u16;
        carry = part >> 16;
    }
    (carry == 0).then_some(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ids_look_as_those_of_aws() {
        // 1700000000000 << 144, computed elsewhere.
        let id = Position::of(1_700_000_000_000, 0).digits();
        assert_eq!(id, "37911266837502059340610721063502214560166707200000000000");
        assert_eq!(Position::of(0, 1).digits().len(), 56);
        assert_eq!(Position::parse("12"), None);
        assert_eq!(Position::parse(&"9".repeat(56)), None);
        assert_eq!(Position::parse(&"9".repeat(58)), None);
        assert_eq!(Position::parse(&"x".repeat(56)), None);
    }

    fn position() -> impl Strategy<Value = Position> {
        (0..4_000_000_000_000i64, any::<u64>(), any::<bool>()).prop_map(
            |(timestamp_ms, sequence, behind)| Position { timestamp_ms, sequence, behind },
        )
    }

    proptest! {
        #[test]
        fn digits_read_back_and_sort(a in position(), b in position()) {
            prop_assert_eq!(Position::parse(&a.digits()), Some(a));
            prop_assert_eq!(a.digits().len(), 56);
            prop_assert_eq!(a.cmp(&b), a.digits().cmp(&b.digits()));
        }
    }
}
