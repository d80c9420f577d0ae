//! Device access on version 2, where it is a BPF program on the group instead
//! of a file. Without it, a container with `CAP_MKNOD` (Docker's default)
//! could open the machine's disks.
//!
//! The program is assembled here, from the same rules that version 1 writes.

use std::fs::File;
use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::path::Path;

use super::plan::{DEVICE_RULES, DeviceRule};

const BPF_PROG_LOAD: libc::c_long = 5;
const BPF_PROG_ATTACH: libc::c_long = 8;
const PROG_TYPE_CGROUP_DEVICE: u32 = 15;
const ATTACH_CGROUP_DEVICE: u32 = 6;
const ATTACH_ALLOW_MULTI: u32 = 2;

const DEVICE_BLOCK: i32 = 1;
const DEVICE_CHAR: i32 = 2;
const ACCESS_MKNOD: i32 = 1;

/// One instruction of the virtual machine, as the kernel lays it out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
struct Instruction {
    code: u8,
    registers: u8,
    offset: i16,
    immediate: i32,
}

const fn instruction(code: u8, dst: u8, src: u8, offset: i16, immediate: i32) -> Instruction {
    Instruction { code, registers: src << 4 | dst, offset, immediate }
}

/// Loads the 32-bit field at `offset` of the context (r1) into `dst`.
const fn load(dst: u8, offset: i16) -> Instruction {
    instruction(0x61, dst, 1, offset, 0)
}

/// Skips `by` instructions when `register` differs from `value` (32 bits).
const fn skip_unless(register: u8, value: i32, by: usize) -> Instruction {
    instruction(0x56, register, 0, by as i16, value)
}

/// Ends the program with `value`: 1 allows, 0 denies.
const fn answer(value: i32) -> [Instruction; 2] {
    [instruction(0xb7, 0, 0, 0, value), instruction(0x95, 0, 0, 0, 0)]
}

/// r2 = kind of device, r3 = access asked, r4 = major, r5 = minor; then each
/// rule's tests, allowing where all hold; at the end, denial.
fn program() -> Vec<Instruction> {
    let mut program = vec![
        load(2, 0),
        instruction(0x54, 2, 0, 0, 0xffff),
        load(3, 0),
        instruction(0x74, 3, 0, 0, 16),
        load(4, 4),
        load(5, 8),
    ];
    for rule in &DEVICE_RULES {
        program.extend(rule_block(rule));
    }
    program.extend(answer(0));
    program
}

fn rule_block(rule: &DeviceRule) -> Vec<Instruction> {
    let kind = if rule.kind == 'b' { DEVICE_BLOCK } else { DEVICE_CHAR };
    let mut tests = vec![(2, kind)];
    if !rule.open {
        tests.push((3, ACCESS_MKNOD));
    }
    tests.extend(rule.major.map(|major| (4, major as i32)));
    tests.extend(rule.minor.map(|minor| (5, minor as i32)));
    let mut block = Vec::new();
    for (index, (register, value)) in tests.iter().enumerate() {
        let to_end = tests.len() - index - 1 + answer(1).len();
        block.push(skip_unless(*register, *value, to_end));
    }
    block.extend(answer(1));
    block
}

#[repr(C)]
#[derive(Default)]
struct LoadAttributes {
    kind: u32,
    instruction_count: u32,
    instructions: u64,
    license: u64,
    log_level: u32,
    log_size: u32,
    log_buffer: u64,
    kernel_version: u32,
    flags: u32,
}

#[repr(C)]
#[derive(Default)]
struct AttachAttributes {
    target: u32,
    program: u32,
    kind: u32,
    flags: u32,
}

/// Loads the program and attaches it to the group's directory; it stays for
/// as long as the group does.
pub(super) fn attach(group: &Path) -> io::Result<()> {
    let program = program();
    let load = LoadAttributes {
        kind: PROG_TYPE_CGROUP_DEVICE,
        instruction_count: program.len() as u32,
        instructions: program.as_ptr() as u64,
        license: c"Apache-2.0".as_ptr() as u64,
        ..LoadAttributes::default()
    };
    let loaded = bpf(BPF_PROG_LOAD, &load)?;
    // SAFETY: a successful load answers with a new file descriptor.
    let loaded = unsafe { OwnedFd::from_raw_fd(loaded as i32) };
    let group = File::open(group)?;
    let attach = AttachAttributes {
        target: group.as_raw_fd() as u32,
        program: loaded.as_raw_fd() as u32,
        kind: ATTACH_CGROUP_DEVICE,
        flags: ATTACH_ALLOW_MULTI,
    };
    bpf(BPF_PROG_ATTACH, &attach).map(drop)
}

fn bpf<T>(command: libc::c_long, attributes: &T) -> io::Result<libc::c_long> {
    // SAFETY: the attributes are a prefix of the kernel's union for this
    // command, of the size given, and what they point to outlives the call.
    let answer = unsafe { libc::syscall(libc::SYS_bpf, command, attributes, size_of::<T>()) };
    if answer < 0 { Err(io::Error::last_os_error()) } else { Ok(answer) }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::process::CommandExt;
    use std::process::Command;

    use super::*;

    /// Version 2's hierarchy on this machine, wherever it is.
    fn v2_root() -> Option<std::path::PathBuf> {
        let mountinfo = fs::read_to_string("/proc/self/mountinfo").unwrap();
        let line = mountinfo.lines().find(|line| line.contains(" - cgroup2 "))?;
        line.split(' ').nth(4).map(Into::into)
    }

    #[test]
    fn the_kernel_takes_the_program_and_holds_to_it() {
        let Some(root) = v2_root() else { return };
        let group = root.join(format!("neargate-test-devices-{}", std::process::id()));
        fs::create_dir(&group).unwrap();
        attach(&group).unwrap();
        let dir = tempfile::tempdir().unwrap();
        let script = "mknod disk b 1 0 && mknod kmsg c 1 11 && mknod zero c 1 5 || echo mknod
            head -c 1 disk 2>/dev/null && echo disk; head -c 0 kmsg && echo kmsg
            head -c 1 zero >/dev/null && echo zero; echo > /dev/null && echo null";
        let procs = group.join("cgroup.procs");
        let mut shell = Command::new("sh");
        shell.args(["-c", script]).current_dir(dir.path());
        // SAFETY: only writes a file between fork and exec, in a program
        // whose other threads hold no lock that this needs.
        unsafe { shell.pre_exec(move || fs::write(&procs, "0")) };
        let output = shell.output().unwrap();
        for _ in 0..100 {
            if fs::remove_dir(&group).is_ok() {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        assert!(!group.exists());
        assert_eq!(String::from_utf8_lossy(&output.stdout), "zero\nnull\n");
        assert!(String::from_utf8_lossy(&output.stderr).contains("kmsg"));
    }
}
