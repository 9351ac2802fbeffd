//! Files of the system that say they are empty and may keep a reader waiting.

use std::fs::File;
use std::io::{self, Read};

/// A file from which nothing may come, like the kernel's messages in `/proc`: each read waits a second at most.
pub struct PatientFile(pub File);

impl Read for PatientFile {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        #[cfg(unix)]
        {
            use rustix::event::{PollFd, PollFlags, Timespec, poll};
            let second = Timespec { tv_sec: 1, tv_nsec: 0 };
            if poll(&mut [PollFd::new(&self.0, PollFlags::IN)], Some(&second))? == 0 {
                return Err(io::Error::other("nothing more comes from it, and it does not end"));
            }
        }
        self.0.read(into)
    }
}

#[cfg(test)]
mod tests {
    #[cfg(unix)]
    use super::*;

    #[cfg(unix)]
    #[test]
    fn what_nothing_comes_from_is_not_waited_for() {
        let (reader, mut writer) = io::pipe().unwrap();
        let mut file = PatientFile(File::from(std::os::fd::OwnedFd::from(reader)));
        let mut into = [0; 4];
        io::Write::write_all(&mut writer, b"text").unwrap();
        assert_eq!(file.read(&mut into).unwrap(), 4);
        assert_eq!(file.read(&mut into).unwrap_err().kind(), io::ErrorKind::Other);
        drop(writer);
        assert_eq!(file.read(&mut into).unwrap(), 0);
    }
}
