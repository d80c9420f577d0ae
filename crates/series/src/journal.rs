//! What was put and is in no block of the database yet: files of records, each with its length and
//! checksum, that are only ever appended to.
//!
//! A checkpoint begins a new file, and deletes the older ones when their values are in the
//! database. Every record has a number, and the database knows up to which it has them: a crash
//! in between makes no value count twice. A record that the crash cut short ends its file.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// See the module.
pub struct Journal {
    dir: PathBuf,
    file: File,
    number: u64,
    /// Bytes in the file that is appended to.
    length: u64,
    /// The number of the next record.
    next: u64,
}

/// A record as it was written.
pub struct Record {
    pub number: u64,
    pub body: Vec<u8>,
}

impl Journal {
    /// Opens the journal in `dir`, gives its records to `replay`, and goes on after the last one
    /// (or after `covered`, the last that is in the database).
    pub fn open(dir: &Path, covered: u64, mut replay: impl FnMut(Record)) -> io::Result<Self> {
        let mut next = covered + 1;
        let mut number = 0;
        for own in numbers(dir)? {
            number = own;
            for record in records(&fs::read(path(dir, own))?) {
                next = next.max(record.number + 1);
                replay(record);
            }
        }
        number += 1;
        let file = OpenOptions::new().create(true).append(true).open(path(dir, number))?;
        Ok(Journal { dir: dir.to_owned(), file, number, length: 0, next })
    }

    /// Writes a record: when this returns, it survives the end of the process.
    pub fn append(&mut self, body: &[u8]) -> io::Result<()> {
        let mut record = Vec::with_capacity(body.len() + 16);
        record.extend_from_slice(&((body.len() + 8) as u32).to_le_bytes());
        record.extend_from_slice(&[0; 4]);
        record.extend_from_slice(&self.next.to_le_bytes());
        record.extend_from_slice(body);
        let sum = crc32fast::hash(&record[8..]);
        record[4..8].copy_from_slice(&sum.to_le_bytes());
        if let Err(error) = self.file.write_all(&record) {
            // What was written of it must not stand before what comes next.
            let _ = self.file.set_len(self.length);
            return Err(error);
        }
        self.length += record.len() as u64;
        self.next += 1;
        Ok(())
    }

    /// Bytes since the last checkpoint.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// Begins a new file; gives the number of the last record before it.
    pub fn turn(&mut self) -> io::Result<u64> {
        let number = self.number + 1;
        self.file = OpenOptions::new().create(true).append(true).open(path(&self.dir, number))?;
        self.number = number;
        self.length = 0;
        Ok(self.next - 1)
    }

    /// Deletes the files before the one that is appended to.
    pub fn forget(&self) -> io::Result<()> {
        for number in numbers(&self.dir)?.into_iter().filter(|number| *number < self.number) {
            fs::remove_file(path(&self.dir, number))?;
        }
        Ok(())
    }
}

fn path(dir: &Path, number: u64) -> PathBuf {
    dir.join(format!("{number:010}.journal"))
}

/// The numbers of the files that are there, the oldest first.
fn numbers(dir: &Path) -> io::Result<Vec<u64>> {
    let mut numbers = Vec::new();
    for entry in fs::read_dir(dir)? {
        let name = entry?.file_name();
        let number = name.to_str().and_then(|name| name.strip_suffix(".journal"));
        numbers.extend(number.and_then(|number| number.parse::<u64>().ok()));
    }
    numbers.sort_unstable();
    Ok(numbers)
}

fn records(mut bytes: &[u8]) -> Vec<Record> {
    let mut records = Vec::new();
    while let Some((record, rest)) = first(bytes) {
        records.push(record);
        bytes = rest;
    }
    records
}

fn first(bytes: &[u8]) -> Option<(Record, &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    let (sum, rest) = rest.split_first_chunk::<4>()?;
    let (payload, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
    if crc32fast::hash(payload) != u32::from_le_bytes(*sum) {
        return None;
    }
    let (number, body) = payload.split_first_chunk::<8>()?;
    Some((Record { number: u64::from_le_bytes(*number), body: body.to_vec() }, rest))
}
