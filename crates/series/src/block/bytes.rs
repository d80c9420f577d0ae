//! Numbers as few bytes: variable-length integers, and doubles by what differs.

/// A double is a byte that says how many of its leading and trailing bytes are those of the one
/// before, and the bytes between; or, with the high bit, how many times the one before repeats.
pub struct Doubles;

const REPEATS: u8 = 0x80;

impl Doubles {
    pub fn write(out: &mut Vec<u8>, values: impl Iterator<Item = f64>) {
        let mut before = 0_u64;
        let mut repeats = 0_u8;
        for value in values {
            let bits = value.to_bits();
            let differs = bits ^ before;
            if differs == 0 {
                repeats += 1;
                if repeats == 127 {
                    out.push(REPEATS | repeats);
                    repeats = 0;
                }
                continue;
            }
            if repeats > 0 {
                out.push(REPEATS | repeats);
                repeats = 0;
            }
            let leading = (differs.leading_zeros() / 8) as u8;
            let trailing = (differs.trailing_zeros() / 8) as u8;
            out.push(leading << 3 | trailing);
            let bytes = differs.to_be_bytes();
            out.extend_from_slice(&bytes[usize::from(leading)..usize::from(8 - trailing)]);
            before = bits;
        }
        if repeats > 0 {
            out.push(REPEATS | repeats);
        }
    }

    pub fn read(from: &mut Reader, count: usize) -> Option<Vec<f64>> {
        let mut values = Vec::new();
        let mut before = 0_u64;
        while values.len() < count {
            let head = from.byte()?;
            if head & REPEATS != 0 {
                let repeats = usize::from(head & !REPEATS).min(count - values.len());
                values.extend(std::iter::repeat_n(f64::from_bits(before), repeats));
                continue;
            }
            let (leading, trailing) = (usize::from(head >> 3), usize::from(head & 7));
            let length = 8_usize.checked_sub(leading + trailing)?;
            let mut bytes = [0; 8];
            bytes[leading..leading + length].copy_from_slice(from.take(length)?);
            before ^= u64::from_be_bytes(bytes);
            values.push(f64::from_bits(before));
        }
        Some(values)
    }
}

/// Seven bits a byte, the lowest first.
pub fn put_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Reads what may end early.
pub struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Reader { rest: bytes }
    }

    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    pub fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*first)
    }

    pub fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(count)?;
        self.rest = rest;
        Some(taken)
    }

    pub fn varint(&mut self) -> Option<u64> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }
}
