//! Memory and processor time of this process, from `/proc`.

use std::fs;
use std::time::Duration;

/// The kernel counts processor time in ticks of `USER_HZ`, which its interface fixes at 100 per second.
const TICK: Duration = Duration::from_millis(10);

/// Memory and processor time of a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Process {
    /// Resident memory now.
    pub resident_bytes: u64,
    /// The peak of resident memory.
    pub resident_peak_bytes: u64,
    /// Processor time of all threads, in the program and in the kernel.
    pub cpu: Duration,
}

impl Process {
    /// Reads the values of this process; none if the system has no `/proc`.
    pub fn read() -> Option<Self> {
        Self::parse(&fs::read_to_string("/proc/self/status").ok()?, &fs::read_to_string("/proc/self/stat").ok()?)
    }

    fn parse(status: &str, stat: &str) -> Option<Self> {
        let bytes = |name: &str| {
            let kilobytes = status.lines().find_map(|line| line.strip_prefix(name))?.trim().strip_suffix(" kB")?;
            Some(kilobytes.parse::<u64>().ok()? * 1024)
        };
        // The second field is the program's name in parentheses, which may contain any character. After it, the twelfth
        // and the thirteenth field are the ticks in the program and in the kernel.
        let (_, fields) = stat.rsplit_once(") ")?;
        let ticks: Vec<u32> = fields.split(' ').skip(11).take(2).filter_map(|field| field.parse().ok()).collect();
        Some(Self {
            resident_bytes: bytes("VmRSS:")?,
            resident_peak_bytes: bytes("VmHWM:")?,
            cpu: TICK * ticks.iter().sum::<u32>(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_name_with_spaces_and_parentheses_is_parsed() {
        let stat = "7 (a) b 1 2) S 1 7 7 0 -1 4194304 90 0 0 0 250 50 0 0 20 0 4 0 89";
        let status = "Name:\ta\nVmHWM:\t    2048 kB\nVmRSS:\t    1024 kB\n";
        let expected = Process { resident_bytes: 1 << 20, resident_peak_bytes: 2 << 20, cpu: Duration::from_secs(3) };
        assert_eq!(Process::parse(status, stat), Some(expected));
    }

    #[test]
    fn an_unknown_format_gives_no_values() {
        assert_eq!(Process::parse("", ""), None);
        assert_eq!(Process::parse("VmRSS: many kB", "7 (a) S"), None);
    }
}
